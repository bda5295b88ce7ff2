/** What the readers of table files share: the rows of one file as a table of the database. */

import { symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import { DataError, temporaryNameFor } from '@janus/core';
import { createTable, type SqlTable } from '../manifest/database.js';
import type { ColumnType } from '../manifest/tables.js';
import type { Place } from './text-file.js';

/** A column of a loaded table. */
export interface LoadedColumn {
  readonly name: string;
  /** `text` came as text and may mean a number; the other types are those that the file states. */
  readonly type: ColumnType | 'text';
}

/** The rows of one file. */
export interface TablePart {
  readonly table: string;
  readonly columns: readonly LoadedColumn[];
  /** The line of each row. */
  readonly places: readonly Place[];
  /** The character between cells; absent where cells are not separated by one. */
  readonly delimiter?: string;
  /** Whether the file is a plain list; default false. */
  readonly isList?: boolean;
}

/**
 * The table of what is not a row: its line (or place in a JSON list, from 1), the beginning of its text, why
 * it is not a row, and the file that it stands in.
 */
export type RejectedLines = SqlTable<'row' | 'path' | 'reason' | 'source'>;

/** What every reader needs. */
export interface PartOptions {
  /** Name of the table that the reader makes. */
  readonly into: string;
  readonly rejected: RejectedLines;
  /** A folder for copies, which the caller makes and removes. */
  readonly work: string;
}

/** Makes an empty table of rejected lines. */
export async function createRejectedLines(connection: DuckDBConnection): Promise<RejectedLines> {
  return await createTable(connection, 'rejected', {
    row: 'BIGINT',
    path: 'VARCHAR',
    reason: 'VARCHAR',
    source: 'VARCHAR',
  });
}

/** Adds a line to a table of rejected lines. */
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

/** Returns a path to the same file in which the database sees no pattern. */
export async function plainPath(path: string, work: string): Promise<string> {
  if (!/[*?[\]{}]/.test(path)) return path;
  const link = temporaryNameFor(join(work, 'table'));
  await symlink(resolve(path), link);
  return link;
}

/** Returns the error of a file that is not a table. */
export function unreadable(path: string, error: unknown): DataError {
  const reason = (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
  return new DataError(
    `${path}: must be a readable table, but ${reason.replace(/\.$/, '')}. Check the file.`,
    { path, cause: error },
  );
}
