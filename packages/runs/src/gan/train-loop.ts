/** The loop of an adversarial run: records, checkpoints, samples, alarms, and how it ends. */
import { join } from 'node:path';
import {
  NumericalError,
  peakRssMb,
  type BatchCursor,
  type Reporter,
  type RunRecord,
  type StepRecord,
} from '@janus/core';
import { saveCheckpoint, type Checkpoint } from '@janus/models';
import type { Collapse } from '../collapse.js';
import type { FinishedRun, RunContext } from '../context.js';
import type { DivergenceAlarm } from '../divergence.js';
import { openRecordWriter } from '../event-files.js';
import { closeRun } from '../run-folder.js';
import { checkFiniteWeights, withLastCheckpoint } from './broken-weights.js';

/** Steps between checkpoints, and between sample sheets. */
const CHECKPOINT_STEPS = 100;
/** A record reads the losses back, and so waits for them. */
export const RECORD_EVERY = 10;

/** What the loop of any model's steps takes. */
export interface StepLoop {
  readonly recordEvery: number;
  readonly maxSteps: number;
  readonly signal?: AbortSignal;
}

/** A training that is ready to begin, or to go on. */
export interface GanRun {
  readonly folder: string;
  readonly record: RunRecord<unknown>;
  readonly reporter: Reporter;
  readonly context: Pick<RunContext, 'signal' | 'onRecord' | 'tensorboard'>;
  /** Where the training stands; changed by its steps. */
  readonly progress: { readonly step: number; readonly cursor: BatchCursor };
  /** Updates in all, those before a resume included. */
  readonly total: number;
  /** Images of an update. */
  readonly imagesPerStep: number;
  /** Names the progress line. */
  readonly label: string;
  /** Trains, and yields what it recorded. */
  readonly steps: (loop: StepLoop) => AsyncIterable<StepRecord>;
  readonly checkpoint: () => Promise<Checkpoint>;
  /** Writes samples of what the networks make now. */
  readonly sample: () => Promise<void>;
  /** Writes samples outside of their usual steps, which no alarm sees: after each of these updates; default never. */
  readonly further?: { readonly after: readonly number[]; readonly sample: () => Promise<void> };
  /** Writes the models of a run that is finished or stopped. */
  readonly saveModels: () => Promise<void>;
  /** Returns what the progress line says beside the steps. */
  readonly note: (record: StepRecord) => string;
  readonly alarm: DivergenceAlarm;
  /** What watches for a collapse. */
  readonly collapse: {
    readonly see: (record: StepRecord) => void;
    readonly end: () => { readonly collapsed?: readonly Collapse[] };
  };
}

/**
 * Trains a run from where it stands to its end, or until it is stopped, and leaves it complete in its folder.
 *
 * @throws NumericalError when a loss or a weight is not finite; it names the last good checkpoint
 */
export async function trainGanRun(run: GanRun): Promise<FinishedRun> {
  const { folder, progress, total, alarm, collapse } = run;
  const firstStep = progress.step;
  const began = performance.now();
  const endOf = (finished: boolean): Omit<FinishedRun, 'diverged' | 'collapsed'> => {
    const seconds = (performance.now() - began) / 1000;
    const steps = progress.step;
    const imagesPerSecond = seconds > 0 ? ((steps - firstStep) * run.imagesPerStep) / seconds : 0;
    return { folder, finished, steps, seconds, imagesPerSecond, peakRssMb: peakRssMb() };
  };
  try {
    if (firstStep < total) await trainSteps(run);
    await save(run);
  } catch (error) {
    if (!(error instanceof NumericalError)) throw error;
    await closeRun(run.record, { ...endOf(false), diverged: alarm.fail(error) });
    throw await withLastCheckpoint(error, folder);
  }
  const finished = progress.step >= total;
  if (finished) await run.sample();
  await run.saveModels();
  return { ...endOf(finished), ...alarm.end(), ...collapse.end() };
}

async function save({ folder, checkpoint }: GanRun): Promise<void> {
  const made = await checkpoint();
  checkFiniteWeights(made);
  await saveCheckpoint(join(folder, 'checkpoints'), made);
}

async function trainSteps(run: GanRun): Promise<void> {
  const { folder, progress, total, reporter, label, context } = run;
  const { signal } = context;
  const write = await openRecordWriter(folder, context.tensorboard);
  const before = progress.step;
  let saved = before;
  const isWanted = wantedSamples(run.further?.after ?? [], before);
  const loop = {
    ...{ recordEvery: RECORD_EVERY, maxSteps: total },
    ...(signal === undefined ? {} : { signal }),
  };
  for await (const record of run.steps(loop)) {
    await write(record);
    run.alarm.see(record);
    run.collapse.see(record);
    if (record.kind === 'step') {
      reporter.progress({
        ...{ done: record.step, before, total, unit: 'steps', label },
        note: run.note(record),
      });
    }
    await context.onRecord?.(record);
    // The record of an epoch follows that of its last step: a checkpoint in between would lose it.
    const epochFollows = record.kind === 'step' && progress.cursor.batch === 0;
    if (record.step - saved >= CHECKPOINT_STEPS && !epochFollows) {
      saved = record.step;
      await save(run);
      await run.sample();
    } else if (isWanted(record.step)) {
      await run.further?.sample();
    }
  }
}

/** Returns whether a step, asked in their order, is the first one at or after one of those wanted. */
function wantedSamples(steps: readonly number[], begun: number): (step: number) => boolean {
  let last = begun;
  return (step) => {
    const isWanted = steps.some((wanted) => wanted > last && wanted <= step);
    last = Math.max(last, step);
    return isWanted;
  };
}
