/** What a run does, from its record and its lock. */
import { join } from 'node:path';
import { readLock, type LockOwner, type RunRecord } from '@janus/core';
import { RUN_LOCK } from '../run-lock.js';
import { isAsked } from '../run-stop.js';
import type { RunState } from './run-view.js';

/** What somebody does in a run's folder. */
export interface RunWork {
  /** Who holds the lock. */
  readonly owner: LockOwner;
  /** Whether it was asked to stop. */
  readonly asked: boolean;
}

/** Returns what is done in a run's folder; undefined where nothing is, or the process that did it has ended. */
export async function workIn(folder: string): Promise<RunWork | undefined> {
  const lock = await readLock(join(folder, RUN_LOCK));
  if (lock === undefined || lock.isGone) return undefined;
  return { owner: lock.owner, asked: await isAsked(folder, lock.owner) };
}

/** Returns what a run does or how it ended, and the same in words. */
export function runState(
  { status, result }: Pick<RunRecord, 'status' | 'result'>,
  work: RunWork | undefined,
): readonly [RunState, string] {
  if (work !== undefined) return workState(work);
  const diverged = divergedText(result);
  if (diverged !== undefined) return ['diverged', diverged];
  switch (status) {
    case 'finished':
      return ['finished', 'finished'];
    case 'stopped':
      return ['stopped', 'stopped, can be resumed'];
    case 'running':
      return ['stopped', 'its process has ended; can be resumed from the last checkpoint'];
  }
}

function workState({ owner, asked }: RunWork): readonly [RunState, string] {
  const by = `process ${owner.pid} on ${owner.host.split(' ')[0] ?? ''}`;
  if (owner.work !== 'training') return ['evaluating', `${owner.work} by ${by}`];
  if (asked) return ['stopping', `stopping after the step at hand, ${by}`];
  return ['running', `training, ${by}`];
}

/** Returns where a loss left its range: `diverged at step 30 (crossEntropy 26300)`. */
function divergedText(result: RunRecord['result']): string | undefined {
  const diverged = result?.['diverged'];
  if (typeof diverged !== 'object' || diverged === null) return undefined;
  const { step, name, loss } = diverged as Readonly<Record<string, unknown>>;
  const value = typeof loss === 'number' ? loss.toPrecision(3) : 'not finite';
  return `diverged at step ${String(step)} (${String(name)} ${value})`;
}
