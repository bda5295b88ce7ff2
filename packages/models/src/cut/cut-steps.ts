import * as tf from '@tensorflow/tfjs';
import type { BatchSource, StepRecord, UnpairedBatch } from '@janus/core';
import { translationAlarms } from '../cyclegan/cyclegan-alarms.js';
import { translate } from '../cyclegan/cyclegan-translate.js';
import { signedPixels } from '../cyclegan/signed-pixels.js';
import { averageRate, scheduleOf } from '../cyclegan/translation-networks.js';
import { ganSteps, type GanStepsOptions } from '../gan/gan-steps.js';
import { CUT_DISCRIMINATOR_LOSSES, CUT_LOSSES } from './cut-parts.js';
import { cutGenerator, type Cut } from './cut-state.js';
import { compileCut, cutTrainStep, type CutSteps } from './cut-train-step.js';

/** Options of {@link cutSteps}. */
export interface CutStepsOptions extends GanStepsOptions {
  /** Images of X, uint8 [N, size, size, 3], whose translations are measured at the end of each epoch; default none. */
  readonly watch?: { readonly imagesX: Uint8Array };
}

/**
 * Trains until the last epoch of the options, as `cycleGanSteps` does: a record every `recordEvery` steps and at the end
 * of each epoch, after which the caller may save it, stop, and continue with another call. An epoch's metrics are the
 * alarms of `watch`.
 *
 * @throws NumericalError when a recorded loss is not finite
 * @throws TensorLeakError when a step leaves tensors behind
 */
export async function* cutSteps(
  cut: Cut,
  source: BatchSource<UnpairedBatch>,
  options: CutStepsOptions = {},
): AsyncGenerator<StepRecord, void, void> {
  const { progress, options: trained } = cut;
  const schedule = scheduleOf(trained, progress);
  if (progress.cursor.epoch >= schedule.epochs) return;
  const { watch } = options;
  const steps = compileCut(cut, trained);
  const training = {
    ...({ where: 'cutSteps', phase: 'cut', progress } as const),
    ...schedule,
    losses: CUT_LOSSES,
    recorded: (step: number) =>
      step <= trained.discriminatorWarmup ? CUT_DISCRIMINATOR_LOSSES : CUT_LOSSES,
    update: (batch: UnpairedBatch, rate: number) => oneStep({ ...cut, steps }, batch, rate),
    measure: watch && ((): Promise<Record<string, number>> => alarmsOf(cut, watch.imagesX)),
  };
  try {
    yield* ganSteps(training, source, options);
  } finally {
    steps.dispose();
  }
}

async function oneStep(
  cut: Cut & { readonly steps: CutSteps },
  { size, height, width, imagesX, imagesY }: UnpairedBatch,
  learningRate: number,
): Promise<tf.Tensor1D> {
  const { options, progress } = cut;
  const shape: [number, number, number, number] = [size, height, width, 3];
  const realX = tf.tensor4d(signedPixels(imagesX), shape);
  const realY = tf.tensor4d(signedPixels(imagesY), shape);
  const { step } = progress;
  try {
    return await cutTrainStep(
      cut,
      { realX, realY },
      { learningRate, step, averageRate: averageRate(options, step) },
    );
  } finally {
    tf.dispose([realX, realY]);
  }
}

async function alarmsOf(cut: Cut, originals: Uint8Array): Promise<Record<string, number>> {
  const { imageSize: size, precision } = cut.options;
  const images = { images: originals, height: size, width: size };
  const translated = await translate(cutGenerator(cut), images, { precision });
  const count = originals.length / (size * size * 3);
  const alarms = translationAlarms({ originals, translated, count });
  return Object.fromEntries(
    Object.entries(alarms as unknown as Record<string, number>).map(([name, value]) => [
      `xToY.${name}`,
      value,
    ]),
  );
}
