/** Cross-validation: over the folds that `splitDataset` made, or over others. */

import { OptionsError } from '@janus/core';
import type { Dataset } from '../manifest/dataset.js';
import { manifestHash } from '../manifest/manifest.js';
import { assignSplits } from './assign-splits.js';
import { foldsOf, type SplitOptions } from './split-options.js';
import { partInFold } from './split-parts.js';
import { FOLD_COLUMN } from './split-write.js';

/** How folds are dealt that the data folder does not have: as `splitDataset` deals its own. */
export interface DealtFolds extends Pick<SplitOptions, 'seed' | 'stratify'> {
  /** Number of folds, 3 to 1000. */
  readonly folds: number;
}

/**
 * Returns a data set with the splits of one run of a cross-validation: the rows of fold `run` are test, those of the
 * next fold (after the last, the first) validation, all others train. Over all runs, every row is tested once. The
 * hash of the data set differs for each run.
 *
 * @param run a whole number from 0 to the number of folds - 1
 * @param dealt deals all kept rows into folds of its own, whatever their split is; default: the folds that the data folder has
 * @throws OptionsError when the data set has no folds, or no fold `run`, or `dealt` breaks a rule
 */
export function datasetOfFold(dataset: Dataset, run: number, dealt?: DealtFolds): Dataset {
  const folds = dealt?.folds ?? foldsOf(dataset.record);
  if (folds === 0) {
    throw new OptionsError(
      `${dataset.folder}: a fold can be chosen only from a data set with folds, but this one has none. Run \`janus data split ${dataset.folder} --folds 5\`.`,
    );
  }
  const foldOf = dealt === undefined ? ownFold : dealtFold(dataset, dealt);
  if (!Number.isInteger(run) || run < 0 || run >= folds) {
    throw new OptionsError(
      `${dataset.folder}: fold must be a whole number from 0 to ${folds - 1}, but got ${run}. Choose one of them.`,
    );
  }
  const rows = dataset.rows.map((row) => {
    const fold = row.status === 'kept' ? foldOf(row) : undefined;
    return fold === undefined ? row : { ...row, split: partInFold(fold, run, folds) };
  });
  return { ...dataset, rows, hash: manifestHash(rows) };
}

type Row = Dataset['rows'][number];

function ownFold({ labels }: Row): number | undefined {
  const fold = labels[FOLD_COLUMN];
  return typeof fold === 'number' ? fold : undefined;
}

function dealtFold({ rows }: Dataset, dealt: DealtFolds): (row: Row) => number | undefined {
  const kept = rows.filter(({ status }) => status === 'kept');
  const assigned = assignSplits(kept, dealt);
  return ({ id }) => assigned.get(id)?.fold ?? undefined;
}
