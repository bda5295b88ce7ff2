/** What every reader of table files shares: a piece that lies in the database. */

import { symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import { DataError, temporaryNameFor } from '@janus/core';
import type { ColumnType } from '../manifest/tables.js';
import type { Place } from './text-file.js';

/** A column of the table `source`. */
export interface LoadedColumn {
  readonly name: string;
  /** `text` is what came as text and may mean a number; the others are what the file says. */
  readonly type: ColumnType | 'text';
}

/** What was read into the table `part`. */
export interface TablePart {
  readonly columns: readonly LoadedColumn[];
  readonly places: readonly Place[];
}

/** Returns a path in which the database sees no pattern. */
export async function plainPath(path: string, work: string): Promise<string> {
  if (!/[*?[\]{}]/.test(path)) return path;
  const link = temporaryNameFor(join(work, 'table'));
  await symlink(resolve(path), link);
  return link;
}

/** Returns the error of a file that is no table. */
export function unreadable(path: string, error: unknown): DataError {
  const reason = (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
  return new DataError(
    `${path}: must be a table that can be read, but ${reason.replace(/\.$/, '')}. Check the file.`,
    { path, cause: error },
  );
}

/** Returns how many rows a table has. */
export async function countOf(connection: DuckDBConnection, table: string): Promise<number> {
  const counted = await connection.runAndReadAll(`SELECT count(*) FROM ${table}`);
  return Number(counted.getRows()[0]?.[0]);
}

/** Adds a row to the table `rejected`. */
export function appendReject(
  appender: DuckDBAppender,
  reject: {
    readonly line: number;
    readonly path: string;
    readonly reason: string;
    readonly source: string;
  },
): void {
  appender.appendBigInt(BigInt(reject.line));
  appender.appendVarchar(reject.path);
  appender.appendVarchar(reject.reason);
  appender.appendVarchar(reject.source);
  appender.endRow();
}
