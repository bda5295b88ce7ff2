/** Manifests of any length: they are read in chunks, and written and changed without being held in memory. */

import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import { DataError, OptionsError } from '@janus/core';
import { duckdb } from './duckdb.js';
import { cellOf, databaseThreads, literal, quoted, withDatabase, writeQuery } from './database.js';
import { FIXED_COLUMNS, rowReader, type ManifestChange, type ManifestRow } from './manifest-row.js';
import type { Cell } from './cell.js';

const MANIFEST = 'manifest.parquet';

/**
 * Returns the path of a folder's manifest.
 *
 * @throws DataError when the folder holds none
 */
export function manifestFile(folder: string): string {
  const path = join(folder, MANIFEST);
  if (existsSync(path)) return path;
  throw new DataError(
    `${folder}: a data folder has manifest.parquet, but this one has none. Make one with \`janus data import\`.`,
    { path },
  );
}

/** Options of {@link manifestChunks}. */
interface ManifestChunksOptions {
  /** Condition on the columns, in SQL; default: all rows. */
  readonly where?: string;
  /** Columns that are read; the others are null in the rows, and labels absent. Default: all. */
  readonly columns?: readonly string[];
}

/**
 * Yields the rows of a data folder in the order of the manifest, 2048 at a time at most; memory does not depend on
 * their number.
 *
 * @throws DataError when the folder holds no readable manifest
 */
export async function* manifestChunks(
  folder: string,
  options: ManifestChunksOptions = {},
): AsyncGenerator<readonly ManifestRow[], void, void> {
  const path = manifestFile(folder);
  const { where, columns } = options;
  const { instance, connection } = await openMemory();
  try {
    const source = `read_parquet(${literal(path)})`;
    const known = await columnsOf(connection, source, path);
    const chosen = columns?.filter((name) => known.has(name)).map(quoted) ?? ['*'];
    const result = await connection.stream(
      `SELECT ${chosen.join(', ')} FROM ${source}${where === undefined ? '' : ` WHERE ${where}`}`,
    );
    const read = rowReader(result.columnNames());
    for (;;) {
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) break;
      yield read(chunk.getColumns().map((values) => values.map(cellOf)));
    }
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Megabytes that a database may hold in memory for reading. */
const READING_MB = 400;

/** Opens a database without a file: reading in order needs no disk. */
async function openMemory(): Promise<{
  instance: { closeSync(): void };
  connection: DuckDBConnection;
}> {
  const instance = await duckdb().DuckDBInstance.create(':memory:', {
    memory_limit: `${READING_MB}MB`,
    threads: String(databaseThreads(READING_MB)),
  });
  return { instance, connection: await instance.connect() };
}

/** Returns the SQL types of a table's columns. */
export async function columnsOf(
  connection: DuckDBConnection,
  source: string,
  path: string,
): Promise<Map<string, string>> {
  try {
    const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${source}`);
    return new Map(described.getRows().map(([name, type]) => [String(name), String(type)]));
  } catch (error) {
    throw new DataError(
      `${path}: must be a whole Parquet file, but cannot be read. Make it again with \`janus data import --force\`.`,
      { path, cause: error },
    );
  }
}

/** A value of a row. */
type Entry = readonly [name: string, value: Cell];

/**
 * Loads sparse rows into the table `staged`: a fixed column under its name, a label as `n:name` (numbers) and `t:name`
 * (text), and for both `s:name`, whether the row has a value. Returns the names of the labels.
 */
