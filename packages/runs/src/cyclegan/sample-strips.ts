/** How the watched images changed while a CycleGAN was trained. */
import { join } from 'node:path';
import { countText, evenly, writeFileAtomic } from '@janus/core';
import { animation, imageRows, translationGrid } from '@janus/figures';
import { eachImage, readSamples, type Sample, type WatchedImages } from './samples.js';

/** Rows of a strip below the originals. */
const ROWS = 8;
/** Side of an image in pixels. */
const CELL = 96;
/** Frames of an animation. */
const FRAMES = 40;

/**
 * Writes, from the samples that a run's folder has, `samples/strip.png` (originals, and below them the fakes after some
 * updates) and `samples/strip.webp` (the same in motion), and both as `strip-back` of the other direction. Fewer than two
 * samples make none.
 *
 * @param upTo updates of the last sample that counts
 * @returns the paths of the files
 */
export async function writeSampleStrips(
  folder: string,
  watched: WatchedImages,
  upTo?: number,
): Promise<readonly string[]> {
  const samples = await readSamples(folder, upTo === undefined ? {} : { upTo });
  if (samples.length < 2) return [];
  const { imagesX, imagesY, size, width, titles } = watched;
  const { x, y } = titles;
  const ways = [
    { name: 'strip', title: `${x} to ${y}`, originals: imagesX, of: ({ fakeY }: Sample) => fakeY },
    {
      ...{ name: 'strip-back', title: `${y} to ${x}`, originals: imagesY },
      of: ({ fakeX }: Sample) => fakeX,
    },
  ];
  const paths: string[] = [];
  for (const { name, title, originals, of } of ways) {
    const fakes = samples.flatMap((sample) => {
      const pixels = of(sample);
      const label = countText(sample.step);
      return pixels === undefined ? [] : [{ label, images: eachImage(pixels, size, width) }];
    });
    if (fakes.length < 2) continue;
    const original = { label: 'original', images: eachImage(originals, size, width) };
    const path = join(folder, 'samples', name);
    await writeFileAtomic(
      `${path}.png`,
      await translationGrid({
        originals: original.images,
        stages: fakes.map(({ label, images }) => ({ label, fakes: images })),
        ...{ title: `${title}, after this many updates`, most: ROWS, cellSize: CELL },
      }),
    );
    const frames = await Promise.all(
      evenly(fakes, FRAMES).map(({ label, images }) =>
        imageRows({
          rows: [original, { label: 'fake', images }],
          ...{ title: `${title}, after ${label} updates`, cellSize: CELL },
        }),
      ),
    );
    await writeFileAtomic(`${path}.webp`, await animation({ frames }));
    paths.push(`${path}.png`, `${path}.webp`);
  }
  return paths;
}
