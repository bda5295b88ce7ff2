/** Which of the files that a table names are there. */

import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { cellOf } from '../manifest/database.js';
import { forEachConcurrently } from '@janus/core';

/** Folders listed at once. */
const CONCURRENCY = 16;

/**
 * Finds the files of the table `named` (root, folder, name; the folder's text ends in a slash or is
 * empty) by listing each folder once, and puts those that are there into `present` (root, folder,
 * name), and where each folder lies into `folders` (root, folder, place). Links are followed.
 */
export async function findFiles(connection: DuckDBConnection): Promise<void> {
  await connection.run(`
    CREATE TABLE folders (root VARCHAR, folder VARCHAR, place VARCHAR);
    CREATE TABLE present (root VARCHAR, folder VARCHAR, name VARCHAR)`);
  const found = await connection.runAndReadAll('SELECT DISTINCT root, folder FROM named');
  const wanted = found.getRows().map(([root, folder]) => ({
    root: String(cellOf(root ?? null) ?? ''),
    folder: String(cellOf(folder ?? null) ?? ''),
  }));
  const folders = await connection.createAppender('folders');
  const present = await connection.createAppender('present');
  await forEachConcurrently(
    wanted,
    async ({ root, folder }) => {
      const at = resolve(root, folder);
      for (const value of [root, folder, at]) folders.appendVarchar(value);
      folders.endRow();
      for (const name of await filesIn(at)) {
        for (const value of [root, folder, name]) present.appendVarchar(value);
        present.endRow();
      }
    },
    CONCURRENCY,
  );
  folders.closeSync();
  present.closeSync();
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
