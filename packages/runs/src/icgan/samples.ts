/** What an IcGAN makes while it is trained. */
import { join } from 'node:path';
import { writeFileAtomic, type AttributeCode } from '@janus/core';
import { imageRows } from '@janus/figures';
import {
  drawnImages,
  icGenerator,
  invertingGenerator,
  readLabels,
  signedLabels,
  translateToLabels,
  type IcGan,
} from '@janus/models';
import { numbersToHave, type WantedClass } from '../attributes/attribute-codes.js';
import type { WatchedFaces } from '../attributes/coded-data.js';
import { eachImage } from '../cyclegan/samples.js';

/** Side of an image on a sheet in pixels. */
const CELL = 96;

/** Returns faces with some classes set, one list after the other: uint8 [N, size, size, 3] each. */
type Making = (wanted: readonly (readonly WantedClass[])[]) => Promise<readonly Uint8Array[]>;

/** What is watched, and what its numbers mean. */
interface Watched {
  readonly watched: WatchedFaces;
  readonly codes: readonly AttributeCode[];
  /** Whether the encoders have begun to learn. */
  readonly inverts: boolean;
}

/**
 * Writes `samples/step-<n>.png` into a run's folder: the images, below them their reconstructions, and a row for each class
 * of an attribute, which they are to have. Before the encoders have begun, faces are drawn instead, with the same latent
 * numbers on every sheet and the labels of the images.
 */
export async function writeIcSamples(folder: string, ic: IcGan, given: Watched): Promise<void> {
  const { watched, codes, inverts } = given;
  const { images, size } = watched;
  const { step } = ic.progress;
  const changes = codes.flatMap(({ column, classes }, code) =>
    classes.map(({ title }, chosen) => ({ label: `${column}\n${title}`, code, chosen })),
  );
  const labels = [inverts ? 'reconstruction' : 'drawn', ...changes.map(({ label }) => label)];
  const make = inverts ? inverted(ic, given) : drawn(ic, given);
  const made = await make([[], ...changes.map(({ code, chosen }) => [{ code, chosen }])]);
  const rows = made.map((row, i) => ({ label: labels[i] ?? '', images: eachImage(row, size) }));
  await writeFileAtomic(
    join(folder, 'samples', `step-${String(step).padStart(6, '0')}.png`),
    await imageRows({
      rows: [{ label: 'original', images: eachImage(images, size) }, ...rows],
      ...{ title: `After ${step} updates`, cellSize: CELL },
    }),
  );
}

/** Makes faces of latent numbers that are drawn, with the labels of the images. */
function drawn(ic: IcGan, { watched, codes }: Watched): Making {
  const { images, labels, size } = watched;
  const count = images.length / (size * size * 3);
  // What an image has is 0 or 1, which its sign then says.
  const own = signedLabels(labels);
  return (wanted) =>
    Promise.all(
      wanted.map((classes) =>
        drawnImages(icGenerator(ic), {
          ...{ count, seed: ic.options.seed },
          labels: signedLabels(numbersToHave(codes, own, classes)),
        }),
      ),
    );
}

/** Makes faces of what the encoders tell of the images. */
function inverted(ic: IcGan, { watched, codes }: Watched): Making {
  const { images, size } = watched;
  const { Ez, Ey } = ic.networks;
  const { precision } = ic.options;
  return async (wanted) => {
    const told = await readLabels(Ey, { images, height: size, width: size }, size);
    const labels = wanted.map((classes) => signedLabels(numbersToHave(codes, told, classes)));
    // All at once: each call compiles the networks.
    const made = await translateToLabels(
      invertingGenerator(icGenerator(ic), Ez),
      {
        ...{ height: size, width: size, images: Buffer.concat(wanted.map(() => images)) },
        labels: Float32Array.from(labels.flatMap((each) => [...each])),
      },
      { precision },
    );
    const each = images.length;
    return wanted.map((_, i) => made.subarray(i * each, (i + 1) * each));
  };
}