async function stage(
  connection: DuckDBConnection,
  rows: AsyncIterable<readonly Entry[]> | Iterable<readonly Entry[]>,
): Promise<ReadonlySet<string>> {
  const columns: string[] = [];
  const fixed = Object.keys(FIXED_COLUMNS).filter((name) => name !== 'id');
  const declare = (name: string): string =>
    name in FIXED_COLUMNS
      ? `${quoted(name)} ${FIXED_COLUMNS[name] ?? 'VARCHAR'}, ${quoted(`s:${name}`)} BOOLEAN`
      : `${quoted(`n:${name}`)} DOUBLE, ${quoted(`t:${name}`)} VARCHAR, ${quoted(`s:${name}`)} BOOLEAN`;
  await connection.run(`CREATE TABLE staged (id VARCHAR, ${fixed.map(declare).join(', ')})`);
  columns.push(...fixed);
  const known = new Set(columns);
  let appender = await connection.createAppender('staged');
  for await (const row of rows) {
    const cells = new Map(row);
    for (const name of cells.keys()) {
      if (name === 'id' || known.has(name)) continue;
      appender.closeSync();
      for (const column of declare(name).split(', ')) {
        await connection.run(`ALTER TABLE staged ADD COLUMN ${column}`);
      }
      appender = await connection.createAppender('staged');
      columns.push(name);
      known.add(name);
    }
    appender.appendVarchar(String(cells.get('id')));
    for (const name of columns) append(appender, name, cells.get(name));
    appender.endRow();
  }
  appender.closeSync();
  return new Set(columns.slice(fixed.length));
}

function append(appender: DuckDBAppender, name: string, value: Cell | undefined): void {
  const type = FIXED_COLUMNS[name];
  const absent = value === undefined || value === null;
  if (type !== undefined) {
    if (absent) appender.appendNull();
    else if (type === 'VARCHAR') appender.appendVarchar(String(value));
    else if (type === 'INTEGER') appender.appendInteger(Number(value));
    else appender.appendDouble(Number(value));
  } else {
    if (typeof value === 'number') appender.appendDouble(value);
    else appender.appendNull();
    if (typeof value === 'string') appender.appendVarchar(value);
    else appender.appendNull();
  }
  appender.appendBoolean(value !== undefined);
}

/** Returns SQL of a number as text, as JavaScript writes it: 12, not 12.0. */
export function textOf(number: string): string {
  return `CASE WHEN ${number} = floor(${number}) THEN CAST(CAST(${number} AS BIGINT) AS VARCHAR) ELSE CAST(${number} AS VARCHAR) END`;
}

/** Returns the type of a staged label, which is integer, floating point or text, and SQL of its value. */
async function labelOf(
  connection: DuckDBConnection,
  name: string,
  before?: string,
): Promise<{ readonly type: string; readonly value: string }> {
  const [n, t] = [quoted(`n:${name}`), quoted(`t:${name}`)];
  const found = await connection.runAndReadAll(
    `SELECT count(${t}), count(${n}), bool_and(${n} = floor(${n}) AND abs(${n}) < 2147483648) FROM staged`,
  );
  const [texts, numbers, whole] = found.getRows()[0] ?? [];
  const textual =
    Number(texts) > 0 || before === 'VARCHAR' || (Number(numbers) === 0 && before === undefined);
  if (textual) {
    return { type: 'VARCHAR', value: `coalesce(${t}, ${textOf(n)})` };
  }
  const type = whole === false || before === 'DOUBLE' ? 'DOUBLE' : (before ?? 'INTEGER');
  return { type, value: `CAST(${n} AS ${type})` };
}

/** Writes what a query returns as the folder's manifest, whole or not at all. */
export async function copyToManifest(
  connection: DuckDBConnection,
  folder: string,
  select: string,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeQuery(connection, select, { path: join(folder, MANIFEST) });
}

function checkLabels(folder: string, labels: Iterable<string>): void {
  for (const name of labels) {
    // SQL does not distinguish Path from path.
    const clash = Object.keys(FIXED_COLUMNS).find(
      (fixed) => fixed.toLowerCase() === name.toLowerCase(),
    );
    if (clash !== undefined) {
      throw new OptionsError(
        `${folder}: a label column must not be called ${name}, which is a column of every manifest. Rename it.`,
      );
    }
  }
}

/** Returns the values of a row; a label with the name of a fixed column is refused here. */
function entriesOf(folder: string, row: ManifestChange): readonly Entry[] {
  const { labels = {}, ...fixed } = row;
  checkLabels(folder, Object.keys(labels));
  return [...(Object.entries(fixed) as Entry[]), ...Object.entries(labels)];
}

