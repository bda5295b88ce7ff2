/** Checks a data set as it is split now. */

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
  readonly splits: Readonly<Record<SplitName, number>>;
  readonly leaks: Partial<Readonly<Record<LeakKind, LeakCount>>>;
  /** One sentence's middle for each kind of leak. */
  readonly lines: readonly string[];
  readonly withoutHash: number;
}

/** A check draws nothing. */
const PLAIN = { seed: 1, stratify: [], group: ['identity'], balance: null } as const;

/**
 * Looks for images and people that are in two parts of a data set as it is split now, by the source
 * or by {@link splitDataset}, and writes them to `leaks.parquet`; the manifest stays as it is.
 *
 * @throws DataError when no kept row has a part
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
        `${folder}: only what is split can be checked, but no row has a part. Run \`janus data split ${folder}\`.`,
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

/** Returns the error of leaks: what there is, where it is listed, and a way out. */
export function leakError(folder: string, lines: readonly string[], wayOut: string): DataError {
  return new DataError(
    `${folder}: nothing may be in two parts, but ${lines.join('; ')}: see ${LEAKS_FILE} there. ${wayOut}, or allow it by name with --allow-leaks.`,
    { path: folder },
  );
}
