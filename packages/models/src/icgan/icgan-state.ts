import type * as tf from '@tensorflow/tfjs';
import { FIRST_BATCH, OptionsError } from '@janus/core';
import { createAdam } from '../adam.js';
import type { Checkpoint } from '../checkpoint.js';
import { seedOf } from '../cyclegan/translation-networks.js';
import { checkpointOfGan, restoreGan, type GanState } from '../gan/gan-checkpoint.js';
import type { GanProgress } from '../gan/gan-steps.js';
import type { IcGanParts } from './icgan-halves.js';
import { buildIcDiscriminator, buildIcEncoder, buildIcGenerator } from './icgan-networks.js';
import type { IcGanOptions } from './icgan-presets.js';

/** An IcGAN in training: what a checkpoint saves and sets back. */
export interface IcGan extends IcGanParts {
  readonly options: IcGanOptions;
  /** Numbers that say what an image has. */
  readonly labels: number;
  /** Changed by the training loop. */
  readonly progress: GanProgress;
  /** Frees networks and optimizers. */
  dispose(): void;
}

/**
 * Builds the networks and optimizers of a training that has not begun.
 *
 * @param labels numbers that say what an image has
 * @returns what the caller disposes
 * @throws ShapeError and OptionsError as the networks' builders do; OptionsError when another option is out of range
 */
export function createIcGan(options: IcGanOptions, labels: number): IcGan {
  checkIcGan(options);
  const { learningRate, beta1, encoderLearningRate, encoderBeta1 } = options;
  const averaged = options.averageDecay > 0 ? generatorOf(options, labels) : undefined;
  const networks = {
    G: generatorOf(options, labels),
    D: buildIcDiscriminator({
      ...{ ...common(options, 'D'), labels, filters: options.discriminatorFilters },
    }),
    Ez: buildIcEncoder({
      ...{ ...common(options, 'Ez'), outputs: options.latent, units: options.latentUnits },
      filters: options.encoderFilters,
    }),
    Ey: buildIcEncoder({
      ...{ ...common(options, 'Ey'), outputs: labels, units: options.labelUnits },
      filters: options.encoderFilters,
    }),
  };
  const encoder = { learningRate: encoderLearningRate, beta1: encoderBeta1 };
  const optimizers = {
    ...{ G: createAdam({ learningRate, beta1 }), D: createAdam({ learningRate, beta1 }) },
    ...{ Ez: createAdam(encoder), Ey: createAdam(encoder) },
  };
  return {
    ...{ options, labels, networks, optimizers, averaged },
    progress: { step: 0, cursor: FIRST_BATCH, sums: {}, counts: {}, earlierLosses: [] },
    dispose: () => {
      const all = [...Object.values(networks), ...Object.values(optimizers), averaged];
      for (const each of all) each?.dispose();
    },
  };
}

/** What the networks have in common. */
const common = (
  { imageSize, seed }: IcGanOptions,
  name: string,
): { readonly imageSize: number; readonly seed: number; readonly name: string } => ({
  ...{ imageSize, name, seed: seedOf(seed, name) },
});

function generatorOf(options: IcGanOptions, labels: number): tf.LayersModel {
  const { latent, generatorFilters: filters } = options;
  return buildIcGenerator({ ...common(options, 'G'), labels, latent, filters });
}

function checkIcGan(options: IcGanOptions): void {
  const { batchSize, encoderEpochs } = options;
  for (const [name, value] of Object.entries({ batchSize, encoderEpochs })) {
    if (Number.isInteger(value) && value >= 1) continue;
    throw new OptionsError(
      `createIcGan: ${name} must be a whole number from 1, but got ${value}. The paper takes ${name === 'batchSize' ? 64 : 15}.`,
    );
  }
  const { lambdaReconstruction } = options;
  if (!(lambdaReconstruction >= 0 && lambdaReconstruction < Infinity)) {
    throw new OptionsError(
      `createIcGan: lambdaReconstruction must be 0 or more, but got ${lambdaReconstruction}. The paper takes 0.`,
    );
  }
  for (const name of ['wrongShare', 'averageDecay'] as const) {
    if (options[name] >= 0 && options[name] < 1) continue;
    throw new OptionsError(
      `createIcGan: ${name} must be from 0 to below 1, but got ${options[name]}. The paper takes ${name === 'wrongShare' ? 0.5 : 0}.`,
    );
  }
}

/** Returns the generator that is inverted, samples are made with, and is exported. */
export function icGenerator({
  averaged,
  networks,
}: Pick<IcGan, 'averaged' | 'networks'>): tf.LayersModel {
  return averaged ?? networks.G;
}

/** Returns the text that a checkpoint of these options must carry. */
export function icGanArchitecture(options: IcGanOptions, labels: number): string {
  const { imageSize, latent, generatorFilters, discriminatorFilters, encoderFilters } = options;
  const average = options.averageDecay > 0 ? ', averaged' : '';
  return `icgan ${imageSize} px, ${labels} labels, ${latent} latent numbers, generator of ${generatorFilters} filters, discriminator of ${discriminatorFilters}, encoders of ${encoderFilters} with ${options.latentUnits} and ${options.labelUnits} units${average}`;
}

function stateOf(ic: IcGan): GanState {
  const { averaged, networks, optimizers, progress } = ic;
  return {
    networks: { ...networks, ...(averaged === undefined ? {} : { averageG: averaged }) },
    optimizers,
    progress,
    architecture: icGanArchitecture(ic.options, ic.labels),
    restoredBy: 'restoreIcGan',
  };
}

/** Returns everything that the next step depends on, as copies. */
export async function checkpointOfIcGan(ic: IcGan): Promise<Checkpoint> {
  return await checkpointOfGan(stateOf(ic), { state: { options: { ...ic.options } } });
}

/**
 * Sets a training to where a checkpoint was taken; its next steps are then the same, bit for bit, as those of the
 * training that was saved. Its own options stay.
 *
 * @throws CheckpointError when the checkpoint is of another architecture, or lacks a part
 */
export function restoreIcGan(ic: IcGan, checkpoint: Checkpoint): void {
  restoreGan(stateOf(ic), checkpoint);
}
