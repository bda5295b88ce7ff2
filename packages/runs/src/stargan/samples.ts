/** What a StarGAN makes of the first images while it is trained. */
import { join } from 'node:path';
import { writeFileAtomic, type AttributeCode } from '@janus/core';
import { imageRows } from '@janus/figures';
import { starGenerator, translateToLabels, type StarGan } from '@janus/models';
import { eachImage } from '../cyclegan/samples.js';
import { numbersToHave } from '../attributes/attribute-codes.js';
import type { WatchedFaces } from '../attributes/coded-data.js';

/** Side of an image on a sheet in pixels. */
const CELL = 96;

/**
 * Writes `samples/step-<n>.png` into a run's folder: the images, and below them what the generator makes of each where one
 * attribute is to have a class, a row for each class.
 */
export async function writeStarSamples(
  folder: string,
  star: StarGan,
  { watched, codes }: { readonly watched: WatchedFaces; readonly codes: readonly AttributeCode[] },
): Promise<void> {
  const { images, size, labels } = watched;
  const { precision } = star.options;
  const rows = [{ label: 'original', images: eachImage(images, size) }];
  for (const [code, { column, classes }] of codes.entries()) {
    for (const [chosen, { title }] of classes.entries()) {
      // What an image has is 0 or 1, which a threshold at one half tells apart.
      const signed = labels.map((value) => value - 0.5);
      const wanted = numbersToHave(codes, signed, [{ code, chosen }]);
      const input = { images, height: size, width: size, labels: wanted };
      const made = await translateToLabels(starGenerator(star), input, { precision });
      rows.push({ label: `${column}\n${title}`, images: eachImage(made, size) });
    }
  }
  const name = `step-${String(star.progress.step).padStart(6, '0')}.png`;
  await writeFileAtomic(
    join(folder, 'samples', name),
    await imageRows({ rows, title: `After ${star.progress.step} updates`, cellSize: CELL }),
  );
}
