import * as tf from '@tensorflow/tfjs';
import {
  NumericalError,
  TensorLeakError,
  type BatchSource,
  type StepRecord,
  type UnpairedBatch,
} from '@janus/core';
import { translationAlarms } from './cyclegan-alarms.js';
import { epochFactor } from './cyclegan-schedule.js';
import { samplingGenerators, type CycleGan } from './cyclegan-state.js';
import { averageRate } from './translation-networks.js';
import { CYCLEGAN_LOSSES, DISCRIMINATOR_LOSSES, GENERATOR_LOSSES } from './cyclegan-parts.js';
import type { CycleGanOptions } from './cyclegan-presets.js';
import { compileCycleGan, trainStep, type CycleGanSteps } from './cyclegan-train-step.js';
import { sampleTranslations, type SampleOptions } from './cyclegan-translate.js';
import { signedChannels } from './signed-pixels.js';

/** Options of {@link cycleGanSteps}. */
export interface CycleGanStepsOptions {
  /** Steps per record; reading the losses back waits for them. Default 1. */
  readonly recordEvery?: number;
  /** Updates after which it ends, whatever the epochs say, with a record; default no limit. */
  readonly maxSteps?: number;
  /** Images whose translations are measured at the end of each epoch; default none. */
  readonly watch?: SampleOptions;
  /** Stops before the next step when aborted. */
  readonly signal?: AbortSignal;
  /** Seconds since any moment; default the process's clock. */
  readonly clock?: () => number;
}

/**
 * Trains until the last epoch of the options (constant and decaying ones) and yields a record every
 * `recordEvery` steps and at the end of each epoch. Whenever it has yielded, `cyclegan` is complete:
 * the caller may save it, sample from it, stop, and continue with another call.
 *
 * A record's losses are those of its step, not weighted (see {@link CYCLEGAN_LOSSES}); an epoch's are
 * the means of its records (but for one that only `maxSteps` asked for), its metrics the alarms of `watch`.
 *
 * @throws NumericalError when a recorded loss is not finite
 * @throws TensorLeakError when a step leaves tensors behind
 */
export async function* cycleGanSteps(
  cyclegan: CycleGan,
  source: BatchSource<UnpairedBatch>,
  options: CycleGanStepsOptions = {},
): AsyncGenerator<StepRecord, void, void> {
  if (cyclegan.progress.cursor.epoch >= epochsOf(cyclegan)) return;
  const { options: own } = cyclegan;
  const steps = compileCycleGan(cyclegan, { ...own, apart: own.norm === 'batch' });
  try {
    yield* trainWith(steps, cyclegan, { ...options, source });
  } finally {
    steps.dispose();
  }
}

const epochsOf = ({ options }: CycleGan): number => options.constantEpochs + options.decayEpochs;

async function* trainWith(
  steps: CycleGanSteps,
  cyclegan: CycleGan,
  options: CycleGanStepsOptions & { readonly source: BatchSource<UnpairedBatch> },
): AsyncGenerator<StepRecord, void, void> {
  const { recordEvery = 1, maxSteps = Infinity, watch, signal, source } = options;
  const { clock = (): number => performance.now() / 1000 } = options;
  const { progress } = cyclegan;
  const { discriminatorWarmup, learningRate } = cyclegan.options;
  const epochs = epochsOf(cyclegan);
  const start = clock();
  for await (const batch of source.batches(progress.cursor)) {
    if (signal?.aborted === true || progress.step >= maxSteps) return;
    const { epoch } = progress.cursor;
    const rate = learningRate * epochFactor(epoch, { ...cyclegan.options, ...progress });
    const ended = batch.next.epoch > epoch;
    const next = progress.step + 1;
    const counts = ended || next % recordEvery === 0;
    const recorded = counts || next === maxSteps;

    const tensors = tf.memory().numTensors;
    progress.step++;
    const losses = await oneStep({ ...cyclegan, steps }, batch, rate);
    progress.cursor = batch.next;
    checkLeak(tf.memory().numTensors - tensors - 1); // 1: the losses
    const values = recorded ? Array.from(await losses.data()) : undefined;
    losses.dispose();
    if (values === undefined) continue;

    const record = {
      step: progress.step,
      epoch,
      split: 'train',
      phase: 'cyclegan',
      learningRate: rate,
      seconds: clock() - start,
    } as const;
    const isWarmup = progress.step <= discriminatorWarmup;
    const learning = learningLosses({ ...cyclegan.options, isWarmup });
    const named = Object.fromEntries(
      CYCLEGAN_LOSSES.map((name, i) => [name, values[i] ?? NaN] as const).filter(([name]) =>
        learning.includes(name),
      ),
    );
    checkFinite(named, progress.step);
    // The record of an end by maxSteps stays out: a training that is extended has the epoch's usual mean.
    if (counts) {
      for (const [name, value] of Object.entries(named)) {
        progress.sums[name] = (progress.sums[name] ?? 0) + value;
        progress.counts[name] = (progress.counts[name] ?? 0) + 1;
      }
    }
    const means = Object.fromEntries(
      Object.entries(progress.sums).map(([name, sum]) => [
        name,
        sum / (progress.counts[name] ?? NaN),
      ]),
    );
    if (ended) {
      const { generatorTotal } = means;
      if (generatorTotal !== undefined) progress.earlierLosses.push(generatorTotal);
      progress.sums = {};
      progress.counts = {};
    }
    yield { ...record, kind: 'step', losses: named };
    if (ended) {
      const metrics = watch === undefined ? undefined : await alarmsOf(cyclegan, watch);
      yield { ...record, kind: 'epoch', losses: means, ...(metrics && { metrics }) };
      if (progress.cursor.epoch >= epochs) return;
    }
  }
}

