/** Checks the splits that a data set has now. */

import { DataError } from '@janus/core';
import { withDatabase } from '../manifest/database.js';
import { countLeaks, findLeaks, leakLine, type Leak, type LeakCount } from './leaks.js';
import { LEAK_KINDS, type LeakKind } from './leak-kind.js';
import type { StepResult } from '../manifest/dataset-record.js';
import {
  NEAR_DUPLICATE_DISTANCE,
  resolveSplitOptions,
  type SplitOptions,
  type SplitRun,
} from './split-options.js';
import { SPLIT_NAMES, type SplitName } from '../manifest/split-name.js';
import { openSplitSource, readSplitRows } from './split-read.js';
import { LEAKS_FILE, writeLeaks } from './split-write.js';

/** What {@link checkSplit} found. */
export interface SplitCheck extends StepResult {
  /** Rows of each split. */
  readonly splits: Readonly<Record<SplitName, number>>;
  /** Leaks by kind; absent where there are none. */
  readonly leaks: Partial<Readonly<Record<LeakKind, LeakCount>>>;
  /**
   * A line for each kind of leak, in the order of `LEAK_KINDS`: `1 image is byte for byte in train and test
   * (2 rows)`.
   */
  readonly lines: readonly string[];
  /** Rows of a split without a perceptual hash, whose near duplicates cannot be found. */
  readonly withoutHash: number;
}

/** What a check reads of the rows: nothing is drawn or spread. */
const PLAIN = { seed: 1, stratify: [], group: ['identity'], balance: null } as const;

/**
 * Looks for images and people that are in more than one split of a data set, whether the source or
 * {@link splitDataset} assigned them, and writes them to `leaks.parquet`; the manifest stays as it is.
 *
 * @throws DataError when no kept row is in a split
 */
export async function checkSplit(
  folder: string,
  { nearDuplicates = NEAR_DUPLICATE_DISTANCE }: Pick<SplitOptions, 'nearDuplicates'> = {},
  { report }: SplitRun = {},
): Promise<SplitCheck> {
  resolveSplitOptions({ nearDuplicates });
  return await withDatabase(async (connection) => {
    const source = await openSplitSource(connection, folder);
    const { rows, digests } = await readSplitRows(
      connection,
      { ...source, judged: "m.status = 'kept'" },
      { ...PLAIN, nearDuplicates, ...(report === undefined ? {} : { report }) },
    );
    const splits: Record<SplitName, number> = { train: 0, validation: 0, test: 0 };
    let withoutHash = 0;
    rows.part.forEach((part, row) => {
      const name = SPLIT_NAMES[part];
      if (name !== undefined) splits[name] += 1;
      if (name !== undefined && rows.hashed[row] === 0) withoutHash += 1;
    });
    if (splits.train + splits.validation + splits.test === 0) {
      throw new DataError(
        `${folder}: a check needs rows in splits, but there are none. Run \`janus data split ${folder}\`.`,
        { path: folder },
      );
    }
    const leaks = findLeaks(rows, rows.part, nearDuplicates);
    await writeLeaks(connection, source, { leaks, digests });
    const lines = linesOf(leaks);
    const found = { rows: rows.count, rejected: 0, reasons: {}, splits, withoutHash, lines };
    return { ...found, leaks: countLeaks(leaks) };
  });
}

/** Returns one line for each kind of leak that occurs. */
export function linesOf(leaks: readonly Leak[]): readonly string[] {
  return LEAK_KINDS.filter((kind) => leaks.some((leak) => leak.kind === kind)).map((kind) =>
    leakLine(kind, leaks),
  );
}

/**
 * Returns the error of forbidden leaks.
 *
 * @param lines what was found, as in {@link SplitCheck.lines}
 * @param wayOut what to do, without a full stop
 */
export function leakError(folder: string, lines: readonly string[], wayOut: string): DataError {
  return new DataError(
    `${folder}: nothing may be in two splits, but ${lines.join('; ')}: see ${LEAKS_FILE} there. ${wayOut}, or allow it by name with --allow-leaks.`,
    { path: folder },
  );
}
