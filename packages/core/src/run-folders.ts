/** The run folders below a folder. */
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from './errors.js';

/** Runs may lie this many folders deep: `<dir>/table2/row-03`. */
const DEPTH = 3;

/** What {@link findRunFolders} found. */
export interface FoundRunFolders {
  /** Paths, each below the folder that was searched. */
  readonly folders: readonly string[];
  /** Folders below it that cannot be read. */
  readonly unreadable: readonly UnreadableFolder[];
}

/** A folder that cannot be read. */
export interface UnreadableFolder {
  readonly name: string;
  /** One line: which folder, what is wrong with it, the way out. */
  readonly reason: string;
}

/**
 * Returns the folders with a `run.json`: the folder itself, else those up to three folders below it. Links and hidden
 * folders are not followed.
 *
 * @throws DataError when the folder itself cannot be read
 */
export async function findRunFolders(folder: string): Promise<FoundRunFolders> {
  const unreadable: UnreadableFolder[] = [];
  return { folders: await foldersIn(folder, DEPTH, unreadable), unreadable };
}

async function foldersIn(
  folder: string,
  depth: number,
  unreadable: UnreadableFolder[],
): Promise<readonly string[]> {
  const entries = await entriesOf(folder);
  if (entries.some((entry) => entry.isFile() && entry.name === 'run.json')) return [folder];
  if (depth === 0) return [];
  const inner = entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(async ({ name }) => {
      try {
        return await foldersIn(join(folder, name), depth - 1, unreadable);
      } catch (error) {
        if (!(error instanceof DataError)) throw error;
        unreadable.push({ name, reason: error.message });
        return [];
      }
    });
  return (await Promise.all(inner)).flat();
}

async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    throw new DataError(
      `${folder}: must be a readable folder, but is not (${code}). Fix its permissions.`,
      { path: folder, cause: error },
    );
  }
}