/** Returns the terms of the networks that learn in a step; those of pairs only where there are pairs. */
function learningLosses({
  isWarmup,
  freezeDiscriminators,
  paired,
}: Pick<CycleGanOptions, 'freezeDiscriminators' | 'paired'> & {
  readonly isWarmup: boolean;
}): readonly string[] {
  if (isWarmup) return DISCRIMINATOR_LOSSES;
  const all: readonly string[] = freezeDiscriminators ? GENERATOR_LOSSES : CYCLEGAN_LOSSES;
  return paired ? all : all.filter((name) => !name.startsWith('pair'));
}

async function oneStep(
  cyclegan: CycleGan & { readonly steps: CycleGanSteps },
  batch: UnpairedBatch,
  learningRate: number,
): Promise<tf.Tensor1D> {
  const { options, progress } = cyclegan;
  const { size, height, width } = batch;
  const { channels } = options;
  const shape: [number, number, number, number] = [size, height, width, channels];
  const realX = tf.tensor4d(signedChannels(batch.imagesX, channels), shape);
  const realY = tf.tensor4d(signedChannels(batch.imagesY, channels), shape);
  try {
    return await trainStep(
      cyclegan,
      { realX, realY },
      {
        learningRate,
        discriminatorLearningRate: learningRate * options.discriminatorLrFactor,
        averageRate: averageRate(options, progress.step),
        warmup: progress.step <= options.discriminatorWarmup,
        freezeDiscriminators: options.freezeDiscriminators,
        step: progress.step,
        seed: options.seed,
      },
    );
  } finally {
    tf.dispose([realX, realY]);
  }
}

function checkLeak(grown: number): void {
  if (grown !== 0) {
    throw new TensorLeakError(
      `cycleGanSteps: a step must leave as many tensors as it found, but left ${grown} more. Report this as a bug.`,
      grown,
    );
  }
}

function checkFinite(losses: Readonly<Record<string, number>>, step: number): void {
  const bad = Object.entries(losses).find(([, value]) => !Number.isFinite(value));
  if (bad !== undefined) {
    throw new NumericalError(
      `cycleGanSteps: losses must be finite, but got ${bad[1]} for ${bad[0]} at step ${step}. Lower the learning rate, and start over, or from the weights of an earlier run.`,
      { step, losses },
    );
  }
}

async function alarmsOf(cyclegan: CycleGan, watch: SampleOptions): Promise<Record<string, number>> {
  const { fakeX, fakeY } = await sampleTranslations(samplingGenerators(cyclegan), {
    ...watch,
    precision: cyclegan.options.precision,
  });
  const { imagesX, imagesY, size } = watch;
  const metrics: Record<string, number> = {};
  for (const [way, originals, translated] of [
    ['xToY', imagesX, fakeY],
    ['yToX', imagesY, fakeX],
  ] as const) {
    const count = originals.length / (size * size * 3);
    const alarms = translationAlarms({ originals, translated, count });
    for (const [name, value] of Object.entries(alarms as unknown as Record<string, number>)) {
      metrics[`${way}.${name}`] = value;
    }
  }
  return metrics;
}
