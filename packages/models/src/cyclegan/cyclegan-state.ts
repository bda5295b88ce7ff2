import type * as tf from '@tensorflow/tfjs';
import { FIRST_BATCH, streamOf, type NamedArray, type RandomState } from '@janus/core';
import { createAdam, type Adam } from '../adam.js';
import type { Checkpoint } from '../checkpoint.js';
import {
  checkpointOfGan,
  restoreGan,
  weightsOf,
  withoutPrefix,
  type GanState,
} from '../gan/gan-checkpoint.js';
import type { GanProgress } from '../gan/gan-steps.js';
import { assignArrays } from '../model-variables.js';
import { cycleGanArchitecture } from './cyclegan-architecture.js';
import { checkCycleGanOptions } from './cyclegan-checks.js';
import type { CycleGanNetworks, CycleGanOptimizers, CycleGanPools } from './cyclegan-parts.js';
import type { CycleGanOptions } from './cyclegan-presets.js';
import { imageSides } from './image-sides.js';
import { createImagePool, type ImagePool } from './image-pool.js';
import { discriminatorOf, generatorOf } from './translation-networks.js';

/** A CycleGAN in training: what a checkpoint saves and sets back. */
export interface CycleGan {
  readonly options: CycleGanOptions;
  readonly networks: CycleGanNetworks;
  readonly optimizers: CycleGanOptimizers;
  readonly pools: CycleGanPools;
  /** Running averages of the generators, when `averageDecay` is above 0. */
  readonly averaged: Pick<CycleGanNetworks, 'G' | 'F'> | undefined;
  /** Changed by the training loop. */
  readonly progress: GanProgress;
  /** Frees networks, optimizers and pools. */
  dispose(): void;
}

/**
 * Builds the networks, optimizers and pools of a training that has not begun.
 *
 * @returns what the caller disposes
 * @throws ShapeError and OptionsError as `generatorOf` and `discriminatorOf` do; OptionsError as
 * `checkCycleGanOptions` does
 */
export function createCycleGan(options: CycleGanOptions): CycleGan {
  const { seed, learningRate, beta1, poolSize, averageDecay } = options;
  checkCycleGanOptions(options);
  const generator = (name: 'G' | 'F'): tf.LayersModel => generatorOf(options, name);
  const discriminator = (name: 'DX' | 'DY'): tf.LayersModel => discriminatorOf(options, name);
  const adam = (): Adam => createAdam({ learningRate, beta1 });
  const pool = (domain: 'X' | 'Y'): ImagePool<Float32Array> =>
    createImagePool({ size: poolSize, random: streamOf(seed, 'pool', domain) });

  const networks: CycleGanNetworks = {
    G: generator('G'),
    F: generator('F'),
    DX: discriminator('DX'),
    DY: discriminator('DY'),
  };
  const averaged = averageDecay > 0 ? { G: generator('G'), F: generator('F') } : undefined;
  const optimizers: CycleGanOptimizers = { generators: adam(), discriminators: adam() };
  const pools: CycleGanPools = { X: pool('X'), Y: pool('Y') };
  return {
    options,
    networks,
    optimizers,
    pools,
    averaged,
    progress: { step: 0, cursor: FIRST_BATCH, sums: {}, counts: {}, earlierLosses: [] },
    dispose: () => {
      for (const model of Object.values(allNetworks({ networks, averaged }))) model.dispose();
      optimizers.generators.dispose();
      optimizers.discriminators.dispose();
    },
  };
}

/** Returns the generators that samples and exports are made with. */
export function samplingGenerators(cyclegan: CycleGan): Pick<CycleGanNetworks, 'G' | 'F'> {
  return cyclegan.averaged ?? cyclegan.networks;
}

/** All networks of a training by name, those of the averages behind. */
function allNetworks({
  networks,
  averaged,
}: Pick<CycleGan, 'networks' | 'averaged'>): Readonly<Record<string, tf.LayersModel>> {
  const { G, F, DX, DY } = networks;
  return {
    ...{ G, F, DX, DY },
    ...(averaged === undefined ? {} : { averageG: averaged.G, averageF: averaged.F }),
  };
}

/** What a CycleGAN has in common with every adversarial training. */
function stateOf(cyclegan: CycleGan): GanState {
  return {
    networks: allNetworks(cyclegan),
    optimizers: { ...cyclegan.optimizers },
    progress: cyclegan.progress,
    architecture: cycleGanArchitecture(cyclegan.options),
    restoredBy: 'restoreCycleGan',
  };
}

/** Returns everything that the next step depends on, as copies. */
export async function checkpointOfCycleGan(cyclegan: CycleGan): Promise<Checkpoint> {
  const { options, pools } = cyclegan;
  const { channels } = options;
  const { height, width } = imageSides(options);
  const arrays = (['X', 'Y'] as const).flatMap((domain) =>
    pools[domain].images().map((image, i) => ({
      ...{ name: `pool${domain}/${i}`, shape: [1, height, width, channels], data: image.slice() },
    })),
  );
  const state = {
    randomX: pools.X.randomState(),
    randomY: pools.Y.randomState(),
    options: { ...options },
  };
  return await checkpointOfGan(stateOf(cyclegan), { arrays, state });
}

/** What a checkpoint keeps of the pools beside their images. */
interface SavedPools {
  readonly randomX: RandomState;
  readonly randomY: RandomState;
}

/**
 * Sets a training to where a checkpoint was taken; its next steps are then the same, bit for bit, as
 * those of the training that was saved. Its own options stay: give {@link createCycleGan} those of
 * the run.
 *
 * @throws CheckpointError when the checkpoint is of another architecture, or lacks a part
 */
export function restoreCycleGan(cyclegan: CycleGan, checkpoint: Checkpoint): void {
  const saved = restoreGan(stateOf(cyclegan), checkpoint, [
    'randomX',
    'randomY',
    'options',
  ]) as SavedPools;
  for (const domain of ['X', 'Y'] as const) {
    const images = withoutPrefix(`pool${domain}`, checkpoint.arrays)
      .sort((a, b) => Number(a.name) - Number(b.name))
      .map(({ data }) => Float32Array.from(data));
    cyclegan.pools[domain].restore(images, domain === 'X' ? saved.randomX : saved.randomY);
  }
}

/** Returns the arrays of a checkpoint that are weights of networks: no optimizer slots, no pools. */
export function networkArrays({ arrays }: Checkpoint): readonly NamedArray[] {
  return arrays.filter(({ name }) => /^(G|F|DX|DY|averageG|averageF)\//.test(name));
}

/**
 * Gives a training that has not begun the weights of another's networks; its optimizers, pools and
 * schedule stay new. Averages that the other did not keep begin as its generators.
 *
 * @param arrays what {@link networkArrays} returned; the size of the images may have been another
 * @throws CheckpointError when a network is of another architecture
 */
export function startCycleGan(cyclegan: CycleGan, arrays: readonly NamedArray[]): void {
  for (const [name, model] of Object.entries(allNetworks(cyclegan))) {
    const has = arrays.some((array) => array.name.startsWith(`${name}/`));
    const prefix = has ? name : name.replace(/^average/, '');
    assignArrays(weightsOf(prefix, model), arrays);
  }
}
