/** The loop of an adversarial training, whatever its networks are. */
import * as tf from '@tensorflow/tfjs';
import {
  NumericalError,
  TensorLeakError,
  type BatchCursor,
  type BatchSource,
  type StepRecord,
} from '@janus/core';

/** Where a training stands: all that its next step depends on beside its networks, optimizers and pools. */
export interface GanProgress {
  /** Updates done so far. */
  step: number;
  /** The next batch. */
  cursor: BatchCursor;
  /** Sums of this epoch's recorded losses, for its mean. */
  sums: Record<string, number>;
  /** How many records are in each of `sums`. */
  counts: Record<string, number>;
  /** The generators' mean loss (`generatorTotal`) in each epoch so far: some schedules depend on it. */
  earlierLosses: number[];
}

/** What the loop needs of a training. */
export interface GanTraining<Batch> {
  /** Names the function in errors: `cycleGanSteps`. */
  readonly where: string;
  readonly phase: NonNullable<StepRecord['phase']>;
  /** Changed by the loop. */
  readonly progress: GanProgress;
  /** Epochs in all. */
  readonly epochs: number;
  /** Returns the learning rate of an epoch, counted from 0. */
  readonly rateOf: (epoch: number) => number;
  /** The terms that an update returns, in their order. */
  readonly losses: readonly string[];
  /** Those that are recorded after `step` updates; default all. */
  readonly recorded?: (step: number) => readonly string[];
  /** Does one update; returns the terms, float32 [losses], which the loop disposes. */
  readonly update: (batch: Batch, learningRate: number) => Promise<tf.Tensor1D>;
  /** Returns the metrics of an epoch's end; default none. */
  readonly measure?: (() => Promise<Record<string, number>>) | undefined;
}

/** Options of {@link ganSteps}. */
export interface GanStepsOptions {
  /** Steps per record; reading the losses back waits for them. Default 1. */
  readonly recordEvery?: number;
  /** Updates after which it ends, whatever the epochs say, with a record; default no limit. */
  readonly maxSteps?: number;
  /** Stops before the next step when aborted. */
  readonly signal?: AbortSignal;
  /** Seconds since any moment; default the process's clock. */
  readonly clock?: () => number;
}

/**
 * Trains until the last epoch of the schedule (constant and decaying ones) and yields a record every
 * `recordEvery` steps and at the end of each epoch. Whenever it has yielded, the training is complete:
 * the caller may save it, sample from it, stop, and continue with another call.
 *
 * A record's losses are those of its step; an epoch's are the means of its records (but for one that only
 * `maxSteps` asked for).
 *
 * @throws NumericalError when a recorded loss is not finite
 * @throws TensorLeakError when a step leaves tensors behind
 */
export async function* ganSteps<Batch extends { readonly next: BatchCursor }>(
  training: GanTraining<Batch>,
  source: BatchSource<Batch>,
  options: GanStepsOptions = {},
): AsyncGenerator<StepRecord, void, void> {
  const { recordEvery = 1, maxSteps = Infinity, signal } = options;
  const { clock = (): number => performance.now() / 1000 } = options;
  const { progress, epochs, phase, where } = training;
  if (progress.cursor.epoch >= epochs) return;
  const start = clock();
  for await (const batch of source.batches(progress.cursor)) {
    if (signal?.aborted === true || progress.step >= maxSteps) return;
    const { epoch } = progress.cursor;
    const rate = training.rateOf(epoch);
    const ended = batch.next.epoch > epoch;
    const next = progress.step + 1;
    const counts = ended || next % recordEvery === 0;
    const recorded = counts || next === maxSteps;

    const tensors = tf.memory().numTensors;
    progress.step++;
    const losses = await training.update(batch, rate);
    progress.cursor = batch.next;
    checkLeak(where, tf.memory().numTensors - tensors - 1); // 1: the losses
    const values = recorded ? Array.from(await losses.data()) : undefined;
    losses.dispose();
    if (values === undefined) continue;

    const record = {
      ...({ step: progress.step, epoch, split: 'train', phase } as const),
      learningRate: rate,
      seconds: clock() - start,
    };
    const named = namedLosses(training, values);
    checkFinite(where, named, progress.step);
    // The record of an end by maxSteps stays out: a training that is extended has the epoch's usual mean.
    if (counts) addTo(progress, named);
    const means = meansOf(progress);
    if (ended) endEpoch(progress, means);
    yield { ...record, kind: 'step', losses: named };
    if (ended) {
      const metrics = await training.measure?.();
      yield { ...record, kind: 'epoch', losses: means, ...(metrics && { metrics }) };
      if (progress.cursor.epoch >= epochs) return;
    }
  }
}

/** Keeps the generators' mean loss of an epoch, and begins the sums of the next. */
function endEpoch(
  progress: GanProgress,
  { generatorTotal }: Readonly<Record<string, number>>,
): void {
  if (generatorTotal !== undefined) progress.earlierLosses.push(generatorTotal);
  progress.sums = {};
  progress.counts = {};
}

/** Returns the recorded terms by name. */
function namedLosses(
  { losses, recorded, progress }: Pick<GanTraining<never>, 'losses' | 'recorded' | 'progress'>,
  values: readonly number[],
): Record<string, number> {
  const wanted = recorded?.(progress.step) ?? losses;
  return Object.fromEntries(
    losses
      .map((name, i) => [name, values[i] ?? NaN] as const)
      .filter(([name]) => wanted.includes(name)),
  );
}

function addTo(progress: GanProgress, losses: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(losses)) {
    progress.sums[name] = (progress.sums[name] ?? 0) + value;
    progress.counts[name] = (progress.counts[name] ?? 0) + 1;
  }
}

const meansOf = ({ sums, counts }: GanProgress): Record<string, number> =>
  Object.fromEntries(
    Object.entries(sums).map(([name, sum]) => [name, sum / (counts[name] ?? NaN)]),
  );

function checkLeak(where: string, grown: number): void {
  if (grown !== 0) {
    throw new TensorLeakError(
      `${where}: a step must leave as many tensors as it found, but left ${grown} more. Report this as a bug.`,
      grown,
    );
  }
}

function checkFinite(where: string, losses: Readonly<Record<string, number>>, step: number): void {
  const bad = Object.entries(losses).find(([, value]) => !Number.isFinite(value));
  if (bad !== undefined) {
    throw new NumericalError(
      `${where}: losses must be finite, but got ${bad[1]} for ${bad[0]} at step ${step}. Lower the learning rate, and start over, or from the weights of an earlier run.`,
      { step, losses },
    );
  }
}
