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
import { absentClasses, replacedParts, type AbsentClass } from './split-notes.js';
import { FOLD_COLUMN, writeLeaks, writeSplit } from './split-write.js';

/** What {@link splitDataset} did. */
export interface SplitResult extends StepResult {
  /** Rows of each split. */
  readonly splits: Readonly<Record<SplitName, number>>;
  /** Number of groups: people, or images of nobody known. */
  readonly groups: number;
  /** Rows of the largest group: where it is large, the shares cannot be met. */
  readonly largestGroup: number;
  /** Rows of each fold; absent without folds. */
  readonly folds?: readonly number[];
  /** Leaks that were found and allowed, by kind. */
  readonly leaks: Partial<Readonly<Record<LeakKind, LeakCount>>>;
  /** Kept rows without a perceptual hash, whose near duplicates cannot be found. */
  readonly withoutHash: number;
  /** Rows of each part that came with the source and was assigned again; null where there are none. */
  readonly replaced: Readonly<Record<SplitName, number>> | null;
  /** Classes that a part has no image of. */
  readonly absent: readonly AbsentClass[];
}

/**
 * Assigns every kept row to train, validation or test: groups stay whole, and each stratum is divided by the same
 * shares. The outcome depends on the seed and on the rows, not on their order. Rows that an earlier split removed
 * are judged again. Memory is about 60 bytes per row.
 *
 * @throws OptionsError when a share or column is wrong; DataError when a stratified column has only one value, a
 * split stays empty, or an image or person is in two splits: then only `leaks.parquet` is written
 */
export async function splitDataset(
  folder: string,
  options: SplitOptions = {},
  { report }: SplitRun = {},
): Promise<SplitResult> {
  const resolved = resolveSplitOptions(options);
  const record = await readDatasetRecord(folder);
  const hadFolds = foldsOf(record) > 0;
  const result = await withDatabase(async (connection) => {
    const source = await openSplitSource(connection, folder);
    if (resolved.folds !== null && source.columns.has(FOLD_COLUMN) && !hadFolds) {
      throw new OptionsError(
        `split: folds are written to the column ${FOLD_COLUMN}, but the data has a label of that name. Rename it, or leave folds out.`,
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
    return {
      ...found,
      leaks: countLeaks(leaks),
      replaced: replacedParts(rows, { record, keep }),
      absent: await absentClasses(connection, folder, resolved.stratify),
    };
  });
  await recordStep(folder, 'split', { result, options: resolved });
  return result;
}

/** What the outcome alone says. */
type FoundSplit = Omit<SplitResult, 'leaks' | 'replaced' | 'absent'>;

function resultOf(
  rows: SplitRows,
  { part, removal, fold, groups, largestGroup }: SplitOutcome,
  options: ResolvedSplitOptions,
): FoundSplit {
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

function requireParts(folder: string, result: FoundSplit): void {
  const { splits, rows, groups, folds = [] } = result;
  const fold = folds.indexOf(0);
  if (fold >= 0) {
    throw new DataError(
      `${folder}: every fold needs rows, but fold ${fold} would get none of ${rows} in ${groups} groups. Ask for fewer folds.`,
      { path: folder },
    );
  }
  const empty = (['train', 'test'] as const).find((name) => splits[name] === 0);
  if (empty !== undefined) {
    throw new DataError(
      `${folder}: every split needs rows, but ${empty} would get none of ${rows} rows in ${groups} groups. Import more images, or group by fewer columns.`,
      { path: folder },
    );
  }
}
