import { DataError, OptionsError } from '@janus/core';
import { withDatabase } from '../manifest/database.js';
import { countLeaks, findLeaks, type LeakCount } from './leaks.js';
import type { LeakKind } from './leak-kind.js';
import { readDatasetRecord, type StepResult } from '../manifest/dataset-record.js';
import { recordStep } from '../record/record-step.js';
import { leakError, linesOf } from './split-check.js';
import {
  foldsOf,
  resolveSplitOptions,
  type ResolvedSplitOptions,
  type SplitOptions,
  type SplitRun,
} from './split-options.js';
import { SPLIT_NAMES, type SplitName } from '../manifest/split-name.js';
import { divideRows, REMOVALS, type SplitOutcome } from './split-parts.js';
import { checkSplitColumns, openSplitSource, readSplitRows } from './split-read.js';
import type { SplitRows } from './split-rows.js';
import { FOLD_COLUMN, writeLeaks, writeSplit } from './split-write.js';

/** What a split did. */
export interface SplitResult extends StepResult {
  readonly splits: Readonly<Record<SplitName, number>>;
  /** How many groups (people, images) there are. */
  readonly groups: number;
  /** Rows of the largest group: where it is large, shares cannot be met. */
  readonly largestGroup: number;
  /** Rows of each fold; only where folds were asked for. */
  readonly folds?: readonly number[];
  /** Leaks that were allowed. */
  readonly leaks: Partial<Readonly<Record<LeakKind, LeakCount>>>;
  /** Kept rows without a perceptual hash, whose near duplicates nobody knows. */
  readonly withoutHash: number;
}

/**
 * Assigns every kept row to train, validation or test: whole groups, each stratum in the asked
 * shares. The outcome depends on the seed and on what the rows are, not on their order. Rows that an
 * earlier split took out are judged anew. Memory is some 60 bytes a row.
 *
 * @throws OptionsError when a share or column is wrong; DataError when a stratified column has one
 * value, a part stays empty, or something is in two parts: then nothing is changed but `leaks.parquet`
 */
export async function splitDataset(
  folder: string,
  options: SplitOptions = {},
  { report }: SplitRun = {},
): Promise<SplitResult> {
  const resolved = resolveSplitOptions(options);
  const hadFolds = foldsOf(await readDatasetRecord(folder)) > 0;
  const result = await withDatabase(async (connection) => {
    const source = await openSplitSource(connection, folder);
    if (resolved.folds !== null && source.columns.has(FOLD_COLUMN) && !hadFolds) {
      throw new OptionsError(
        `split: folds go into the column ${FOLD_COLUMN}, but the data has one of its own. Rename it, or leave folds out.`,
      );
    }
    const request = { ...resolved, ...(report === undefined ? {} : { report }) };
    await checkSplitColumns(connection, source, request);
    const { rows, digests } = await readSplitRows(connection, source, request);
    const outcome = divideRows(rows, resolved);
    const found = resultOf(rows, outcome, resolved);
    requireParts(folder, found);
    const leaks = findLeaks(rows, outcome.part, resolved.nearDuplicates);
    const forbidden = leaks.filter(({ kind }) => !resolved.allowLeaks.includes(kind));
    await writeLeaks(connection, source, { leaks, digests });
    if (forbidden.length > 0) {
      const wayOut =
        resolved.keep.length > 1
          ? 'Remove them from train with --drop-leaks, or split without --keep'
          : 'Keep people together with --group identity';
      throw leakError(folder, linesOf(forbidden), wayOut);
    }
    const { keep } = resolved;
    await writeSplit(connection, source, { rows, outcome, keep, dropFolds: hadFolds });
    return { ...found, leaks: countLeaks(leaks) };
  });
  await recordStep(folder, 'split', { result, options: resolved });
  return result;
}

function resultOf(
  rows: SplitRows,
  { part, removal, fold, groups, largestGroup }: SplitOutcome,
  options: ResolvedSplitOptions,
): Omit<SplitResult, 'leaks'> {
  const splits: Record<SplitName, number> = { train: 0, validation: 0, test: 0 };
  const reasons: Record<string, number> = {};
  const folds = Array.from({ length: options.folds ?? 0 }, () => 0);
  let withoutHash = 0;
  let rejected = 0;
  for (let row = 0; row < rows.count; row++) {
    const reason = REMOVALS[removal[row] ?? -1];
    const name = SPLIT_NAMES[part[row] ?? -1];
    if (reason !== undefined) {
      reasons[reason] = (reasons[reason] ?? 0) + 1;
      rejected += 1;
    } else if (name !== undefined) {
      splits[name] += 1;
      const own = fold?.[row] ?? -1;
      if (own >= 0) folds[own] = (folds[own] ?? 0) + 1;
      if (rows.hashed[row] === 0) withoutHash += 1;
    }
  }
  return {
    rows: rows.count - rejected,
    rejected,
    reasons,
    splits,
    groups,
    largestGroup,
    withoutHash,
    ...(options.folds === null ? {} : { folds }),
  };
}

function requireParts(folder: string, result: Omit<SplitResult, 'leaks'>): void {
  const { splits, rows, groups, folds = [] } = result;
  const fold = folds.indexOf(0);
  if (fold >= 0) {
    throw new DataError(
      `${folder}: every fold needs rows, but fold ${fold} would have none of ${rows} in ${groups} groups. Ask for fewer folds.`,
      { path: folder },
    );
  }
  const empty = (['train', 'test'] as const).find((name) => splits[name] === 0);
  if (empty !== undefined) {
    throw new DataError(
      `${folder}: every part needs rows, but ${empty} would have none of ${rows} rows in ${groups} groups. Import more images, or keep fewer together.`,
      { path: folder },
    );
  }
}
