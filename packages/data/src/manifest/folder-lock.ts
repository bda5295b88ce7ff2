/** Locks that let one process at a time write into a folder. */

import { existsSync } from 'node:fs';
import { link, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EnvironmentError, temporaryNameFor } from '@janus/core';
import { duckdb } from './duckdb.js';

/**
 * Locks that this process holds. The lock of a file keeps out other processes only, because POSIX locks belong to
 * a process; this list keeps out a second call within the process.
 */
const HERE = new Set<string>();

function taken(folder: string, what: string, by: string): EnvironmentError {
  return new EnvironmentError(
    `${folder}: one ${what} at a time may write into a folder, but ${by} is running. Wait until it ends, or stop it.`,
  );
}

/**
 * Takes the lock of a folder and returns a function that releases it. The system releases it too when the process
 * ends, however it ends: Node has no file locks, but DuckDB locks the file of a database that it opens, and this
 * opens an empty one. The file `.<what>.lock` stays, since a lock file that is removed can be locked twice.
 *
 * @param what the step that holds the lock, in one word: `fetch`
 * @throws EnvironmentError when another process, or another call in this one, holds it
 */
export async function lockFolder(folder: string, what: string): Promise<() => void> {
  const real = join(await realpath(folder), `.${what}.lock`);
  if (HERE.has(real)) throw taken(folder, what, 'another one in this process');
  HERE.add(real);
  try {
    if (!existsSync(real)) await makeLock(real);
    const instance = await duckdb().DuckDBInstance.create(real);
    return () => {
      instance.closeSync();
      HERE.delete(real);
    };
  } catch (error) {
    HERE.delete(real);
    const message = error instanceof Error ? error.message : '';
    if (!/set lock on file|used by another process/i.test(message)) throw error;
    const pid = /PID (\d+)/.exec(message)?.[1];
    throw taken(folder, what, pid === undefined ? 'another one' : `another one (process ${pid})`);
  }
}

/** Puts a whole empty database at `path`, never half of one; another process may have been faster. */
async function makeLock(path: string): Promise<void> {
  const temporary = temporaryNameFor(path);
  try {
    (await duckdb().DuckDBInstance.create(temporary)).closeSync();
    await link(temporary, path);
  } catch (error) {
    if (!existsSync(path)) throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}
