/** A train split of fewer images. */
import { OptionsError, streamOf } from '@janus/core';
import { labelledItems, type Dataset, type LabelledItem } from '@janus/data';
import type { ClassifierRunOptions } from './options.js';
import { isPlain, targetsOf } from './tasks-targets.js';
import { imagesOfTargets } from './tasks.js';

/**
 * Returns a data set whose train split is a sample of `trainImages` images that have the target, with their shares of
 * its classes, but at least one image of each where it has that many; of images that have any of several targets, or a
 * number, whatever their values. The other images of the split are in none. The hash stays that of the whole. Without
 * `trainImages`, or where there are no more, the data set itself.
 *
 * @throws OptionsError when `trainImages` is not a whole number of at least 1, or there is no label column of a target's name
 */
export function sampledDataset(
  dataset: Dataset,
  { trainImages, target, seed }: Pick<ClassifierRunOptions, 'trainImages' | 'target' | 'seed'>,
): Dataset {
  if (trainImages === undefined) return dataset;
  if (!Number.isInteger(trainImages) || trainImages < 1) {
    throw new OptionsError(
      `train: trainImages must be a whole number of at least 1, but got ${trainImages}. Leave it out to train on all images.`,
    );
  }
  const items = itemsToSample(dataset, target);
  if (items.length <= trainImages) return dataset;
  const chosen = new Set(sampleOf(items, trainImages, seed));
  return {
    ...dataset,
    rows: dataset.rows.map((row) =>
      row.split === 'train' && !chosen.has(row.id) ? { ...row, split: null } : row,
    ),
  };
}

/** An image, and the class whose share the sample has. */
type SampledItem = Pick<LabelledItem, 'id' | 'label'>;

/** Returns the training images that have a target; those of several targets, or of a number, as a single class. */
function itemsToSample(dataset: Dataset, target: string): readonly SampledItem[] {
  const targets = targetsOf(dataset, target);
  if (isPlain(targets)) {
    return labelledItems(dataset, targets[0]?.column ?? target, { split: 'train' });
  }
  // The combinations of several targets would be too many to spread.
  return imagesOfTargets(dataset, target, { split: 'train' }).map(({ id }) => ({ id, label: 0 }));
}

/**
 * Returns the ids of a sample with the classes' shares: of each class, those that come first in an order drawn from
 * seed and id, so that neither the order of the rows nor other images matter, and samples of one seed are nested.
 */
function sampleOf(items: readonly SampledItem[], count: number, seed: number): readonly string[] {
  const classes = [...new Set(items.map(({ label }) => label))].sort((a, b) => a - b);
  const ranked = classes.flatMap((label) => {
    const own = items
      .filter((item) => item.label === label)
      .map(({ id }) => ({ id, draw: streamOf(seed, 'train-images', id).next() }))
      .sort((a, b) => a.draw - b.draw || (a.id < b.id ? -1 : 1));
    // The i-th of m images stands at (i + 1/2) / m of its class: the first ones of all hold each class's share. The first
    // image of each class comes before all others: without it a rare class could not be learned at all.
    return own.map(({ id }, i) => ({ id, label, place: i === 0 ? 0 : (i + 0.5) / own.length }));
  });
  return ranked
    .sort((a, b) => a.place - b.place || a.label - b.label)
    .slice(0, count)
    .map(({ id }) => id);
}
