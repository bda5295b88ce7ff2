/** Tables of any kind, read into the database with the line that each row stands in. */

import type { DuckDBConnection } from '@duckdb/node-api';
import { quoted } from '../manifest/database.js';
import { countOf, type LoadedColumn, type TablePart } from './table-part.js';
import type { ColumnType } from '../manifest/tables.js';
import { loadJson } from './load-json.js';
import { loadParquet } from './load-parquet.js';
import { loadText } from './load-text.js';
import type { TextEncoding } from './plain-text.js';
import type { Place } from './text-file.js';

/** What a table file is, by its name. */
type TableFormat = 'csv' | 'json' | 'jsonl' | 'parquet';

const ENDINGS: Readonly<Record<string, TableFormat>> = {
  csv: 'csv',
  tsv: 'csv',
  txt: 'csv',
  json: 'json',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  parquet: 'parquet',
};

/** Returns what kind of table a file is by its name, `.gz` not counting; undefined for none. */
export function tableFormatOf(path: string): TableFormat | undefined {
  return ENDINGS[/\.([a-z]+)(?:\.gz)?$/i.exec(path)?.[1]?.toLowerCase() ?? ''];
}

/** Options of {@link loadTables}. */
interface LoadTablesOptions {
  /** A folder for copies, which the caller makes and removes. */
  readonly work: string;
  /** Of CSV: `header` (default), how many columns there are when none are named, or whole `lines`. */
  readonly columns?: 'header' | 'lines' | number;
  /** The columns to be kept; default all. */
  readonly keep?: readonly string[];
  readonly encoding?: TextEncoding;
  readonly delimiter?: string;
}

/**
 * Reads table files, one after the other, into the table `source`, whose row numbers are those of
 * the rows; what is no row goes into `rejected` (row, path, reason, source). `places` tells the file
 * and the line of each row: those of the last place whose `first` is at most the row's number.
 *
 * @returns the columns of all files together; where one lacks a column it is null
 * @throws DataError when a file cannot be read as what its name says
 */
export async function loadTables(
  connection: DuckDBConnection,
  files: readonly string[],
  options: LoadTablesOptions,
): Promise<readonly LoadedColumn[]> {
  await connection.run(`
    CREATE TABLE rejected ("row" BIGINT, path VARCHAR, reason VARCHAR, source VARCHAR);
    CREATE TABLE places (first BIGINT, shift BIGINT, source VARCHAR)`);
  const columns = new Map<string, LoadedColumn>();
  let rows = 0;
  for (const file of files) {
    const part = await loadPart(connection, file, options);
    await addPlaces(connection, part.places, { file, before: rows });
    if (rows === 0 && columns.size === 0) {
      await connection.run('ALTER TABLE part RENAME TO source');
      for (const column of part.columns) columns.set(column.name.toLowerCase(), column);
    } else {
      await append(connection, columns, part.columns);
    }
    rows = await countOf(connection, 'source');
  }
  return [...columns.values()];
}

/** Adds the rows of `part` to `source`, whose columns grow by those that are new. */
async function append(
  connection: DuckDBConnection,
  columns: Map<string, LoadedColumn>,
  added: readonly LoadedColumn[],
): Promise<void> {
  const values: string[] = [];
  for (const { name, type } of added) {
    const known = columns.get(name.toLowerCase());
    if (known === undefined) {
      await connection.run(`ALTER TABLE source ADD COLUMN ${quoted(name)} ${sqlType(type)}`);
      columns.set(name.toLowerCase(), { name, type });
    } else if (known.type !== type) {
      const wider = known.type === 'text' || type === 'text' ? 'text' : wide(known.type, type);
      await connection.run(
        `ALTER TABLE source ALTER COLUMN ${quoted(known.name)} TYPE ${sqlType(wider)}`,
      );
      columns.set(name.toLowerCase(), { name: known.name, type: wider });
    }
    const to = columns.get(name.toLowerCase());
    values.push(
      `CAST(${quoted(name)} AS ${sqlType(to?.type ?? 'text')}) AS ${quoted(to?.name ?? name)}`,
    );
  }
  await connection.run(`INSERT INTO source BY NAME SELECT ${values.join(', ')} FROM part`);
  await connection.run('DROP TABLE part');
}

function wide(a: ColumnType, b: ColumnType): ColumnType {
  return a === 'VARCHAR' || b === 'VARCHAR' ? 'VARCHAR' : 'DOUBLE';
}

function sqlType(type: LoadedColumn['type']): ColumnType {
  return type === 'text' ? 'VARCHAR' : type;
}

async function addPlaces(
  connection: DuckDBConnection,
  places: readonly Place[],
  context: { readonly file: string; readonly before: number },
): Promise<void> {
  const { file, before } = context;
  const appender = await connection.createAppender('places');
  for (const { first, shift } of places) {
    appender.appendBigInt(BigInt(before + first));
    appender.appendBigInt(BigInt(shift - before));
    appender.appendVarchar(file);
    appender.endRow();
  }
  appender.closeSync();
}

async function loadPart(
  connection: DuckDBConnection,
  file: string,
  options: LoadTablesOptions,
): Promise<TablePart> {
  switch (tableFormatOf(file)) {
    case 'json':
    case 'jsonl':
      return await loadJson(connection, file, options);
    case 'parquet':
      return await loadParquet(connection, file, options.work);
    case 'csv':
    case undefined:
      return await loadText(connection, file, options);
  }
}
