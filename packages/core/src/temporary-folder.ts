/** Folders for what only one piece of work needs, which do not stay behind. */
import { rmSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jsonText } from './files.js';
import { readLock, thisProcess } from './file-lock.js';

/** A folder in the system's temporary folder. */
export interface TemporaryFolder {
  readonly path: string;
  /** Removes the folder with all that is in it. */
  readonly remove: () => Promise<void>;
}

/** Names the process that works in a folder. */
const OWNER_FILE = '.owner.json';

/** Those of this process: one listener of its exit is for all, as Node warns of the eleventh. */
const OPEN = new Set<string>();

/**
 * Makes a folder in the system's temporary folder. It is also removed when the process exits before `remove`; what killed
 * processes left of the same name is removed now. A hidden file in it names this process.
 *
 * @param name what the folder is for, in a word: `tables` makes `janus-tables-…`
 */
export async function makeTemporaryFolder(name: string): Promise<TemporaryFolder> {
  const prefix = `janus-${name}-`;
  await removeLeft(prefix);
  const path = await mkdtemp(join(tmpdir(), prefix));
  removeAtExit(path);
  const remove = async (): Promise<void> => {
    await rm(path, { recursive: true, force: true });
    OPEN.delete(path);
  };
  try {
    const owner = join(path, OWNER_FILE);
    await writeFile(owner, jsonText(owner, await thisProcess(name)));
    return { path, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Makes a temporary folder, removes it when `work` has ended, and returns what that returned. */
export async function withTemporaryFolder<T>(
  name: string,
  work: (path: string) => Promise<T>,
): Promise<T> {
  const folder = await makeTemporaryFolder(name);
  try {
    return await work(folder.path);
  } finally {
    await folder.remove();
  }
}

function removeAtExit(path: string): void {
  OPEN.add(path);
  if (!process.listeners('exit').includes(removeOpen)) process.on('exit', removeOpen);
}

function removeOpen(): void {
  for (const path of OPEN) {
    try {
      rmSync(path, { recursive: true, force: true });
    } catch {
      // Windows removes no file that is open; the next process does.
    }
  }
}

/** Removes the folders whose process has certainly ended. */
async function removeLeft(prefix: string): Promise<void> {
  const entries = await readdir(tmpdir(), { withFileTypes: true });
  const names = entries.filter((each) => each.isDirectory() && each.name.startsWith(prefix));
  for (const { name } of names) {
    const path = join(tmpdir(), name);
    try {
      const lock = await readLock(join(path, OWNER_FILE));
      if (lock?.isGone === true) await rm(path, { recursive: true, force: true });
    } catch {
      // Another user's, or removed by another process at this moment.
    }
  }
}
