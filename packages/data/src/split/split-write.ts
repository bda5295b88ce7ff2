/** Writes the outcome of a split to the manifest, and its leaks to a table. */

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { literal, quoted, writeQuery } from '../manifest/database.js';
import { duckdb } from '../manifest/duckdb.js';
import type { Leak } from './leaks.js';
import { FIXED_COLUMNS } from '../manifest/manifest-row.js';
import { copyToManifest } from '../manifest/manifest-stream.js';
import { SPLIT_NAMES, type SplitName } from '../manifest/split-name.js';
import { REMOVALS, type SplitOutcome } from './split-parts.js';
import type { Digests, SplitSource } from './split-read.js';
import type { SplitRows } from './split-rows.js';

/** The column that folds are written to. */
export const FOLD_COLUMN = 'fold';

/** The table of images and people in more than one split, beside the manifest. */
export const LEAKS_FILE = 'leaks.parquet';

/** Rows of a data chunk: DuckDB's limit. */
const ROWS_AT_ONCE = 2048;

/** Numbers in the table of outcomes beside the indices of splits. */
const NOT_JUDGED = -1;
const FIRST_REMOVAL = SPLIT_NAMES.length;

/** What {@link writeSplit} writes. */
interface SplitDecision {
  readonly rows: SplitRows;
  readonly outcome: SplitOutcome;
  /**
   * Splits whose rows keep their split even when they are removed, so that the next split finds them there.
   */
  readonly keep: readonly SplitName[];
  /** Whether the column of folds that an earlier split made is dropped. */
  readonly dropFolds: boolean;
}

/** Writes splits, removals and folds to the manifest, whole or not at all. */
export async function writeSplit(
  connection: DuckDBConnection,
  source: SplitSource,
  { rows, outcome, keep, dropFolds }: SplitDecision,
): Promise<void> {
  const { part, removal, fold } = outcome;
  const counted = await connection.runAndReadAll(`SELECT count(*) FROM ${source.table}`);
  const total = Number(counted.getRows()[0]?.[0] ?? 0);
  const codes = new Int8Array(total).fill(NOT_JUDGED);
  const folds = new Int16Array(total).fill(-1);
  for (let row = 0; row < rows.count; row++) {
    const place = rows.place[row] ?? 0;
    const reason = removal[row] ?? -1;
    codes[place] = reason >= 0 ? FIRST_REMOVAL + reason : (part[row] ?? NOT_JUDGED);
    folds[place] = fold?.[row] ?? -1;
  }
  await connection.run(
    'CREATE OR REPLACE TEMP TABLE outcome (place INTEGER, part TINYINT, fold SMALLINT)',
  );
  const appender = await connection.createAppender('outcome');
  const { DuckDBDataChunk, INTEGER, SMALLINT, TINYINT } = duckdb();
  const chunk = DuckDBDataChunk.create([INTEGER, TINYINT, SMALLINT]);
  for (let from = 0; from < total; from += ROWS_AT_ONCE) {
    const size = Math.min(ROWS_AT_ONCE, total - from);
    chunk.rowCount = size;
    chunk.setColumnValues(
      0,
      Array.from({ length: size }, (_, i) => from + i),
    );
    chunk.setColumnValues(1, [...codes.subarray(from, from + size)]);
    chunk.setColumnValues(2, [...folds.subarray(from, from + size)]);
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
  const when = (names: readonly string[], first: number): string =>
    names.map((name, i) => `WHEN ${first + i} THEN ${literal(name)}`).join(' ');
  // Rows and outcomes are joined by position; both are in the order of the file, which is checked.
  const judged = `CASE WHEN m.file_row_number <> o.place THEN error('rows out of order') WHEN o.part = ${NOT_JUDGED}`;
  const values: Readonly<Record<string, string>> = {
    status: `${judged} THEN m.status WHEN o.part >= ${FIRST_REMOVAL} THEN 'removed' ELSE 'kept' END`,
    reason: `${judged} THEN m.reason ELSE CASE o.part ${when(REMOVALS, FIRST_REMOVAL)} END END`,
    removedBy: `${judged} THEN ${source.columns.has('removedBy') ? 'm.removedBy' : 'NULL'} WHEN o.part >= ${FIRST_REMOVAL} THEN 'split' END`,
    split: `CASE WHEN o.part >= ${FIRST_REMOVAL} AND m.split IN (${[...keep, ''].map(literal).join(', ')}) THEN m.split ELSE CASE o.part ${when(SPLIT_NAMES, 0)} END END`,
  };
  const columns = Object.entries(FIXED_COLUMNS).map(([name, type]) => {
    const value = values[name] ?? (source.columns.has(name) ? `m.${quoted(name)}` : 'NULL');
    return `CAST(${value} AS ${type}) AS ${quoted(name)}`;
  });
  for (const name of source.columns.keys()) {
    if (name in FIXED_COLUMNS || name === 'file_row_number') continue;
    if (name === FOLD_COLUMN && (fold !== null || dropFolds)) continue;
    columns.push(`m.${quoted(name)}`);
  }
  if (fold !== null) {
    columns.push(`CASE WHEN o.fold >= 0 THEN CAST(o.fold AS INTEGER) END AS ${FOLD_COLUMN}`);
  }
  await copyToManifest(
    connection,
    source.folder,
    `SELECT ${columns.join(', ')} FROM ${source.table} AS m POSITIONAL JOIN outcome AS o`,
  );
}

/** Leaks, and the files' digests that the manifest lacks. */
interface FoundLeaks {
  readonly leaks: readonly Leak[];
  readonly digests: Digests;
}

/** Writes the leaks beside the manifest, or removes the file of an earlier check when there are none. */
export async function writeLeaks(
  connection: DuckDBConnection,
  source: SplitSource,
  { leaks, digests }: FoundLeaks,
): Promise<void> {
  const path = join(source.folder, LEAKS_FILE);
  if (leaks.length === 0) {
    await rm(path, { force: true });
    return;
  }
  await connection.run(
    'CREATE OR REPLACE TEMP TABLE leaks (kind VARCHAR, cluster INTEGER, place BIGINT, part VARCHAR, distance INTEGER)',
  );
  const appender = await connection.createAppender('leaks');
  for (const leak of leaks) {
    appender.appendVarchar(leak.kind);
    appender.appendInteger(leak.cluster);
    appender.appendBigInt(BigInt(leak.place));
    appender.appendVarchar(SPLIT_NAMES[leak.part] ?? '');
    if (leak.distance === null) appender.appendNull();
    else appender.appendInteger(leak.distance);
    appender.endRow();
  }
  appender.closeSync();
  await writeQuery(
    connection,
    `SELECT l.kind, l.cluster, l.part AS split, m.id, m.path, m.identity, coalesce(m.sha256, d.sha256) AS sha256, l.distance
     FROM leaks AS l JOIN ${source.table} AS m ON m.file_row_number = l.place
     LEFT JOIN ${digests.table} AS d ON d.place = l.place
     ORDER BY l.kind, l.cluster, l.part, m.id`,
    { path },
  );
}
