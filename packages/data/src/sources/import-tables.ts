/** From table files to a data folder, inside the database from end to end. */

import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { DataError, makeTemporaryFolder } from '@janus/core';
import { countRows, systemError, quoted, withDatabase, writeQuery } from '../manifest/database.js';
import type { Labelling, StepResult } from '../manifest/dataset-record.js';
import { FIXED_COLUMNS } from '../manifest/manifest-row.js';
import { copyToManifest } from '../manifest/manifest-stream.js';
import { writeDatasetRecord } from '../record/record-step.js';
import { REVIEWED_FILE } from '../review/reviewed-labels.js';
import { guessTypes, type TypedTable } from '../tables/guess-types.js';
import type { LoadedTables } from '../tables/load-tables.js';
import { nothingLeft } from './importing.js';
import type { ColumnMap, MappedColumns } from './map-columns.js';
import {
  labelColumn,
  MAPPED_COLUMNS,
  validateRows,
  type TableRoot,
  type ValidatedRows,
} from './validate-rows.js';

/**
 * Megabytes that the database may hold in memory: enough for a million rows, while the whole process stays well
 * below 1 GB.
 */
const MEMORY_MB = 256;

/** What {@link importTables} did. */
interface TablesImported
  extends
    Pick<TypedTable, 'missing' | 'decimalCommas'>,
    Pick<ValidatedRows, 'windows'>,
    Pick<LoadedTables, 'lists'> {
  readonly result: StepResult;
}

/** How table files become a data folder. */
interface TablesImport<Loaded extends LoadedTables> {
  /** Reads the files into the database; `work` is a folder for copies. */
  readonly load: (connection: DuckDBConnection, work: string) => Promise<Loaded>;
  /** Returns what the typed columns mean. */
  readonly map: (
    connection: DuckDBConnection,
    tables: { readonly loaded: Loaded; readonly typed: TypedTable },
  ) => Promise<MappedColumns> | MappedColumns;
  /** Words that stand for a missing value; default none: only an empty cell does. */
  readonly missingValues?: readonly string[];
  /** The files, in their order, and where the paths in them begin. */
  readonly roots: readonly TableRoot[];
  /** What the record of the data set says of its source. */
  readonly history: {
    readonly source: string;
    readonly licence: string;
    readonly labelling: Labelling;
  };
}

/**
 * Imports tables of any length: memory stays below what the database is allowed, and every row of the source
 * becomes a row of the manifest or of `rejects.parquet`.
 *
 * @throws DataError when no row can be used; EnvironmentError when the disk is full; and what the functions of
 * `request` throw
 */
export async function importTables<Loaded extends LoadedTables>(
  out: string,
  request: TablesImport<Loaded>,
): Promise<TablesImported> {
  const work = await makeTemporaryFolder('import');
  try {
    return await withDatabase(async (connection) => {
      const loaded = await request.load(connection, work.path);
      // One transaction from here, so that the write-ahead log is not made durable after every table. What was
      // loaded must be committed before, or its row numbers would not begin at 0.
      await connection.run('BEGIN');
      const typed = await guessTypes(connection, loaded, request.missingValues);
      const { map, options } = await request.map(connection, { loaded, typed });
      const { places } = loaded;
      const { roots } = request;
      const rows = await validateRows(connection, { typed, places, map, roots });
      const result = await countResult(connection, loaded, rows);
      const { source } = request.history;
      if (result.rows === 0) throw nothingLeft(source, result.reasons);
      await requireFreeNumbers(connection, rows, source);
      const select = await manifestQuery(connection, map, rows);
      await mkdir(out, { recursive: true });
      await writeRejects(connection, join(out, 'rejects.parquet'), { loaded, rows });
      await rm(join(out, REVIEWED_FILE), { force: true });
      await copyToManifest(connection, out, select);
      await writeDatasetRecord(out, {
        format: 1,
        name: source,
        ...request.history,
        options,
        steps: [{ step: 'import', ...result, options }],
      });
      const { missing, decimalCommas } = typed;
      return { result, missing, decimalCommas, windows: rows.windows, lists: loaded.lists };
    }, MEMORY_MB);
  } catch (error) {
    throw systemError(error, out);
  } finally {
    await work.remove();
  }
}

