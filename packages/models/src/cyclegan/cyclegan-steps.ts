import * as tf from '@tensorflow/tfjs';
import type { BatchSource, StepRecord, UnpairedBatch } from '@janus/core';
import { ganSteps, type GanStepsOptions } from '../gan/gan-steps.js';
import { translationAlarms } from './cyclegan-alarms.js';
import { samplingGenerators, type CycleGan } from './cyclegan-state.js';
import { averageRate, scheduleOf } from './translation-networks.js';
import { CYCLEGAN_LOSSES, DISCRIMINATOR_LOSSES, GENERATOR_LOSSES } from './cyclegan-parts.js';
import type { CycleGanOptions } from './cyclegan-presets.js';
import { changeWeightAt } from './cyclegan-schedule.js';
import { compileCycleGan, trainStep, type CycleGanSteps } from './cyclegan-train-step.js';
import { sampleTranslations, type SampleOptions } from './cyclegan-translate.js';
import { signedChannels } from './signed-pixels.js';

/** Options of {@link cycleGanSteps}. */
export interface CycleGanStepsOptions extends GanStepsOptions {
  /** Images whose translations are measured at the end of each epoch; default none. */
  readonly watch?: SampleOptions;
}

/**
 * Trains until the last epoch of the options (constant and decaying ones) and yields a record every
 * `recordEvery` steps and at the end of each epoch. Whenever it has yielded, `cyclegan` is complete:
 * the caller may save it, sample from it, stop, and continue with another call.
 *
 * A record's losses are those of its step, not weighted (see `CYCLEGAN_LOSSES`); an epoch's are
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
  const { options: own, progress } = cyclegan;
  const schedule = scheduleOf(own, progress);
  if (progress.cursor.epoch >= schedule.epochs) return;
  const { watch } = options;
  const steps = compileCycleGan(cyclegan, { ...own, apart: own.norm === 'batch' });
  const training = {
    ...({ where: 'cycleGanSteps', phase: 'cyclegan', progress } as const),
    ...schedule,
    losses: CYCLEGAN_LOSSES,
    recorded: (step: number) =>
      learningLosses({ ...own, isWarmup: step <= own.discriminatorWarmup }),
    update: (batch: UnpairedBatch, rate: number) =>
      oneStep({ ...cyclegan, steps }, batch, {
        learningRate: rate,
        changeWeight: changeWeightAt(progress.cursor, source.stepsPerEpoch, own),
      }),
    measure: watch && ((): Promise<Record<string, number>> => alarmsOf(cyclegan, watch)),
  };
  try {
    yield* ganSteps(training, source, options);
  } finally {
    steps.dispose();
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
  { learningRate, changeWeight }: { readonly learningRate: number; readonly changeWeight: number },
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
        changeWeight,
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

async function alarmsOf(cyclegan: CycleGan, watch: SampleOptions): Promise<Record<string, number>> {
  const { fakeX, fakeY } = await sampleTranslations(samplingGenerators(cyclegan), {
    ...watch,
    precision: cyclegan.options.precision,
  });
  const { imagesX, imagesY, size, width = size } = watch;
  const metrics: Record<string, number> = {};
  for (const [way, originals, translated] of [
    ['xToY', imagesX, fakeY],
    ['yToX', imagesY, fakeX],
  ] as const) {
    const count = originals.length / (size * width * 3);
    const alarms = translationAlarms({ originals, translated, count });
    for (const [name, value] of Object.entries(alarms as unknown as Record<string, number>)) {
      metrics[`${way}.${name}`] = value;
    }
  }
  return metrics;
}
