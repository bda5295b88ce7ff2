/** How accuracy falls on images that were made darker, blurred, small, or were compressed. */
import {
  accuracyOf,
  permutationOf,
  streamOf,
  type Reporter,
  type RobustnessRecord,
} from '@janus/core';
import { changeImages, IMAGE_CHANGES } from '@janus/images';
import { argMax, type SquareImages } from '@janus/models';
import { decodeItems } from '../item-images.js';
import type { MeasuredItem } from './measured-items.js';

/** Images that are changed in all ways unless more are asked for: an interval of about 5 points at 80 %. */
export const ROBUSTNESS_IMAGES = 300;

/** What a robustness measure needs. */
export interface RobustnessOptions {
  readonly items: readonly MeasuredItem[];
  /** Side of the images in pixels. */
  readonly size: number;
  readonly folder: string;
  /** Images that are changed, drawn by a fixed seed. */
  readonly most: number;
  readonly reporter: Reporter;
  /** Returns the logits of images. */
  readonly predict: (
    images: SquareImages,
    label: string,
  ) => Promise<readonly (readonly number[])[]>;
}

/**
 * Measures accuracy under each change of {@link IMAGE_CHANGES} at each of its strengths. Images are changed at the size that
 * the network takes.
 *
 * Source: Hendrycks and Dietterich 2019 (arXiv 1903.12261) for the idea; strengths are ours.
 */
export async function robustnessRecord(options: RobustnessOptions): Promise<RobustnessRecord> {
  const { size, folder, most, reporter, predict } = options;
  const items = drawn(options.items, most);
  const images = await decodeItems(items, { size, folder, reporter });
  const accuracy = async (changed: SquareImages, label: string) => {
    const logits = await predict(changed, label);
    return accuracyOf(
      items.map((item, i) => argMax(logits[i] ?? []) === item.label),
      items.map(({ cluster }) => cluster),
    );
  };
  const unchanged = await accuracy(images, 'unchanged');
  const rows: RobustnessRecord['rows'][number][] = [];
  for (const { change, strengths } of IMAGE_CHANGES) {
    for (const strength of strengths) {
      const pixels = await changeImages(images, { change, strength });
      const label = `${change} ${strength}`;
      rows.push({ change, strength, accuracy: await accuracy({ ...images, pixels }, label) });
    }
  }
  return { n: items.length, size, unchanged, rows };
}

/** Some images, the same in each evaluation, in the order of the data. */
function drawn(items: readonly MeasuredItem[], most: number): readonly MeasuredItem[] {
  if (items.length <= most) return items;
  const order = permutationOf(items.length, streamOf(1, 'robustness'));
  const chosen = new Set(Array.from(order).slice(0, most));
  return items.filter((_, i) => chosen.has(i));
}
