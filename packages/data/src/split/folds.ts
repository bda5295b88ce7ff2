/** Cross-validation over the folds that `splitDataset` made. */

import { OptionsError } from '@janus/core';
import type { Dataset } from '../manifest/dataset.js';
import { manifestHash } from '../manifest/manifest.js';
import { foldsOf } from './split-options.js';
import { partInFold } from './split-parts.js';
import { FOLD_COLUMN } from './split-write.js';

/**
 * Returns a data set with the splits of one run of a cross-validation: the rows of fold `run` are test, those of the
 * next fold (after the last, the first) validation, all others train. Over all runs, every row is tested once. The
 * hash of the data set differs for each run.
 *
 * @param run a whole number from 0 to the number of folds - 1
 * @throws OptionsError when the data set has no folds, or no fold `run`
 */
export function datasetOfFold(dataset: Dataset, run: number): Dataset {
  const folds = foldsOf(dataset.record);
  if (folds === 0) {
    throw new OptionsError(
      `${dataset.folder}: a fold can be chosen only from a data set with folds, but this one has none. Run \`janus data split ${dataset.folder} --folds 5\`.`,
    );
  }
  if (!Number.isInteger(run) || run < 0 || run >= folds) {
    throw new OptionsError(
      `${dataset.folder}: fold must be a whole number from 0 to ${folds - 1}, but got ${run}. Choose one of them.`,
    );
  }
  const rows = dataset.rows.map((row) => {
    const fold = row.labels[FOLD_COLUMN];
    return row.status === 'kept' && typeof fold === 'number'
      ? { ...row, split: partInFold(fold, run, folds) }
      : row;
  });
  return { ...dataset, rows, hash: manifestHash(rows) };
}
