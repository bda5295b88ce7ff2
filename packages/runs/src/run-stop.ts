/** How a training is asked to stop from outside of its process: by a file beside its lock. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { OptionsError, readLock, writeJson, type LockOwner } from '@janus/core';
import type { RunContext } from './context.js';
import { RUN_LOCK, RUN_STOP, whileLocked, type RunLockOptions } from './run-lock.js';

/** Milliseconds between two looks for the file: a step of a network takes about as long. */
const LOOK_MS = 500;

/** What {@link whileTraining} takes. */
export interface TrainingLockOptions extends Omit<RunLockOptions, 'work'> {
  readonly context: RunContext;
}

/**
 * Trains with a run's folder locked. The task receives the context with a signal that also fires when {@link requestStop}
 * asks for it: the run then ends as after Ctrl-C, and can be resumed.
 *
 * @throws EnvironmentError when another task holds the lock
 */
export async function whileTraining<T>(
  options: TrainingLockOptions,
  task: (context: RunContext) => Promise<T>,
): Promise<T> {
  const { folder, context, reporter } = options;
  return await whileLocked({ folder, work: 'training', reporter }, async (owner) => {
    const stop = new AbortController();
    const timer = setInterval(() => {
      void isAsked(folder, owner).then((asked) => {
        if (!asked || stop.signal.aborted) return;
        reporter.log('Asked to stop: the run ends after the step at hand.');
        stop.abort();
      });
    }, LOOK_MS);
    timer.unref();
    const { signal = stop.signal } = context;
    try {
      return await task({ ...context, signal: AbortSignal.any([signal, stop.signal]) });
    } finally {
      clearInterval(timer);
      await rm(join(folder, RUN_STOP), { force: true });
    }
  });
}

/**
 * Asks the training that writes into a run's folder to stop after the step at hand, with a checkpoint. It may run on
 * another machine that shares the folder. It has stopped when its lock is gone.
 *
 * @throws OptionsError when no training writes into the folder
 */
export async function requestStop(folder: string): Promise<void> {
  const lock = await readLock(join(folder, RUN_LOCK));
  if (lock === undefined || lock.isGone || lock.owner.work !== 'training') {
    throw new OptionsError(
      `${folder}: needs a training to stop, but none writes into this folder. Look at the run again; it may have ended.`,
    );
  }
  await writeJson(join(folder, RUN_STOP), lock.owner);
}

/** Returns whether a training has been asked to stop; what an earlier one was asked does not count. */
export async function isAsked(folder: string, owner: LockOwner): Promise<boolean> {
  try {
    const asked: unknown = JSON.parse(await readFile(join(folder, RUN_STOP), 'utf8'));
    return isDeepStrictEqual(asked, owner);
  } catch {
    return false; // there is none
  }
}
