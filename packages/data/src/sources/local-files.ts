/** Which of the files that a table names exist. */

import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { forEachConcurrently } from '@janus/core';
import { cellOf, createTable, type SqlTable } from '../manifest/database.js';

/** Folders listed at once. */
const CONCURRENCY = 16;

/** Files by name: `folder` is relative to `root` and ends in a slash, or is empty. */
type NamedFiles = SqlTable<'root' | 'folder' | 'name'>;

/** What {@link findFiles} found. */
interface FoundFiles {
  /** Every file that lies in one of the named folders. */
  readonly files: NamedFiles;
  /** The absolute path of each named folder, without a slash at its end. */
  readonly folders: SqlTable<'root' | 'folder' | 'place'>;
}

/**
 * Lists each folder of a table of named files once. Links are followed.
 *
 * @param search a word that the names of the tables begin with
 */
export async function findFiles(
  connection: DuckDBConnection,
  search: string,
  named: NamedFiles,
): Promise<FoundFiles> {
  const found = await connection.runAndReadAll(`SELECT DISTINCT root, folder FROM ${named.table}`);
  const wanted = found.getRows().map(([root, folder]) => ({
    root: String(cellOf(root ?? null) ?? ''),
    folder: String(cellOf(folder ?? null) ?? ''),
  }));
  const text = 'VARCHAR';
  const folders = await createTable(connection, `${search}_folders`, {
    root: text,
    folder: text,
    place: text,
  });
  const files = await createTable(connection, `${search}_files`, {
    root: text,
    folder: text,
    name: text,
  });
  const toFolders = await connection.createAppender(folders.table);
  const toFiles = await connection.createAppender(files.table);
  await forEachConcurrently(
    wanted,
    async ({ root, folder }) => {
      const at = resolve(root, folder);
      for (const value of [root, folder, at]) toFolders.appendVarchar(value);
      toFolders.endRow();
      for (const name of await filesIn(at)) {
        for (const value of [root, folder, name]) toFiles.appendVarchar(value);
        toFiles.endRow();
      }
    },
    CONCURRENCY,
  );
  toFolders.closeSync();
  toFiles.closeSync();
  return { files, folders };
}

/** Returns the names of the files in a folder; none where it cannot be listed. */
async function filesIn(folder: string): Promise<readonly string[]> {
  let entries;
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch {
    return [];
  }
  const names: string[] = [];
  for (const entry of entries) {
    if (entry.isFile()) names.push(entry.name);
    else if (entry.isSymbolicLink() && (await isFile(join(folder, entry.name)))) {
      names.push(entry.name);
    }
  }
  return names;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
