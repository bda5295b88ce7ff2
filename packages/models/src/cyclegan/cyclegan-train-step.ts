/** A training step of CycleGAN: both halves, compiled, and the pools between them. */
import * as tf from '@tensorflow/tfjs';
import { compile, type CompiledStep } from '@janus/engine';
import { stepTensors } from '../gan/step-tensors.js';
import {
  discriminatorStep,
  generatorStep,
  type DiscriminatorInputs,
  type GeneratorInputs,
  type GeneratorOutputs,
  type Shifts,
} from './cyclegan-halves.js';
import {
  DISCRIMINATOR_LOSSES,
  discriminatorVariables,
  GENERATOR_LOSSES,
  generatorVariables,
  type CycleGanBatch,
  type CycleGanParts,
  type CycleGanStepOptions,
} from './cyclegan-parts.js';
import type { ImagePool } from './image-pool.js';
import { shiftsFor } from './shifts.js';

/** What one step has of its own: options of {@link trainStep}. */
export interface TrainStepOptions {
  /** Of the generators. */
  readonly learningRate: number;
  /** Of the discriminators; default `learningRate`. */
  readonly discriminatorLearningRate?: number;
  /** How far the running averages move towards the weights, from 0 to 1; default 0. */
  readonly averageRate?: number;
  /** Weight of the mean absolute change of an image; default `lambdaChange` of the training. */
  readonly changeWeight?: number;
  /** Leaves the generators as they are, which must return their inputs: default false. */
  readonly warmup?: boolean;
  /** Leaves the discriminators as they are, but in the warm-up: default false. */
  readonly freezeDiscriminators?: boolean;
  /** The update, from which shifts are drawn; default 0. */
  readonly step?: number;
  /** Seed of the shifts; default 1. */
  readonly seed?: number;
}

/** Both halves of a step, made ready by {@link compileCycleGan}. */
export interface CycleGanSteps {
  readonly generators: CompiledStep<GeneratorInputs, GeneratorOutputs>;
  readonly discriminators: CompiledStep<DiscriminatorInputs, { readonly losses: tf.Tensor }>;
  /** Largest shift in pixels. */
  readonly shift: number;
  /** Weight of the mean absolute change of an image, where a step has none of its own. */
  readonly lambdaChange: number;
  dispose(): void;
}

/** Makes the two halves of a training's steps ready; the caller disposes them. */
export function compileCycleGan(parts: CycleGanParts, options: CycleGanStepOptions): CycleGanSteps {
  const { optimizers } = parts;
  const { precision = 'float32', execution = 'graph' } = options;
  optimizers.generators.prepare(generatorVariables(parts.networks));
  optimizers.discriminators.prepare(discriminatorVariables(parts.networks));
  const generators = compile((inputs: GeneratorInputs) => generatorStep(parts, inputs, options), {
    precision,
    execution,
  });
  const discriminators = compile(
    (inputs: DiscriminatorInputs) => discriminatorStep(parts, inputs, options),
    { precision, execution },
  );
  return {
    generators,
    discriminators,
    shift: options.shift,
    lambdaChange: options.lambdaChange,
    dispose: () => {
      generators.dispose();
      discriminators.dispose();
    },
  };
}

/**
 * Does one update of all four networks.
 *
 * @returns float32 [13], the terms in the order of `CYCLEGAN_LOSSES` (`generatorTotal` is
 * weighted; terms that are left out are 0, and so are those of networks that do not learn); the caller disposes it
 * Source: Zhu et al. 2017, sections 3 and 4; order of the reference's `optimize_parameters`.
 */
export async function trainStep(
  parts: CycleGanParts & { readonly steps: CycleGanSteps },
  batch: CycleGanBatch,
  options: TrainStepOptions,
): Promise<tf.Tensor1D> {
  const { steps, optimizers, pools } = parts;
  const { learningRate, discriminatorLearningRate = learningRate, averageRate = 0 } = options;
  const { warmup = false, freezeDiscriminators = false } = options;
  const { changeWeight = steps.lambdaChange } = options;
  const tensors = stepTensors();
  const { own, correction } = tensors;
  const shifts = (who: string, batches: number): Shifts => ({
    shiftsX: own(
      shiftsFor(batch.realX, { ...options, shift: steps.shift, name: `${who}X`, batches }),
    ),
    shiftsY: own(
      shiftsFor(batch.realY, { ...options, shift: steps.shift, name: `${who}Y`, batches }),
    ),
  });
  // Discriminator loss, update of the discriminators.
  const judge = async (shown: Record<'shownX' | 'shownY', tf.Tensor4D>): Promise<tf.Tensor1D> => {
    const judged = await steps.discriminators.run({
      ...{ ...batch, ...shown, ...shifts('discriminator', 2) },
      ...correction(optimizers.discriminators, discriminatorLearningRate),
    });
    return own(judged.losses as tf.Tensor1D);
  };
  try {
    if (warmup) {
      const losses = await judge({ shownX: batch.realY, shownY: batch.realX });
      return tf.concat([own(tf.zeros<tf.Rank.R1>([GENERATOR_LOSSES.length])), losses]);
    }
    // Translate, cycle, identity, generator loss, update of the generators.
    const made = await steps.generators.run({
      ...{ ...batch, ...shifts('generator', 1) },
      ...correction(optimizers.generators, learningRate),
      averageRate: own(tf.scalar(averageRate)),
      changeWeight: own(tf.scalar(changeWeight)),
    });
    Object.values(made).forEach(own);
    if (freezeDiscriminators) {
      const none = own(tf.zeros<tf.Rank.R1>([DISCRIMINATOR_LOSSES.length]));
      return tf.concat([made.losses as tf.Tensor1D, none]);
    }
    // Pool: the discriminators see old fakes too.
    const shown = async (pool: ImagePool<Float32Array>, fakes: tf.Tensor): Promise<tf.Tensor4D> =>
      own(exchange(pool, (await fakes.data()) as Float32Array, fakes.shape as Shape4D));
    const losses = await judge({
      shownX: await shown(pools.X, made.fakeX),
      shownY: await shown(pools.Y, made.fakeY),
    });
    return tf.concat([made.losses as tf.Tensor1D, losses]);
  } finally {
    tensors.dispose();
  }
}

type Shape4D = [number, number, number, number];

/** Puts a batch of fakes into a pool; returns the batch for the discriminator. */
function exchange(pool: ImagePool<Float32Array>, fakes: Float32Array, shape: Shape4D): tf.Tensor4D {
  const [count] = shape;
  const each = fakes.length / count;
  // Copies: what the pool keeps must not hang on the batch.
  const images = Array.from({ length: count }, (_, i) => fakes.slice(i * each, (i + 1) * each));
  const batch = new Float32Array(fakes.length);
  pool.exchange(images).forEach((image, i) => {
    batch.set(image, i * each);
  });
  return tf.tensor4d(batch, shape);
}
