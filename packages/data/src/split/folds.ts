/** Cross-validation over the folds that `splitDataset` dealt. */

import { OptionsError } from '@janus/core';
import type { Dataset } from '../manifest/dataset.js';
import { manifestHash } from '../manifest/manifest.js';
import { foldsOf } from './split-options.js';
import { partInFold } from './split-parts.js';
import { FOLD_COLUMN } from './split-write.js';

/**
 * Returns a data set with the parts of one run of a cross-validation: the rows of fold `run` are test,
 * those of the next one (after the last, the first) validation, all others train. Every row is thus
 * tested once over all runs. The hash is one of its own.
 *
 * @param run from 0 to below the number of folds
 * @throws OptionsError when the data set has no folds, or not so many
 */
export function datasetOfFold(dataset: Dataset, run: number): Dataset {
  const folds = foldsOf(dataset.record);
  if (folds === 0) {
    throw new OptionsError(
      `${dataset.folder}: a fold can be chosen of data that was dealt into folds, but this was not. Run \`janus data split ${dataset.folder} --folds 5\`.`,
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
