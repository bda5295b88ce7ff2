import * as tf from '@tensorflow/tfjs';
import {
  permutationOf,
  streamOf,
  type BatchSource,
  type LabelledBatch,
  type StepRecord,
} from '@janus/core';
import { compile, type CompiledStep } from '@janus/engine';
import { signedPixels } from '../cyclegan/signed-pixels.js';
import { averageRate, scheduleOf } from '../cyclegan/translation-networks.js';
import { ganSteps, type GanStepsOptions } from '../gan/gan-steps.js';
import { variablesOf } from '../model-variables.js';
import { stepTensors } from '../gan/step-tensors.js';
import {
  STARGAN_DISCRIMINATOR_LOSSES,
  STARGAN_GENERATOR_LOSSES,
  STARGAN_LOSSES,
  starDiscriminatorStep,
  starGeneratorStep,
  type StarDiscriminatorInputs,
  type StarGanBatch,
  type StarGeneratorInputs,
} from './stargan-halves.js';
import type { StarGan } from './stargan-state.js';

/** Options of {@link starGanSteps}. */
export interface StarGanStepsOptions extends GanStepsOptions {
  /** What each image has, float32 [images, L], 0 or 1: a batch's `labels` are places in it. */
  readonly table: Float32Array;
}

/** Both halves of a step, made ready. */
interface StarSteps {
  readonly generator: CompiledStep<StarGeneratorInputs, { readonly losses: tf.Tensor }>;
  readonly discriminator: CompiledStep<StarDiscriminatorInputs, { readonly losses: tf.Tensor }>;
  dispose(): void;
}

/**
 * Trains until the last epoch of the options, as `cycleGanSteps` does: a record every `recordEvery` steps and at the end
 * of each epoch, after which the caller may save it, stop, and continue with another call. A step is an update of the
 * discriminator; every `criticSteps`th updates the generator too, and only such a step records its terms.
 *
 * @throws NumericalError when a recorded loss is not finite
 * @throws TensorLeakError when a step leaves tensors behind
 */
export async function* starGanSteps(
  star: StarGan,
  source: BatchSource<LabelledBatch>,
  options: StarGanStepsOptions,
): AsyncGenerator<StepRecord, void, void> {
  const { progress, options: trained } = star;
  const schedule = scheduleOf({ ...trained, schedule: 'linear', stepEpochs: 1 }, progress);
  if (progress.cursor.epoch >= schedule.epochs) return;
  const steps = compileStarGan(star);
  const training = {
    ...({ where: 'starGanSteps', phase: 'stargan', progress } as const),
    ...schedule,
    losses: STARGAN_LOSSES,
    recorded: (step: number) =>
      step % trained.criticSteps === 0 ? STARGAN_LOSSES : STARGAN_DISCRIMINATOR_LOSSES,
    update: (batch: LabelledBatch, rate: number) =>
      oneStep({ ...star, steps }, batch, { rate, table: options.table }),
  };
  try {
    yield* ganSteps(training, source, options);
  } finally {
    steps.dispose();
  }
}

function compileStarGan(star: StarGan): StarSteps {
  const { networks, optimizers, options } = star;
  optimizers.generators.prepare(variablesOf(networks.G, { prefix: 'G' }));
  optimizers.discriminators.prepare(variablesOf(networks.D, { prefix: 'D' }));
  const { precision } = options;
  const generator = compile(
    (inputs: StarGeneratorInputs) => starGeneratorStep(star, inputs, options),
    { precision },
  );
  const discriminator = compile(
    (inputs: StarDiscriminatorInputs) => starDiscriminatorStep(star, inputs, options),
    { precision },
  );
  return {
    generator,
    discriminator,
    dispose: () => {
      generator.dispose();
      discriminator.dispose();
    },
  };
}

async function oneStep(
  star: StarGan & { readonly steps: StarSteps },
  batch: LabelledBatch,
  { rate, table }: { readonly rate: number; readonly table: Float32Array },
): Promise<tf.Tensor1D> {
  const { steps, optimizers, options, progress } = star;
  const { step } = progress;
  const tensors = stepTensors();
  const { own, correction } = tensors;
  try {
    const given = batchTensors(batch, { star, table });
    Object.values(given).forEach(own);
    const judged = await steps.discriminator.run({
      ...{ ...given, mix: own(mixOf(batch.size, { seed: options.seed, step })) },
      ...correction(optimizers.discriminators, rate * options.discriminatorLrFactor),
    });
    const ofDiscriminator = own(judged.losses as tf.Tensor1D);
    if (step % options.criticSteps !== 0) {
      return tf.concat([
        own(tf.zeros<tf.Rank.R1>([STARGAN_GENERATOR_LOSSES.length])),
        ofDiscriminator,
      ]);
    }
    const made = await steps.generator.run({
      ...given,
      ...correction(optimizers.generators, rate),
      averageRate: own(tf.scalar(averageRate(options, step))),
    });
    return tf.concat([own(made.losses as tf.Tensor1D), ofDiscriminator]);
  } finally {
    tensors.dispose();
  }
}

/** Returns a batch's tensors; the labels that its images are to have are those of others, in an order that is drawn. */
function batchTensors(
  { images, labels: places, size, height, width }: LabelledBatch,
  { star, table }: { readonly star: StarGan; readonly table: Float32Array },
): StarGanBatch {
  const { labels: count, options, progress } = star;
  const row = (place: number): Float32Array => table.subarray(place * count, (place + 1) * count);
  const order = permutationOf(size, streamOf(options.seed, 'wanted', progress.step));
  const tensorOf = (chosen: Iterable<number>): tf.Tensor2D =>
    tf.tensor2d(Float32Array.from([...chosen].flatMap((place) => [...row(place)])), [size, count]);
  return {
    real: tf.tensor4d(signedPixels(images), [size, height, width, 3]),
    own: tensorOf(places),
    wanted: tensorOf([...order].map((at) => places[at] ?? 0)),
  };
}

/** Draws where between image and fake a gradient is taken, for each image. */
function mixOf(
  count: number,
  { seed, step }: { readonly seed: number; readonly step: number },
): tf.Tensor4D {
  const stream = streamOf(seed, 'mix', step);
  return tf.tensor4d(
    Float32Array.from({ length: count }, () => stream.next()),
    [count, 1, 1, 1],
  );
}
