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

/** Returns faces with some classes set: uint8 [N, size, size, 3]. */
type Making = (wanted: readonly WantedClass[]) => Promise<Uint8Array>;

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
  const make = inverts ? await inverted(ic, given) : drawn(ic, given);
  const row = async (label: string, wanted: readonly WantedClass[]) => ({
    ...{ label, images: eachImage(await make(wanted), size) },
  });
  const rows = [
    { label: 'original', images: eachImage(images, size) },
    await row(inverts ? 'reconstruction' : 'drawn', []),
  ];
  for (const [code, { column, classes }] of codes.entries()) {
    for (const [chosen, { title }] of classes.entries()) {
      rows.push(await row(`${column}\n${title}`, [{ code, chosen }]));
    }
  }
  await writeFileAtomic(
    join(folder, 'samples', `step-${String(step).padStart(6, '0')}.png`),
    await imageRows({ rows, title: `After ${step} updates`, cellSize: CELL }),
  );
}

/** Makes faces of latent numbers that are drawn, with the labels of the images. */
function drawn(ic: IcGan, { watched, codes }: Watched): Making {
  const { images, labels, size } = watched;
  const count = images.length / (size * size * 3);
  return async (wanted) =>
    await drawnImages(icGenerator(ic), {
      ...{ count, seed: ic.options.seed },
      // What an image has is 0 or 1, which is told apart by its sign.
      labels: signedLabels(numbersToHave(codes, signedLabels(labels), wanted)),
    });
}

/** Makes faces of what the encoders tell of the images. */
async function inverted(ic: IcGan, { watched, codes }: Watched): Promise<Making> {
  const { images, size } = watched;
  const input = { images, height: size, width: size };
  const { Ez, Ey } = ic.networks;
  const generator = invertingGenerator(icGenerator(ic), Ez);
  const told = await readLabels(Ey, input, size);
  const { precision } = ic.options;
  return async (wanted) => {
    const labels = signedLabels(numbersToHave(codes, told, wanted));
    return await translateToLabels(generator, { ...input, labels }, { precision });
  };
}