async function countResult(
  connection: DuckDBConnection,
  { table, rejected }: LoadedTables,
  { bad }: ValidatedRows,
): Promise<StepResult> {
  const counted = await connection.runAndReadAll(
    `SELECT reason, count(*) FROM (SELECT reason FROM ${rejected.table} UNION ALL SELECT reason FROM ${bad.table})
     GROUP BY reason ORDER BY count(*) DESC, reason`,
  );
  const reasons = Object.fromEntries(
    counted.getRows().map(([reason, count]) => [String(reason), Number(count)]),
  );
  return {
    rows: (await countRows(connection, table)) - (await countRows(connection, bad.table)),
    rejected: Object.values(reasons).reduce((sum, count) => sum + count, 0),
    reasons,
  };
}

/** Writes the lines that are not rows and the rows that are rejected, in the order of the files and lines. */
async function writeRejects(
  connection: DuckDBConnection,
  path: string,
  { loaded, rows }: { readonly loaded: LoadedTables; readonly rows: ValidatedRows },
): Promise<void> {
  const { places, rejected } = loaded;
  const { mapped, bad, roots } = rows;
  await writeQuery(
    connection,
    `SELECT CAST("row" AS INTEGER) AS "row", r.path AS path, reason, source FROM (
       SELECT "row", path, reason, source FROM ${rejected.table} UNION ALL
       SELECT b.n + p.shift, coalesce(m.file, m.url, ''), b.reason, p.source
       FROM ${bad.table} b JOIN ${mapped.table} m ON b.n = m.n ASOF JOIN ${places.table} p ON b.n >= p.first
     ) r LEFT JOIN ${roots.table} f ON f.file = r.source ORDER BY f.nth, "row"`,
    { path },
  );
}

/** Returns the query whose outcome is the manifest. */
async function manifestQuery(
  connection: DuckDBConnection,
  map: ColumnMap,
  rows: ValidatedRows,
): Promise<string> {
  const { mapped, inOrder } = rows;
  const [bad, located, numbered] = [
    await countRows(connection, rows.bad.table),
    await countRows(connection, rows.located.table),
    await countRows(connection, rows.numbered.table),
  ];
  const values: Readonly<Record<string, string>> = {
    ...Object.fromEntries(MAPPED_COLUMNS.map((name) => [name, `m.${name}`])),
    id: numbered === 0 ? 'm.id' : "m.id || coalesce('#' || k.k, '')",
    path: located === 0 ? "''" : "coalesce(l.path, '')",
    status: "'kept'",
  };
  const columns = Object.entries(FIXED_COLUMNS).map(
    ([name, type]) => `${values[name] ?? `CAST(NULL AS ${type})`} AS ${quoted(name)}`,
  );
  for (const [i, { name, type }] of map.labels.entries()) {
    const value = `m.${labelColumn(i)}`;
    columns.push(`${type === 'VARCHAR' ? `nullif(${value}, '')` : value} AS ${quoted(name)}`);
  }
  const joins = [
    located === 0 ? '' : `LEFT JOIN ${rows.located.table} l ON m.n = l.n`,
    numbered === 0 ? '' : `LEFT JOIN ${rows.numbered.table} k ON m.n = k.n`,
    bad === 0 ? '' : `ANTI JOIN ${rows.bad.table} b ON m.n = b.n`,
  ].filter((each) => each !== '');
  // A single table keeps its order; a join promises none.
  const order = joins.length === 0 && inOrder ? '' : 'ORDER BY m.n';
  return `SELECT ${columns.join(', ')} FROM ${mapped.table} m ${joins.join(' ')} ${order}`;
}

/** Checks that no id with a box's number behind it is also the id of another image. */
async function requireFreeNumbers(
  connection: DuckDBConnection,
  { mapped, bad, numbered }: ValidatedRows,
  source: string,
): Promise<void> {
  const found = await connection.runAndReadAll(
    `SELECT id FROM ${mapped.table} WHERE n NOT IN (SELECT n FROM ${bad.table}) AND id IN (
       SELECT m.id || '#' || k.k FROM ${numbered.table} k JOIN ${mapped.table} m ON m.n = k.n) LIMIT 1`,
  );
  const taken = found.getRows()[0]?.[0];
  if (taken === undefined) return;
  throw new DataError(
    `${source}: ids must be unique, but ${String(taken)} is both an image and a box of another image. Name a column of ids (--id-column).`,
  );
}
