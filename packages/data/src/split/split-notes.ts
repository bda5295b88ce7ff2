/** What a split did that nobody may have wanted: the source's parts replaced, and classes absent from a part. */

import type { DuckDBConnection } from '@duckdb/node-api';
import { literal, quoted } from '../manifest/database.js';
import type { DatasetRecord } from '../manifest/dataset-record.js';
import { FIXED_COLUMNS } from '../manifest/manifest-row.js';
import { columnsOf, manifestFile } from '../manifest/manifest-stream.js';
import { SPLIT_NAMES, type SplitName } from '../manifest/split-name.js';
import type { SplitRows } from './split-rows.js';
import { FOLD_COLUMN } from './split-write.js';

/** A class that a part has no image of. */
export interface AbsentClass {
  readonly column: string;
  readonly value: string;
  /** Kept images of the class. */
  readonly images: number;
  /** The parts that have images, but none of the class. */
  readonly parts: readonly SplitName[];
}

/** Different values up to which a column of text or whole numbers holds classes; more are names or measures. */
const MOST_CLASSES = 20;

/**
 * Returns how many rows of each part that came with the source a split assigns again; null where there are none. Parts
 * that an earlier split assigned are not the source's, except those that it kept.
 */
export function replacedParts(
  rows: Pick<SplitRows, 'part'>,
  { record, keep }: { readonly record: DatasetRecord; readonly keep: readonly SplitName[] },
): Readonly<Record<SplitName, number>> | null {
  const before = record.steps.find(({ step }) => step === 'split')?.options;
  const kept = (before as { readonly keep?: readonly SplitName[] } | undefined)?.keep ?? [];
  const ofSource = before === undefined ? SPLIT_NAMES : kept;
  const counts: Record<SplitName, number> = { train: 0, validation: 0, test: 0 };
  for (const part of rows.part) {
    const name = SPLIT_NAMES[part];
    if (name !== undefined && ofSource.includes(name) && !keep.includes(name)) counts[name] += 1;
  }
  return counts.train + counts.validation + counts.test === 0 ? null : counts;
}

/**
 * Returns the classes of a data folder that a part with images has none of, in the order of the columns and values.
 *
 * @param named the columns of classes; where there are none, every label column of text or whole numbers with 2 to 20
 * values
 */
export async function absentClasses(
  connection: DuckDBConnection,
  folder: string,
  named: readonly string[],
): Promise<readonly AbsentClass[]> {
  const path = manifestFile(folder);
  const table = `read_parquet(${literal(path)})`;
  const types = await columnsOf(connection, table, path);
  const columns =
    named.length > 0
      ? named
      : [...types]
          .filter(([name, type]) => !(name in FIXED_COLUMNS) && type !== 'DOUBLE')
          .map(([name]) => name)
          .filter((name) => name !== FOLD_COLUMN);
  const kept = `${table} WHERE status = 'kept' AND split IS NOT NULL`;
  const inUse = await connection.runAndReadAll(`SELECT DISTINCT split FROM ${kept}`);
  const parts = SPLIT_NAMES.filter((name) => inUse.getRows().some(([each]) => each === name));
  const absent: AbsentClass[] = [];
  for (const column of columns) {
    const limit = named.length > 0 ? '' : ` LIMIT ${MOST_CLASSES + 1}`;
    const counts = parts.map((name) => `count(*) FILTER (WHERE split = '${name}')`);
    const found = await connection.runAndReadAll(
      `SELECT CAST(${quoted(column)} AS VARCHAR) AS value, count(*), ${counts.join(', ')}
       FROM ${kept} AND ${quoted(column)} IS NOT NULL GROUP BY value ORDER BY value${limit}`,
    );
    const classes = found.getRows();
    if (named.length === 0 && (classes.length < 2 || classes.length > MOST_CLASSES)) continue;
    for (const [value, images, ...inParts] of classes) {
      const without = parts.filter((_, i) => Number(inParts[i]) === 0);
      if (without.length === 0) continue;
      absent.push({ column, value: String(value), images: Number(images), parts: without });
    }
  }
  return absent;
}
