import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { lockFile, type LockOwner, type Reporter } from '@janus/core';

/** In a run's folder while something writes into it. */
export const RUN_LOCK = 'run.lock';

/** Asks the training that holds the lock to stop; beside the lock. */
export const RUN_STOP = 'run.stop';

/** What {@link whileLocked} takes. */
export interface RunLockOptions {
  /** The run's folder; created when it is absent. */
  readonly folder: string;
  /** What is done meanwhile, in a word. */
  readonly work: 'training' | 'evaluation';
  /** Receives a line where a lock that a killed process left was taken over. */
  readonly reporter: Pick<Reporter, 'log'>;
}

/**
 * Does a task that writes into a run's folder, while no other may: neither of this process nor of another, also one on
 * another machine that shares the folder. Reading (prediction, translation, the report) needs no lock.
 *
 * @param task receives what the lock says of this process
 * @throws EnvironmentError when another task holds the lock: which process, and since when
 */
export async function whileLocked<T>(
  options: RunLockOptions,
  task: (owner: LockOwner) => Promise<T>,
): Promise<T> {
  const { folder, work, reporter } = options;
  const isNew = !existsSync(folder);
  await mkdir(folder, { recursive: true });
  const lock = await lockFile(join(folder, RUN_LOCK), work);
  try {
    const { takenFrom } = lock;
    if (takenFrom !== undefined) {
      reporter.log(
        `${folder}: took over the lock of process ${takenFrom.pid} (${takenFrom.work} since ${takenFrom.since}), which has ended.`,
      );
    }
    return await task(lock.owner);
  } finally {
    await lock.release();
    // A task that was refused leaves no folder behind.
    if (isNew) await rmdir(folder).catch(() => undefined);
  }
}

/** Returns what a run's folder holds beside its lock and what belongs to that. */
export async function contentOf(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => !name.startsWith(RUN_LOCK) && name !== RUN_STOP);
}

/** Removes a run from its folder, the record last: a removal that is interrupted can be repeated. */
export async function emptyRunFolder(folder: string): Promise<void> {
  const names = (await contentOf(folder)).filter((name) => name !== 'run.json');
  for (const name of [...names, 'run.json']) {
    await rm(join(folder, name), { recursive: true, force: true });
  }
}
