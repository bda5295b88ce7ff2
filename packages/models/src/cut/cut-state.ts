import type * as tf from '@tensorflow/tfjs';
import { FIRST_BATCH, OptionsError } from '@janus/core';
import { createAdam, type Adam } from '../adam.js';
import type { Checkpoint } from '../checkpoint.js';
import { checkCycleGanOptions } from '../cyclegan/cyclegan-checks.js';
import {
  discriminatorOf,
  generatorOf,
  seedOf,
  translationText,
} from '../cyclegan/translation-networks.js';
import { checkpointOfGan, restoreGan, type GanState } from '../gan/gan-checkpoint.js';
import type { GanProgress } from '../gan/gan-steps.js';
import type { CutParts } from './cut-parts.js';
import type { CutOptions } from './cut-presets.js';
import { buildProjection, comparedLayers, encoderOf } from './patch-projection.js';

/** A CUT in training: what a checkpoint saves and sets back. */
export interface Cut extends CutParts {
  readonly options: CutOptions;
  /** Changed by the training loop. */
  readonly progress: GanProgress;
  /** Frees networks and optimizers. */
  dispose(): void;
}

/**
 * Builds the networks and optimizers of a training that has not begun.
 *
 * @returns what the caller disposes
 * @throws ShapeError and OptionsError as `buildGenerator` and `buildDiscriminator` do; OptionsError when another option
 * is out of range
 */
export function createCut(options: CutOptions): Cut {
  checkCut(options);
  const { seed, learningRate, beta1, averageDecay, generatorBlocks, projection: width } = options;
  const G = generatorOf(options, 'G');
  const encoder = encoderOf(G, generatorBlocks);
  const channels = [3, ...encoder.outputs.map(({ shape }) => shape[3] ?? 0)];
  const projections = channels.map((count, i) => {
    const name = `projection${i}`;
    return buildProjection({ channels: count, width, name, seed: seedOf(seed, name) });
  });
  const DY = discriminatorOf(options, 'DY');
  const averaged = averageDecay > 0 ? generatorOf(options, 'G') : undefined;
  const adam = (): Adam => createAdam({ learningRate, beta1 });
  const optimizers = { generators: adam(), discriminators: adam() };
  return {
    options,
    networks: { G, DY, projections, encoder },
    optimizers,
    averaged,
    progress: { step: 0, cursor: FIRST_BATCH, sums: {}, counts: {}, earlierLosses: [] },
    dispose: () => {
      for (const model of [G, DY, averaged, ...projections]) model?.dispose();
      optimizers.generators.dispose();
      optimizers.discriminators.dispose();
    },
  };
}

function checkCut(options: CutOptions): void {
  checkCycleGanOptions(options, 'createCut');
  const { lambdaNce, temperature } = options;
  if (!(lambdaNce >= 0)) {
    throw new OptionsError(
      `createCut: lambdaNce must be 0 or more, but got ${lambdaNce}. The paper takes 1, FastCUT 10.`,
    );
  }
  if (!(temperature > 0)) {
    throw new OptionsError(
      `createCut: temperature must be above 0, but got ${temperature}. The paper takes 0.07.`,
    );
  }
  for (const name of ['patches', 'projection'] as const) {
    if (Number.isInteger(options[name]) && options[name] >= 1) continue;
    throw new OptionsError(
      `createCut: ${name} must be a whole number from 1, but got ${options[name]}. The paper takes 256.`,
    );
  }
}

/** Returns the generator that samples and exports are made with. */
export function cutGenerator({
  averaged,
  networks,
}: Pick<Cut, 'averaged' | 'networks'>): tf.LayersModel {
  return averaged ?? networks.G;
}

/** Returns the text that a checkpoint of these options must carry. */
export function cutArchitecture(options: CutOptions): string {
  const layers = comparedLayers(options.generatorBlocks).length + 1;
  return `cut ${translationText(options)}, ${layers} projections to ${options.projection}`;
}

function stateOf(cut: Cut): GanState {
  const { G, DY, projections } = cut.networks;
  return {
    networks: {
      ...{ G, DY },
      ...Object.fromEntries(projections.map((model) => [model.name, model])),
      ...(cut.averaged === undefined ? {} : { averageG: cut.averaged }),
    },
    optimizers: { ...cut.optimizers },
    progress: cut.progress,
    architecture: cutArchitecture(cut.options),
    restoredBy: 'restoreCut',
  };
}

/** Returns everything that the next step depends on, as copies. */
export async function checkpointOfCut(cut: Cut): Promise<Checkpoint> {
  return await checkpointOfGan(stateOf(cut), { state: { options: { ...cut.options } } });
}

/**
 * Sets a training to where a checkpoint was taken; its next steps are then the same, bit for bit, as those of the
 * training that was saved. Its own options stay.
 *
 * @throws CheckpointError when the checkpoint is of another architecture, or lacks a part
 */
export function restoreCut(cut: Cut, checkpoint: Checkpoint): void {
  restoreGan(stateOf(cut), checkpoint);
}
