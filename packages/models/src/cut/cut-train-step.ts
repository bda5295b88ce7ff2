/** A training step of CUT: both halves, compiled, and the draws between them. */
import * as tf from '@tensorflow/tfjs';
import { permutationOf, streamOf } from '@janus/core';
import { compile, type CompiledStep, type Execution } from '@janus/engine';
import { shiftsFor } from '../cyclegan/shifts.js';
import { stepTensors } from '../gan/step-tensors.js';
import {
  cutDiscriminatorStep,
  cutGeneratorStep,
  type CutBatch,
  type CutDiscriminatorInputs,
  type CutGeneratorInputs,
  type CutStepOptions,
  type Places,
} from './cut-halves.js';
import {
  CUT_GENERATOR_LOSSES,
  cutDiscriminatorVariables,
  cutGeneratorVariables,
  type CutParts,
} from './cut-parts.js';
import type { CutOptions } from './cut-presets.js';

/** Both halves of a step, made ready by {@link compileCut}. */
export interface CutSteps {
  readonly generator: CompiledStep<CutGeneratorInputs, Record<'fakeY' | 'losses', tf.Tensor>>;
  readonly discriminator: CompiledStep<CutDiscriminatorInputs, { readonly losses: tf.Tensor }>;
  dispose(): void;
}

/** Makes the two halves of a training's steps ready; the caller disposes them. */
export function compileCut(
  parts: CutParts,
  options: CutStepOptions & Pick<CutOptions, 'precision'>,
  execution: Execution = 'graph',
): CutSteps {
  const { networks, optimizers } = parts;
  const { precision } = options;
  optimizers.generators.prepare(cutGeneratorVariables(networks));
  optimizers.discriminators.prepare(cutDiscriminatorVariables(networks));
  const generator = compile(
    (inputs: CutGeneratorInputs) => cutGeneratorStep(parts, inputs, options),
    { precision, execution },
  );
  const discriminator = compile(
    (inputs: CutDiscriminatorInputs) => cutDiscriminatorStep(parts, inputs, options),
    { precision, execution },
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

/** What one step has of its own. */
export interface CutStep {
  readonly learningRate: number;
  readonly averageRate: number;
  /** The update, counted from 1: whatever is drawn for it is a function of it and the seed. */
  readonly step: number;
}

/**
 * Does one update of all networks; within `discriminatorWarmup`, of the discriminator alone.
 *
 * @returns float32 [6], the terms in the order of `CUT_LOSSES`; the caller disposes it
 * Source: Park et al. 2020, arXiv 2007.15651, section 3.
 */
export async function cutTrainStep(
  parts: CutParts & { readonly steps: CutSteps; readonly options: CutOptions },
  batch: CutBatch,
  { learningRate, averageRate, step }: CutStep,
): Promise<tf.Tensor1D> {
  const { steps, optimizers, options } = parts;
  const { seed, shift } = options;
  const tensors = stepTensors();
  const { own, correction } = tensors;
  const shifts = (name: string, batches: number): tf.Tensor =>
    own(shiftsFor(batch.realX, { shift, seed, step, name, batches }));
  const judge = async (shown: tf.Tensor4D): Promise<tf.Tensor1D> => {
    const judged = await steps.discriminator.run({
      ...{ ...batch, shown, shifts: shifts('discriminatorY', 2) },
      ...correction(optimizers.discriminators, learningRate * options.discriminatorLrFactor),
    });
    return own(judged.losses as tf.Tensor1D);
  };
  try {
    if (step <= options.discriminatorWarmup) {
      const losses = await judge(batch.realX);
      return tf.concat([own(tf.zeros<tf.Rank.R1>([CUT_GENERATOR_LOSSES.length])), losses]);
    }
    const places = placesOf(parts, batch.realX, step);
    Object.values(places).forEach(own);
    const mirrored = options.flipEquivariance && streamOf(seed, 'mirror', step).next() < 0.5;
    const made = await steps.generator.run({
      ...{ ...batch, ...places, shifts: shifts('generatorY', 1) },
      ...correction(optimizers.generators, learningRate),
      averageRate: own(tf.scalar(averageRate)),
      mirrored: own(tf.scalar(mirrored ? 1 : 0)),
    });
    Object.values(made).forEach(own);
    const losses = await judge(made.fakeY as tf.Tensor4D);
    return tf.concat([made.losses as tf.Tensor1D, losses]);
  } finally {
    tensors.dispose();
  }
}

/** Draws the places that are compared in a step, other ones in each layer; the same in all images of a batch. */
function placesOf(
  { networks, options }: Pick<CutParts, 'networks'> & { readonly options: CutOptions },
  { shape: [, height, width] }: tf.Tensor4D,
  step: number,
): Places {
  // Of sizes that the weights fit, only the image's own is drawn for here: layers halve it exactly.
  const sizes = [height * width, ...networks.encoder.outputs.map(({ shape }) => placesIn(shape))];
  return Object.fromEntries(
    sizes.map((size, layer) => {
      const order = permutationOf(size, streamOf(options.seed, 'places', step, layer));
      const chosen = Int32Array.from(order.subarray(0, Math.min(options.patches, size)));
      return [`places${layer}`, tf.tensor1d(chosen, 'int32')];
    }),
  );
}

const placesIn = (shape: tf.Shape): number => (shape[1] ?? 0) * (shape[2] ?? 0);
