/** Tables that fit into memory, as text. */

import { withTemporaryFolder } from '@janus/core';
import { quoted, withDatabase } from '../manifest/database.js';
import type { Reject } from '../manifest/manifest.js';
import { loadTables } from './load-tables.js';

/** A row of a table. */
export interface TextRow {
  readonly file: string;
  /** Its line, or its place in a JSON list; from 1. */
  readonly line: number;
  /** Returns the text of a column, trimmed; empty where there is none. */
  readonly value: (column: string) => string;
}

/** What {@link readRows} found. */
interface TextRows {
  /** Of all files together. */
  readonly columns: readonly string[];
  readonly rows: readonly TextRow[];
  /** What is not a row. */
  readonly rejects: readonly Reject[];
}

/**
 * Reads the rows of tables of any format, with their lines.
 *
 * @throws DataError when a file is not a table
 */
export async function readRows(files: readonly string[]): Promise<TextRows> {
  if (files.length === 0) return { columns: [], rows: [], rejects: [] };
  return await withTemporaryFolder('rows', (work) =>
    withDatabase(async (connection) => {
      const { table, places, rejected, ...loaded } = await loadTables(connection, files, { work });
      const columns = loaded.columns.map(({ name }) => name);
      const found = await connection.runAndReadAll(
        `SELECT p.source, s.rowid + p.shift, ${columns.map((name) => `CAST(s.${quoted(name)} AS VARCHAR)`).join(', ')}
         FROM ${table} s ASOF JOIN ${places.table} p ON s.rowid >= p.first ORDER BY s.rowid`,
      );
      const cellAt = new Map(columns.map((name, i) => [name, i + 2]));
      const rows = found.getRows().map((cells): TextRow => ({
        file: String(cells[0]),
        line: Number(cells[1]),
        value: (column) => String(cells[cellAt.get(column) ?? -1] ?? '').trim(),
      }));
      const bad = await connection.runAndReadAll(
        `SELECT ${rejected.columns.map(quoted).join(', ')} FROM ${rejected.table}`,
      );
      const rejects = bad.getRows().map(([row, path, reason, source]): Reject => ({
        row: Number(row),
        path: String(path),
        reason: String(reason),
        source: String(source),
      }));
      return { columns, rows, rejects };
    }),
  );
}
