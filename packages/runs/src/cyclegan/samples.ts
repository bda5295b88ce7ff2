import { join } from 'node:path';
import { writeFileAtomic } from '@janus/core';
import { figureSix } from '@janus/figures';
import { firstImages, pixelsOf, type ImageSet } from '@janus/images';
import {
  sampleTranslations,
  samplingGenerators,
  type CycleGan,
  type SampleOptions,
} from '@janus/models';

/** Images of each domain on a sample sheet. */
const SAMPLES = 8;

/** Returns the first images of both domains: those whose translations are watched. */
export async function sampleImages(imagesX: ImageSet, imagesY: ImageSet): Promise<SampleOptions> {
  const { size } = imagesX;
  const first = async (set: ImageSet): Promise<Uint8Array> => {
    const some = firstImages(set, SAMPLES);
    return (await pixelsOf(some)).slice(0, some.ids.length * size * size * 3);
  };
  return { imagesX: await first(imagesX), imagesY: await first(imagesY), size };
}

/** Writes a sheet per direction into `samples/` of a run's folder. */
export async function writeSamples(
  folder: string,
  cyclegan: CycleGan,
  watched: SampleOptions & { readonly titles: { readonly x: string; readonly y: string } },
): Promise<void> {
  const { size, imagesX, imagesY, titles } = watched;
  const { precision } = cyclegan.options;
  const options = { size, imagesX, imagesY, precision };
  const { fakeY, fakeX } = await sampleTranslations(samplingGenerators(cyclegan), options);
  const step = String(cyclegan.progress.step).padStart(6, '0');
  const name = join(folder, 'samples', `step-${step}`);
  const { x, y } = titles;
  await writeFakes(`${name}.png`, {
    ...{ size, originals: imagesX, fakes: fakeY, title: `${x} to ${y}` },
  });
  await writeFakes(`${name}-back.png`, {
    ...{ size, originals: imagesY, fakes: fakeX, title: `${y} to ${x}` },
  });
}

/** What {@link writeFakes} draws: originals above, fakes below. */
export interface Fakes {
  /** Side in pixels. */
  readonly size: number;
  /** uint8 [N, size, size, 3]. */
  readonly originals: Uint8Array;
  /** uint8 [N, size, size, 3]. */
  readonly fakes: Uint8Array;
  readonly title: string;
  /** Text under each column; default none. */
  readonly captions?: readonly string[];
}

/** Draws the course paper's Figure 6. */
export async function writeFakes(file: string, options: Fakes): Promise<void> {
  const { size, originals, fakes, title, captions } = options;
  const images = (pixels: Uint8Array): Uint8Array[] =>
    Array.from({ length: pixels.length / (size * size * 3) }, (_, i) =>
      pixels.slice(i * size * size * 3, (i + 1) * size * size * 3),
    );
  await writeFileAtomic(
    file,
    await figureSix({
      originals: images(originals),
      fakes: images(fakes),
      title,
      ...(captions === undefined ? {} : { captions }),
    }),
  );
}
