import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import {
  commitRename,
  EnvironmentError,
  systemCodeOf,
  systemFailureText,
  temporaryNameFor,
  withTemporaryFolder,
} from '@janus/core';
import { duckdb } from './duckdb.js';
import type { Cell } from './cell.js';

/** Returns a name quoted for SQL. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Returns a text as an SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A table or view of an open database: what one step leaves there, and the next reads. */
export interface SqlTable<Column extends string = string> {
  readonly table: string;
  readonly columns: readonly Column[];
}

/**
 * Makes an empty table.
 *
 * @param types SQL types by column
 */
export async function createTable<Column extends string>(
  connection: DuckDBConnection,
  table: string,
  types: Readonly<Record<Column, string>>,
): Promise<SqlTable<Column>> {
  const columns = Object.keys(types) as Column[];
  const declared = columns.map((name) => `${quoted(name)} ${types[name]}`);
  await connection.run(`CREATE TABLE ${table} (${declared.join(', ')})`);
  return { table, columns };
}

/** Returns how many rows a table has. */
export async function countRows(connection: DuckDBConnection, table: string): Promise<number> {
  const counted = await connection.runAndReadAll(`SELECT count(*) FROM ${table}`);
  return Number(counted.getRows()[0]?.[0] ?? 0);
}

/** Returns a value of the database as a cell; integers beyond 2^53 are rounded to floating point. */
export function cellOf(value: DuckDBValue): Cell {
  if (value === null || typeof value === 'string' || typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof duckdb().DuckDBDecimalValue) return value.toDouble();
  return String(value);
}

/**
 * Megabytes that a thread needs for the blocks and row groups that it fills. Splitting a million rows works with 75 MB
 * per thread, and runs out of memory with 50.
 */
const THREAD_MB = 100;

/** Returns the number of threads of a database: one per core, but at least 100 MB for each. */
export function databaseThreads(memoryMb: number, cores: number = availableParallelism()): number {
  return Math.max(1, Math.min(cores, Math.floor(memoryMb / THREAD_MB)));
}

/**
 * Opens a database in a temporary folder while `work` runs: tables of any length can be handled, since what does not
 * fit into memory spills to the disk.
 *
 * @param memoryMb megabytes that the database may hold in memory; default 400, which joins and sorts a million rows of
 * a manifest while the whole process stays below 1 GB
 */
export async function withDatabase<T>(
  work: (connection: DuckDBConnection) => Promise<T>,
  memoryMb = 400,
): Promise<T> {
  return await withTemporaryFolder('tables', async (folder) => {
    const instance = await duckdb().DuckDBInstance.create(join(folder, 'tables.duckdb'), {
      memory_limit: `${memoryMb}MB`,
      temp_directory: join(folder, 'spill'),
      threads: String(databaseThreads(memoryMb)),
    });
    try {
      const connection = await instance.connect();
      try {
        return await work(connection);
      } finally {
        connection.closeSync();
      }
    } finally {
      instance.closeSync();
    }
  });
}

/**
 * Writes what a query returns as a Parquet file, whole or not at all.
 *
 * @param to the file, and how many rows of it are read at once; default DuckDB's 122,880
 * @throws EnvironmentError when the disk is full
 */
export async function writeQuery(
  connection: DuckDBConnection,
  select: string,
  to: { readonly path: string; readonly groupRows?: number },
): Promise<void> {
  const { path, groupRows } = to;
  const temporary = temporaryNameFor(path);
  const size = groupRows === undefined ? '' : `, ROW_GROUP_SIZE ${groupRows}`;
  try {
    await connection.run(`COPY (${select}) TO ${literal(temporary)} (FORMAT parquet${size})`);
    await commitRename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw systemError(error, path);
  }
}

/**
 * Returns the EnvironmentError of a failure of the system (a full disk, no permission, a path below a file, no memory)
 * where an error of the database means that, else the error itself: DuckDB states in words what the system states as a code.
 */
export function systemError(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || 'code' in error) return error;
  if (error.message.startsWith('Out of Memory Error')) {
    return new EnvironmentError(
      `${path}: the tables must fit the memory that a database gets here, but do not. Leave out columns that are not needed, such as the numbers of an embedding.`,
      { cause: error },
    );
  }
  const code = systemCodeOf(error.message);
  const text =
    code === undefined ? undefined : systemFailureText(Object.assign(new Error(), { code, path }));
  return text === undefined ? error : new EnvironmentError(text, { cause: error });
}
