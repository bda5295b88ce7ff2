/** One fetch at a time in a folder. */

import { existsSync } from 'node:fs';
import { link, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { OptionsError, temporaryNameFor } from '@janus/core';

/**
 * Folders that this process fetches into: the lock below keeps out other processes only (POSIX locks belong
 * to a process), so that within one this list must.
 */
const HERE = new Set<string>();

function taken(folder: string, by: string): OptionsError {
  return new OptionsError(
    `${folder}: one fetch at a time writes into a folder, but ${by} does. Wait for its end, or stop it.`,
  );
}

/**
 * Takes the lock of a folder; returns what gives it back. The system takes it from a process that ends,
 * however it ends: Node has no file locks, but the database has, and opening an empty one takes its file's.
 * The file `.fetch.lock` stays, since one that is removed can be locked twice.
 *
 * @throws OptionsError when somebody else has it
 */
export async function lockFetch(folder: string): Promise<() => void> {
  const real = await realpath(folder);
  if (HERE.has(real)) throw taken(folder, 'another one of this program');
  HERE.add(real);
  try {
    const path = join(folder, '.fetch.lock');
    if (!existsSync(path)) await makeLock(path);
    const instance = await DuckDBInstance.create(path);
    return () => {
      instance.closeSync();
      HERE.delete(real);
    };
  } catch (error) {
    HERE.delete(real);
    const message = error instanceof Error ? error.message : '';
    if (!/set lock on file|used by another process/i.test(message)) throw error;
    const pid = /PID (\d+)/.exec(message)?.[1];
    throw taken(folder, pid === undefined ? 'another one' : `another one (process ${pid})`);
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
