/** Where the images that a table names lie on this machine. */

import type { DuckDBConnection } from '@duckdb/node-api';
import { countRows, createTable, type SqlTable } from '../manifest/database.js';
import { findFiles } from './local-files.js';

/** Paths written on Windows that were found here. */
export interface WindowsPaths {
  readonly count: number;
  /** The first of them as the table has it, and as it was found: relative to the table's folder. */
  readonly from: string;
  readonly to: string;
}

/** The images that were found. */
export interface LocatedImages {
  /** Rows whose image was found, with its absolute path. */
  readonly located: SqlTable<'n' | 'path'>;
  /** Null where there are none. */
  readonly windows: WindowsPaths | null;
}

/** A path with a backslash, or with the letter of a drive. */
const WINDOWS = "'(?s).*\\\\.*|[A-Za-z]:/.*'";

/**
 * Looks for images on this machine; a row whose image is not found, and that has no address, is rejected. A path
 * written on Windows that does not exist as it is written is tried with slashes; where it begins with a drive or a
 * server, its folders are left out from the left until it exists below the root. Two such paths never lead to one file.
 */
export async function locateImages(
  connection: DuckDBConnection,
  mapped: SqlTable,
  bad: SqlTable,
): Promise<LocatedImages> {
  const located = await createTable(connection, 'located', { n: 'BIGINT', path: 'VARCHAR' });
  const named = 'named';
  await connection.run(
    `CREATE TABLE ${named} AS SELECT n, root, file, url IS NOT NULL AS spare, ${folderAndName('file')}
     FROM ${mapped.table} WHERE file IS NOT NULL AND n NOT IN (SELECT n FROM ${bad.table})`,
  );
  if ((await countRows(connection, named)) === 0) return { located, windows: null };
  const { files, folders } = await findFiles(connection, 'exact', {
    table: named,
    columns: ['root', 'folder', 'name'],
  });
  await connection.run(
    `INSERT INTO ${located.table} SELECT m.n, ${placeOf('f', 'm')}
     FROM ${named} m JOIN ${files.table} p ON m.root = p.root AND m.folder = p.folder AND m.name = p.name
     JOIN ${folders.table} f ON m.root = f.root AND m.folder = f.folder`,
  );
  const windows = await locateWindows(connection, named, located);
  await connection.run(
    `INSERT INTO ${bad.table} SELECT n, 'missing file' FROM ${named} WHERE NOT spare AND n NOT IN (SELECT n FROM ${located.table})`,
  );
  return { located, windows };
}

/** Returns SQL of a path's folder, which ends in a slash or is empty, and its name. */
function folderAndName(path: string): string {
  return `regexp_extract(${path}, '^(.*/)?[^/]*$', 1) AS folder, regexp_extract(${path}, '[^/]*$') AS name`;
}

/** Returns SQL of the absolute path of a named file. */
function placeOf(folders: string, files: string): string {
  return `CASE WHEN ${folders}.place = '/' THEN '/' ELSE ${folders}.place || '/' END || ${files}.name`;
}

/** Looks for the paths written on Windows among those that were not found. */
async function locateWindows(
  connection: DuckDBConnection,
  named: string,
  located: LocatedImages['located'],
): Promise<WindowsPaths | null> {
  await connection.run(
    `CREATE TABLE windows AS SELECT n, root, file, replace(file, '\\', '/') AS slashed FROM ${named}
     WHERE regexp_full_match(file, ${WINDOWS}) AND n NOT IN (SELECT n FROM ${located.table})`,
  );
  if ((await countRows(connection, 'windows')) === 0) return null;
  // Each path without its first k - 1 folders; only k = 1 where it is relative.
  await connection.run(
    `CREATE TABLE tried AS SELECT n, k, root, path, ${folderAndName('path')} FROM (
       SELECT n, root, k, array_to_string(list_slice(parts, k, len(parts)), '/') AS path FROM (
         SELECT n, root, parts, unnest(range(1, CASE WHEN absolute THEN len(parts) ELSE 1 END + 1)) AS k FROM (
           SELECT n, root, regexp_matches(slashed, '^([A-Za-z]:|/)') AS absolute,
             string_split(regexp_replace(slashed, '^([A-Za-z]:)?/*', ''), '/') AS parts FROM windows)))`,
  );
  const { files, folders } = await findFiles(connection, 'windows', {
    table: 'tried',
    columns: ['root', 'folder', 'name'],
  });
  await connection.run(
    `CREATE TABLE hits AS SELECT w.n, w.file, w.slashed, h.path, h.place FROM windows w JOIN (
       SELECT m.n, arg_min(m.path, m.k) AS path, arg_min(${placeOf('f', 'm')}, m.k) AS place
       FROM tried m JOIN ${files.table} p ON m.root = p.root AND m.folder = p.folder AND m.name = p.name
       JOIN ${folders.table} f ON m.root = f.root AND m.folder = f.folder GROUP BY m.n
     ) h ON w.n = h.n
     -- Of two folders only one was copied here, and nothing says which.
     QUALIFY count(DISTINCT lower(w.slashed)) OVER (PARTITION BY h.place) = 1`,
  );
  await connection.run(`INSERT INTO ${located.table} SELECT n, place FROM hits`);
  const found = await connection.runAndReadAll(
    'SELECT count(*) OVER (), file, path FROM hits ORDER BY n LIMIT 1',
  );
  const [first] = found.getRows();
  if (first === undefined) return null;
  const [count, from, to] = first;
  return { count: Number(count), from: String(from), to: String(to) };
}
