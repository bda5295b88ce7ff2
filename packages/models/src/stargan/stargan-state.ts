import type * as tf from '@tensorflow/tfjs';
import { FIRST_BATCH, OptionsError } from '@janus/core';
import { createAdam, type Adam } from '../adam.js';
import type { Checkpoint } from '../checkpoint.js';
import { seedOf } from '../cyclegan/translation-networks.js';
import { checkpointOfGan, restoreGan, type GanState } from '../gan/gan-checkpoint.js';
import type { GanProgress } from '../gan/gan-steps.js';
import type { StarGanParts } from './stargan-halves.js';
import { buildStarDiscriminator, buildStarGenerator } from './stargan-networks.js';
import type { StarGanOptions } from './stargan-presets.js';

/** A StarGAN in training: what a checkpoint saves and sets back. */
export interface StarGan extends StarGanParts {
  readonly options: StarGanOptions;
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
export function createStarGan(options: StarGanOptions, labels: number): StarGan {
  checkStarGan(options);
  const { imageSize, residual, entry, seed, learningRate, beta1, averageDecay } = options;
  const generator = (): tf.LayersModel =>
    buildStarGenerator({
      ...{ imageSize, labels, residual, entry, name: 'G', seed: seedOf(seed, 'G') },
      filters: options.generatorFilters,
      blocks: options.generatorBlocks,
    });
  const G = generator();
  const averaged = averageDecay > 0 ? generator() : undefined;
  const D = buildStarDiscriminator({
    ...{ imageSize, labels, name: 'D', seed: seedOf(seed, 'D') },
    filters: options.discriminatorFilters,
    layers: options.discriminatorLayers,
  });
  const adam = (): Adam => createAdam({ learningRate, beta1 });
  const optimizers = { generators: adam(), discriminators: adam() };
  return {
    ...{ options, labels, networks: { G, D }, optimizers, averaged },
    progress: { step: 0, cursor: FIRST_BATCH, sums: {}, counts: {}, earlierLosses: [] },
    dispose: () => {
      for (const each of [G, D, averaged, ...Object.values(optimizers)]) each?.dispose();
    },
  };
}

/** The paper's numbers, for messages. */
const PAPERS = {
  lambdaClassification: 1,
  lambdaFakeLabels: 0,
  lambdaReconstruction: 10,
  lambdaPenalty: 10,
  lambdaChange: 0,
} as const;

function checkStarGan(options: StarGanOptions): void {
  for (const [name, value] of Object.entries(PAPERS)) {
    const given = options[name as keyof typeof PAPERS];
    if (given >= 0) continue;
    throw new OptionsError(
      `createStarGan: ${name} must be 0 or more, but got ${given}. The paper takes ${value}.`,
    );
  }
  for (const name of ['criticSteps', 'batchSize'] as const) {
    if (Number.isInteger(options[name]) && options[name] >= 1) continue;
    throw new OptionsError(
      `createStarGan: ${name} must be a whole number from 1, but got ${options[name]}. The paper takes ${name === 'batchSize' ? 16 : 5}.`,
    );
  }
  if (!(options.averageDecay >= 0 && options.averageDecay < 1)) {
    throw new OptionsError(
      `createStarGan: averageDecay must be from 0 to below 1, but got ${options.averageDecay}. Take 0 for no average, or 0.99.`,
    );
  }
}

/** Returns the generator that samples and exports are made with. */
export function starGenerator({
  averaged,
  networks,
}: Pick<StarGan, 'averaged' | 'networks'>): tf.LayersModel {
  return averaged ?? networks.G;
}

/** Returns the text that a checkpoint of these options must carry. */
export function starGanArchitecture(options: StarGanOptions, labels: number): string {
  const residual = `${options.residual ? ', residual' : ''}, labels at the ${options.entry}`;
  const average = options.averageDecay > 0 ? ', averaged' : '';
  return `stargan ${options.imageSize} px, ${labels} labels, resnet-${options.generatorBlocks} of ${options.generatorFilters} filters${residual}, discriminator-${options.discriminatorLayers} of ${options.discriminatorFilters}${average}`;
}

function stateOf(star: StarGan): GanState {
  const { G, D } = star.networks;
  return {
    networks: { G, D, ...(star.averaged === undefined ? {} : { averageG: star.averaged }) },
    optimizers: { ...star.optimizers },
    progress: star.progress,
    architecture: starGanArchitecture(star.options, star.labels),
    restoredBy: 'restoreStarGan',
  };
}

/** Returns everything that the next step depends on, as copies. */
export async function checkpointOfStarGan(star: StarGan): Promise<Checkpoint> {
  return await checkpointOfGan(stateOf(star), { state: { options: { ...star.options } } });
}

/**
 * Sets a training to where a checkpoint was taken; its next steps are then the same, bit for bit, as those of the
 * training that was saved. Its own options stay.
 *
 * @throws CheckpointError when the checkpoint is of another architecture, or lacks a part
 */
export function restoreStarGan(star: StarGan, checkpoint: Checkpoint): void {
  restoreGan(stateOf(star), checkpoint);
}
