/** One process at a time does a thing in a folder. */

import { existsSync } from 'node:fs';
import { link, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { OptionsError, temporaryNameFor } from '@janus/core';

/**
 * What this process does where: the lock below keeps out other processes only (POSIX locks belong to a
 * process), so that within one this list must.
 */
const HERE = new Set<string>();

function taken(folder: string, what: string, by: string): OptionsError {
  return new OptionsError(
    `${folder}: one ${what} at a time writes into a folder, but ${by} does. Wait for its end, or stop it.`,
  );
}

/**
 * Takes a lock of a folder; returns what gives it back. The system takes it from a process that ends,
 * however it ends: Node has no file locks, but the database has, and opening an empty one takes its file's.
 * The file `.<what>.lock` stays, since one that is removed can be locked twice.
 *
 * @param what is done under the lock, in one word: `fetch`
 * @throws OptionsError when somebody else has it
 */
export async function lockFolder(folder: string, what: string): Promise<() => void> {
  const real = join(await realpath(folder), `.${what}.lock`);
  if (HERE.has(real)) throw taken(folder, what, 'another one of this program');
  HERE.add(real);
  try {
    if (!existsSync(real)) await makeLock(real);
    const instance = await DuckDBInstance.create(real);
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

/** Puts a whole empty database at `path`, unless somebody was faster: never half of one. */
async function makeLock(path: string): Promise<void> {
  const temporary = temporaryNameFor(path);
  try {
    (await DuckDBInstance.create(temporary)).closeSync();
    await link(temporary, path);
  } catch (error) {
    if (!existsSync(path)) throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}
