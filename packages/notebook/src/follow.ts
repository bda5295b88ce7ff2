import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { countText, durationText, readRun } from '@janus/core';
import type { ExistingRun, FinishedRun, RunContext } from '@janus/runs';
import { currentScreen } from './kernel-screen.js';
import { openRunView } from './run-view.js';
import type { Screen } from './screen.js';

/** Where a followed run goes, and who stops it. */
export interface FollowContext extends Omit<RunContext, 'folder' | 'existing' | 'reporter'> {
  /** The run's folder. */
  readonly folder: string;
  /**
   * Default `continue`: a run that was stopped is resumed, one that has finished is replaced, so that a cell that was
   * stopped is just run again.
   */
  readonly existing?: ExistingRun | 'continue';
  /** Default the cell that runs, or standard output where no kernel runs. */
  readonly screen?: Screen;
  /** Where the stop button's SIGINT arrives; default this process. */
  readonly interrupts?: Interrupts;
  /** Milliseconds that only grow; default the process's. */
  readonly now?: () => number;
}

/** A process, as far as a followed run needs it. */
export interface Interrupts {
  readonly on: (signal: 'SIGINT', listener: () => void) => unknown;
  readonly off: (signal: 'SIGINT', listener: () => void) => unknown;
}

/** Runs that are under way in this process, by folder. */
const underWay = new Map<string, Promise<unknown>>();

/**
 * Trains a run and shows in place how it gets on: progress, curves, and a translation's newest samples. The stop button
 * of a notebook (SIGINT) ends the run after the step at hand, with a checkpoint; running the cell again resumes it, and
 * the result equals that of a run that was not stopped.
 *
 * A kernel rejects a stopped cell at once, while its code continues: that is why a training in a notebook has to be
 * followed. A cell that is run again waits until the run that was stopped has written its checkpoint.
 *
 * @param train such as `trainClassifier` or `trainCycleGan`
 * @param options of that training
 * @throws what the training throws
 * @example
 * const run = await follow(trainClassifier, options, { folder: 'runs/first' });
 */
export async function follow<Options, Result extends FinishedRun>(
  train: (options: Options, context: RunContext) => Promise<Result>,
  options: Options,
  context: FollowContext,
): Promise<Result> {
  const folder = resolve(context.folder);
  await underWay.get(folder)?.catch(() => undefined);
  const run = followed(train, options, { ...context, folder });
  underWay.set(folder, run);
  try {
    return await run;
  } finally {
    if (underWay.get(folder) === run) underWay.delete(folder);
  }
}

async function followed<Options, Result extends FinishedRun>(
  train: (options: Options, context: RunContext) => Promise<Result>,
  options: Options,
  given: FollowContext,
): Promise<Result> {
  const { screen = currentScreen(), interrupts = process, now = clock, ...context } = given;
  const { folder, existing = 'continue', signal, onRecord } = context;
  const view = openRunView(folder, { screen, now });
  const stop = new AbortController();
  const stopRun = (): void => {
    view.reporter.log('Stopping after the step at hand.');
    stop.abort();
  };
  interrupts.on('SIGINT', stopRun);
  try {
    const result = await train(options, {
      ...context,
      existing: existing === 'continue' ? await continued(folder) : existing,
      signal: signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]),
      reporter: view.reporter,
      onRecord: async (record) => {
        await onRecord?.(record);
        await view.draw();
      },
    });
    await view.end(endText(result));
    return result;
  } finally {
    interrupts.off('SIGINT', stopRun);
  }
}

const clock = (): number => performance.now();

/** Returns what to do with what a folder holds. */
async function continued(folder: string): Promise<ExistingRun> {
  if (!existsSync(join(folder, 'run.json'))) return 'refuse';
  const { status } = await readRun(folder);
  return status === 'finished' ? 'overwrite' : 'resume';
}

function endText({ finished, steps, seconds, imagesPerSecond, folder }: FinishedRun): string {
  const done = `${countText(steps)} updates`;
  if (!finished) {
    return `Stopped after ${done}; the checkpoint is in ${folder}. Run the cell again to resume: the result equals that of a run that was not stopped, and the cells below need it.`;
  }
  const rate = imagesPerSecond > 0 ? `, ${imagesPerSecond.toFixed(0)} images/s` : '';
  return `${done} in ${durationText(seconds)}${rate}: ${folder}`;
}
