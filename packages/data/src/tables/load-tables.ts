/** Table files of any format, read into one table of the database with the line of each row. */

import type { DuckDBConnection } from '@duckdb/node-api';
import { countRows, createTable, quoted, type SqlTable } from '../manifest/database.js';
import type { ColumnType } from '../manifest/tables.js';
import { loadList } from './load-list.js';
import { loadJson } from './load-json.js';
import { loadParquet } from './load-parquet.js';
import { loadText } from './load-text.js';
import type { TextEncoding } from './plain-text.js';
import {
  createRejectedLines,
  type LoadedColumn,
  type PartOptions,
  type RejectedLines,
  type TablePart,
} from './table-part.js';

/** The format of a table file, by its name. */
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

/** Returns the format of a table file by its name, with or without `.gz`; undefined for another file. */
export function tableFormatOf(path: string): TableFormat | undefined {
  return ENDINGS[/\.([a-z]+)(?:\.gz)?$/i.exec(path)?.[1]?.toLowerCase() ?? ''];
}

/** Options of {@link loadTables}. */
interface LoadTablesOptions {
  /** A folder for copies, which the caller makes and removes. */
  readonly work: string;
  /** Of CSV: `header` (default), the number of columns where none are named, or whole `lines`. */
  readonly columns?: 'header' | 'lines' | number;
  /** The columns to be kept; default all. */
  readonly keep?: readonly string[];
  /** Encoding of CSV and JSON; default: by the byte order mark, else UTF-8. */
  readonly encoding?: TextEncoding;
  /** One character between cells; default: a tab for `.tsv`, else by the header. */
  readonly delimiter?: string;
  /**
   * Whether a text that is nothing but addresses or paths of images, one a line, is read as a table with the one column
   * `image`; default false.
   */
  readonly lists?: boolean;
}

/**
 * The table of where rows stand: row n (its rowid, from 0) is in line n + `shift` of the file `source`, by the
 * last place whose `first` is at most n.
 */
export type Places = SqlTable<'first' | 'shift' | 'source'>;

/** Rows of table files, one file after the other. */
export interface LoadedTables {
  /** Name of the table; its row numbers (rowid) begin at 0. */
  readonly table: string;
  /** The columns of all files together; a file that lacks one has null there. */
  readonly columns: readonly LoadedColumn[];
  readonly places: Places;
  readonly rejected: RejectedLines;
  /** Whether numbers may have a decimal comma, since no file separates its cells by commas. */
  readonly decimalComma: boolean;
  /** Files that were read as plain lists. */
  readonly lists: readonly string[];
}

/** The table of all rows, and the one that each later file is read into before it is appended. */
const ALL = 'source';
const PART = 'part';

/**
 * Reads table files into one table.
 *
 * @throws DataError when a file cannot be read in the format that its name states
 */
export async function loadTables(
  connection: DuckDBConnection,
  files: readonly string[],
  options: LoadTablesOptions,
): Promise<LoadedTables> {
  const rejected = await createRejectedLines(connection);
  const places = await createPlaces(connection);
  const columns = new Map<string, LoadedColumn>();
  const lists: string[] = [];
  let decimalComma = files.length > 0;
  let rows = 0;
  for (const [i, file] of files.entries()) {
    const part = await loadPart(connection, file, {
      ...options,
      into: i === 0 ? ALL : PART,
      rejected,
    });
    if (part.isList === true) lists.push(file);
    decimalComma &&= part.isList === true || !(part.delimiter ?? ',').includes(',');
    await addPlaces(connection, places, { part, file, before: rows });
    if (i === 0) {
      for (const column of part.columns) columns.set(column.name.toLowerCase(), column);
    } else {
      await append(connection, columns, part);
    }
    rows = await countRows(connection, ALL);
  }
  return { table: ALL, columns: [...columns.values()], places, rejected, decimalComma, lists };
}

async function createPlaces(connection: DuckDBConnection): Promise<Places> {
  const types = { first: 'BIGINT', shift: 'BIGINT', source: 'VARCHAR' } as const;
  return await createTable(connection, 'places', types);
}

/** Moves the rows of a part into the table of all rows, which gains the columns that are new. */
async function append(
  connection: DuckDBConnection,
  columns: Map<string, LoadedColumn>,
  part: TablePart,
): Promise<void> {
  const values: string[] = [];
  for (const { name, type } of part.columns) {
    const known = columns.get(name.toLowerCase());
    if (known === undefined) {
      await connection.run(`ALTER TABLE ${ALL} ADD COLUMN ${quoted(name)} ${sqlType(type)}`);
      columns.set(name.toLowerCase(), { name, type });
    } else if (known.type !== type) {
      const wider = known.type === 'text' || type === 'text' ? 'text' : wide(known.type, type);
      await connection.run(
        `ALTER TABLE ${ALL} ALTER COLUMN ${quoted(known.name)} TYPE ${sqlType(wider)}`,
      );
      columns.set(name.toLowerCase(), { name: known.name, type: wider });
    }
    const to = columns.get(name.toLowerCase());
    values.push(
      `CAST(${quoted(name)} AS ${sqlType(to?.type ?? 'text')}) AS ${quoted(to?.name ?? name)}`,
    );
  }
  if (values.length > 0) {
    await connection.run(
      `INSERT INTO ${ALL} BY NAME SELECT ${values.join(', ')} FROM ${part.table}`,
    );
  }
  await connection.run(`DROP TABLE ${part.table}`);
}

function wide(a: ColumnType, b: ColumnType): ColumnType {
  return a === 'VARCHAR' || b === 'VARCHAR' ? 'VARCHAR' : 'DOUBLE';
}

function sqlType(type: LoadedColumn['type']): ColumnType {
  return type === 'text' ? 'VARCHAR' : type;
}

async function addPlaces(
  connection: DuckDBConnection,
  places: Places,
  added: { readonly part: TablePart; readonly file: string; readonly before: number },
): Promise<void> {
  const { part, file, before } = added;
  const appender = await connection.createAppender(places.table);
  for (const { first, shift } of part.places) {
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
  options: LoadTablesOptions & PartOptions,
): Promise<TablePart> {
  switch (tableFormatOf(file)) {
    case 'json':
    case 'jsonl':
      return await loadJson(connection, file, options);
    case 'parquet':
      return await loadParquet(connection, file, options);
    case 'csv':
    case undefined:
      if (options.lists === true && options.delimiter === undefined) {
        const list = await loadList(connection, file, options);
        if (list !== undefined) return list;
      }
      return await loadText(connection, file, options);
  }
}