async function* mapped(
  folder: string,
  rows: AsyncIterable<ManifestChange> | Iterable<ManifestChange>,
): AsyncGenerator<readonly Entry[], void, void> {
  for await (const row of rows) yield entriesOf(folder, row);
}

/**
 * Writes a manifest, whole or not at all, from rows of any number.
 *
 * @throws DataError when two rows have the same id; OptionsError when a label has the name of a fixed column;
 * EnvironmentError when the disk is full
 */
export async function writeManifestStream(
  folder: string,
  rows: AsyncIterable<ManifestRow> | Iterable<ManifestRow>,
): Promise<void> {
  await withDatabase(async (connection) => {
    const labels = await stage(connection, mapped(folder, rows));
    await requireUniqueIds(connection, folder);
    const columns = Object.keys(FIXED_COLUMNS).map(quoted);
    for (const name of labels) {
      columns.push(`${(await labelOf(connection, name)).value} AS ${quoted(name)}`);
    }
    await copyToManifest(connection, folder, `SELECT ${columns.join(', ')} FROM staged`);
  });
}

async function requireUniqueIds(connection: DuckDBConnection, folder: string): Promise<void> {
  const found = await connection.runAndReadAll(
    'SELECT id FROM staged GROUP BY id HAVING count(*) > 1 ORDER BY id LIMIT 1',
  );
  const twice = found.getRows()[0]?.[0];
  if (twice === undefined) return;
  throw new DataError(
    `${folder}: ids must be unique, but ${cellOf(twice) ?? ''} occurs twice. Give the source's id column.`,
    { path: folder },
  );
}

/**
 * Changes rows of a manifest by their ids, all of them or none. Columns that a change does not name, rows without a
 * change, and the order stay. A new label becomes a column, with null in the other rows.
 *
 * @throws DataError when the folder holds no manifest, or a row is changed twice; OptionsError when there is no
 * row with a change's id, or a label has the name of a fixed column; EnvironmentError when the disk is full
 */
export async function updateManifest(
  folder: string,
  changes: AsyncIterable<ManifestChange> | Iterable<ManifestChange>,
): Promise<void> {
  const path = manifestFile(folder);
  await withDatabase(async (connection) => {
    const labels = await stage(connection, mapped(folder, changes));
    await requireUniqueIds(connection, folder);
    const source = `read_parquet(${literal(path)}, file_row_number = true)`;
    const before = await columnsOf(connection, source, path);
    const stray = await connection.runAndReadAll(
      `SELECT id FROM staged ANTI JOIN ${source} AS m USING (id) ORDER BY id LIMIT 1`,
    );
    const unknown = stray.getRows()[0]?.[0];
    if (unknown !== undefined) {
      throw new OptionsError(
        `${folder}: there is no row ${cellOf(unknown) ?? ''} to change. Read the manifest again.`,
      );
    }
    const changed = (name: string, value: string, old: string): string =>
      `CASE WHEN c.${quoted(`s:${name}`)} THEN ${value} ELSE ${old} END AS ${quoted(name)}`;
    const columns = ['m.id'];
    for (const [name, type] of Object.entries(FIXED_COLUMNS)) {
      if (name === 'id') continue;
      const old = before.has(name) ? `m.${quoted(name)}` : `CAST(NULL AS ${type})`;
      columns.push(changed(name, `c.${quoted(name)}`, old));
    }
    const all = new Set([...before.keys(), ...labels]);
    for (const name of all) {
      if (name in FIXED_COLUMNS || name === 'file_row_number') continue;
      if (!labels.has(name)) columns.push(`m.${quoted(name)}`);
      else {
        const { type, value } = await labelOf(connection, name, before.get(name));
        const was = before.get(name);
        const own = `m.${quoted(name)}`;
        const asText = type === 'VARCHAR' && was !== 'VARCHAR';
        const old = was === undefined ? 'NULL' : asText ? textOf(own) : `CAST(${own} AS ${type})`;
        columns.push(changed(name, value, old));
      }
    }
    await copyToManifest(
      connection,
      folder,
      `SELECT ${columns.join(', ')} FROM ${source} AS m LEFT JOIN staged AS c ON m.id = c.id ORDER BY m.file_row_number`,
    );
  });
}
