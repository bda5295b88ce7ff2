import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { commitRename, DataError, OptionsError, temporaryNameFor } from '@janus/core';
import { duckdb } from './duckdb.js';
import type { Cell } from './cell.js';
import { cellOf, literal, systemError, quoted } from './database.js';

/** A row of a table, by column name. */
export type TableRow = Readonly<Record<string, Cell>>;

/** The types of columns: text, 32-bit integers, 64-bit floating point. */
export type ColumnType = 'VARCHAR' | 'INTEGER' | 'DOUBLE';

/** Types by column, in the order of the columns. */
export type Schema = Readonly<Record<string, ColumnType>>;

async function withConnection<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const instance = await duckdb().DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    return await work(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/**
 * Writes rows as a Parquet file, whole or not at all.
 *
 * @throws OptionsError when a row has a column that the schema lacks; EnvironmentError when the disk is full
 */
export async function writeTable(
  path: string,
  schema: Schema,
  rows: readonly TableRow[],
): Promise<void> {
  const names = Object.keys(schema);
  for (const row of rows) {
    const stray = Object.keys(row).find((name) => !(name in schema));
    if (stray !== undefined) {
      throw new OptionsError(
        `writeTable: columns must be in the schema (${names.join(', ')}), but a row has ${stray}. Add it to the schema.`,
      );
    }
  }
  await mkdir(dirname(path), { recursive: true });
  const temporary = temporaryNameFor(path);
  try {
    await withConnection(async (connection) => {
      await connection.run(
        `CREATE TABLE t (${names.map((name) => `${quoted(name)} ${schema[name] ?? 'VARCHAR'}`).join(', ')})`,
      );
      const appender = await connection.createAppender('t');
      for (const row of rows) {
        for (const name of names) {
          const value = row[name];
          if (value === null || value === undefined) appender.appendNull();
          else if (schema[name] === 'VARCHAR') appender.appendVarchar(String(value));
          else if (schema[name] === 'INTEGER') appender.appendInteger(Number(value));
          else appender.appendDouble(Number(value));
        }
        appender.endRow();
      }
      appender.closeSync();
      await connection.run(`COPY t TO ${literal(temporary)} (FORMAT parquet)`);
    });
    await commitRename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw systemError(error, path);
  }
}

/** A query over one Parquet, CSV or JSON file. */
interface Query {
  /** SQL in which the file is the table `t`; default: all rows in the order of the file. */
  readonly sql?: string;
  /** Values of `$1`, `$2`, ... in the SQL; default none. */
  readonly values?: readonly Cell[];
  /** Whether every column of a CSV file is read as text; default false: types are guessed. */
  readonly allText?: boolean;
}

/**
 * Returns the rows of a table file (`.parquet`, `.csv`, `.json`, `.jsonl`), or of a query over it.
 *
 * @throws DataError when the file cannot be read as a table
 */
export async function readTable(path: string, query: Query = {}): Promise<TableRow[]> {
  const { sql = 'SELECT * FROM t', values = [], allText = false } = query;
  const reader = path.endsWith('.parquet')
    ? `read_parquet(${literal(path)})`
    : /\.jsonl?$/.test(path)
      ? `read_json_auto(${literal(path)})`
      : `read_csv(${literal(path)}, header = true${allText ? ', all_varchar = true' : ''})`;
  try {
    return await withConnection(async (connection) => {
      await connection.run(`CREATE VIEW t AS SELECT * FROM ${reader}`);
      const result = await connection.runAndReadAll(sql, [...values]);
      const names = result.columnNames();
      return result
        .getRows()
        .map((row) => Object.fromEntries(row.map((value, i) => [names[i] ?? '', cellOf(value)])));
    });
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw new DataError(`${path}: must be a readable table, but ${reason}. Check the file.`, {
      path,
      cause: error,
    });
  }
}
