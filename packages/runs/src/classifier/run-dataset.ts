/** The data set of a run: the parts that its fold gives it. */
import { OptionsError } from '@janus/core';
import { datasetOfFold, type Dataset } from '@janus/data';
import type { ClassifierRunOptions } from './options.js';

/**
 * Returns a data set with a run's fold as its parts; as it is where the run has none.
 *
 * @throws OptionsError when the data set has no such fold, or `folds` stand without `fold`
 */
export function runDataset(
  dataset: Dataset,
  { fold, folds, seed, target }: Pick<ClassifierRunOptions, 'fold' | 'folds' | 'seed' | 'target'>,
): Dataset {
  if (fold === undefined) {
    if (folds === undefined) return dataset;
    throw new OptionsError(
      `folds: a run needs the fold that it is tested on, but has none of ${folds}. Give it one, or train all of them with trainClassifierSeeds.`,
    );
  }
  if (folds === undefined) return datasetOfFold(dataset, fold);
  // The combinations of several targets would be too many to spread.
  const stratify = target.includes(',') ? [] : [target.split(':')[0] ?? target];
  return datasetOfFold(dataset, fold, { folds, seed, stratify });
}
