import type * as tf from '@tensorflow/tfjs';
import {
  CheckpointError,
  FIRST_BATCH,
  streamOf,
  type BatchCursor,
  type NamedArray,
  type RandomState,
} from '@janus/core';
import { createAdam, type Adam } from '../adam.js';
import type { Checkpoint, JsonValue } from '../checkpoint.js';
import { cycleGanArchitecture } from './cyclegan-architecture.js';
import { checkCycleGanOptions } from './cyclegan-checks.js';
import { buildDiscriminator } from './cyclegan-discriminator.js';
import { buildGenerator } from './cyclegan-generator.js';
import type { CycleGanOptions } from './cyclegan-presets.js';
import type { CycleGanNetworks, CycleGanOptimizers, CycleGanPools } from './cyclegan-parts.js';
import { seedOf } from './translation-networks.js';
import { createImagePool, type ImagePool } from './image-pool.js';
import { arraysOf, assignArrays, variablesOf } from '../model-variables.js';

/** Where a training stands: all that its next step depends on beside the networks and pools. */
export interface CycleGanProgress {
  /** Updates done so far. */
  step: number;
  /** The next batch. */
  cursor: BatchCursor;
  /** Sums of this epoch's recorded losses, for its mean. */
  sums: Record<string, number>;
  /** How many records are in each of `sums`. */
  counts: Record<string, number>;
  /** The generators' mean loss in each epoch so far. */
  earlierLosses: number[];
}

/** A CycleGAN in training: what a checkpoint saves and sets back. */
export interface CycleGan {
  readonly options: CycleGanOptions;
  readonly networks: CycleGanNetworks;
  readonly optimizers: CycleGanOptimizers;
  readonly pools: CycleGanPools;
  /** Running averages of the generators, when `averageDecay` is above 0. */
  readonly averaged: Pick<CycleGanNetworks, 'G' | 'F'> | undefined;
  /** Changed by the training loop. */
  readonly progress: CycleGanProgress;
  /** Frees networks, optimizers and pools. */
  dispose(): void;
}

/**
 * Builds the networks, optimizers and pools of a training that has not begun.
 *
 * @returns what the caller disposes
 * @throws ShapeError and OptionsError as {@link buildGenerator} and {@link buildDiscriminator} do; OptionsError as
 * {@link checkCycleGanOptions} does
 */
export function createCycleGan(options: CycleGanOptions): CycleGan {
  const { imageSize, skip, bend, upsampling, seed, learningRate, beta1, poolSize, averageDecay } =
    options;
  const { channels, norm, initialisation } = options;
  checkCycleGanOptions(options);
  const generator = (name: 'G' | 'F'): tf.LayersModel =>
    buildGenerator({
      ...{ imageSize, channels, norm, initialisation },
      architecture: options.generator,
      filters: options.generatorFilters,
      blocks: options.generatorBlocks,
      ...{ skip, bend, upsampling },
      seed: seedOf(seed, name),
      name,
    });
  const discriminator = (name: 'DX' | 'DY'): tf.LayersModel =>
    buildDiscriminator({
      ...{ imageSize, channels, norm, initialisation },
      architecture: options.discriminator,
      filters: options.discriminatorFilters,
      layers: options.discriminatorLayers,
      scales: options.discriminatorScales,
      conditional: options.paired,
      globalView: options.globalView,
      seed: seedOf(seed, name),
      name,
    });
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
      for (const model of listOf({ networks, averaged })) model[1].dispose();
      optimizers.generators.dispose();
      optimizers.discriminators.dispose();
    },
  };
}

/** Returns the generators that samples and exports are made with. */
export function samplingGenerators(cyclegan: CycleGan): Pick<CycleGanNetworks, 'G' | 'F'> {
  return cyclegan.averaged ?? cyclegan.networks;
}

/** The names of all networks of a training, those of the averages behind. */
function listOf({
  networks,
  averaged,
}: Pick<CycleGan, 'networks' | 'averaged'>): [string, tf.LayersModel][] {
  const { G, F, DX, DY } = networks;
  const list: [string, tf.LayersModel][] = [
    ['G', G],
    ['F', F],
    ['DX', DX],
    ['DY', DY],
  ];
  if (averaged !== undefined) list.push(['averageG', averaged.G], ['averageF', averaged.F]);
  return list;
}

const withPrefix = (prefix: string, arrays: readonly NamedArray[]): NamedArray[] =>
  arrays.map((array) => ({ ...array, name: `${prefix}/${array.name}` }));

const withoutPrefix = (prefix: string, arrays: readonly NamedArray[]): NamedArray[] =>
  arrays
    .filter(({ name }) => name.startsWith(`${prefix}/`))
    .map((array) => ({ ...array, name: array.name.slice(prefix.length + 1) }));

/** Returns a network's variables, those of moving averages too, by the names that a checkpoint has them under. */
const allVariablesOf = (model: tf.LayersModel, prefix: string): Record<string, tf.Variable> =>
  variablesOf(model, { prefix, trainableOnly: false });

/** Returns everything that the next step depends on, as copies. */
export async function checkpointOfCycleGan(cyclegan: CycleGan): Promise<Checkpoint> {
  const { options, optimizers, pools, progress } = cyclegan;
  const arrays: NamedArray[] = [];
  for (const [name, model] of listOf(cyclegan)) {
    arrays.push(...(await arraysOf(allVariablesOf(model, name))));
  }
  arrays.push(...withPrefix('adam-generators', await optimizers.generators.slots()));
  arrays.push(...withPrefix('adam-discriminators', await optimizers.discriminators.slots()));
  for (const domain of ['X', 'Y'] as const) {
    const { imageSize: side, channels } = options;
    for (const [i, image] of pools[domain].images().entries()) {
      arrays.push({
        name: `pool${domain}/${i}`,
        shape: [1, side, side, channels],
        data: image.slice(),
      });
    }
  }
  return {
    step: progress.step,
    arrays,
    architecture: cycleGanArchitecture(options),
    state: {
      cursor: { ...progress.cursor },
      sums: { ...progress.sums },
      counts: { ...progress.counts },
      earlierLosses: [...progress.earlierLosses],
      randomX: pools.X.randomState(),
      randomY: pools.Y.randomState(),
      options: { ...options },
    },
  };
}

interface SavedState {
  readonly cursor: BatchCursor;
  readonly sums: Readonly<Record<string, number>>;
  readonly counts: Readonly<Record<string, number>>;
  /** Absent from checkpoints of versions without schedules that need it. */
  readonly earlierLosses?: readonly number[];
  readonly randomX: RandomState;
  readonly randomY: RandomState;
  readonly options: CycleGanOptions;
}

function savedStateOf(state: JsonValue): SavedState {
  const wanted = ['cursor', 'sums', 'counts', 'randomX', 'randomY', 'options'];
  const missing = wanted.filter(
    (key) => typeof state !== 'object' || state === null || !(key in state),
  );
  if (missing.length > 0) {
    throw new CheckpointError(
      `restoreCycleGan: the state must hold ${wanted.join(', ')}, but lacks ${missing.join(', ')}. Resume with the version of Janus that wrote it.`,
    );
  }
  return state as unknown as SavedState;
}

/**
 * Sets a training to where a checkpoint was taken; its next steps are then the same, bit for bit, as
 * those of the training that was saved. Its own options stay: give {@link createCycleGan} those of
 * the run.
 *
 * @throws CheckpointError when the checkpoint is of another architecture, or lacks a part
 */
export function restoreCycleGan(cyclegan: CycleGan, checkpoint: Checkpoint): void {
  const architecture = cycleGanArchitecture(cyclegan.options);
  if (checkpoint.architecture !== architecture) {
    throw new CheckpointError(
      `restoreCycleGan: must be of ${architecture}, but got ${checkpoint.architecture}. Resume with the options of its run.`,
    );
  }
  const saved = savedStateOf(checkpoint.state);
  const { arrays } = checkpoint;
  for (const [name, model] of listOf(cyclegan)) {
    assignArrays(allVariablesOf(model, name), arrays);
  }
  const { generators, discriminators } = cyclegan.optimizers;
  generators.restore(withoutPrefix('adam-generators', arrays));
  discriminators.restore(withoutPrefix('adam-discriminators', arrays));
  for (const domain of ['X', 'Y'] as const) {
    const pool = cyclegan.pools[domain];
    const images = withoutPrefix(`pool${domain}`, arrays)
      .sort((a, b) => Number(a.name) - Number(b.name))
      .map(({ data }) => Float32Array.from(data));
    pool.restore(images, domain === 'X' ? saved.randomX : saved.randomY);
  }
  Object.assign(cyclegan.progress, {
    step: checkpoint.step,
    cursor: { ...saved.cursor },
    sums: { ...saved.sums },
    counts: { ...saved.counts },
    earlierLosses: [...(saved.earlierLosses ?? [])],
  } satisfies CycleGanProgress);
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
  for (const [name, model] of listOf(cyclegan)) {
    const has = arrays.some((array) => array.name.startsWith(`${name}/`));
    const prefix = has ? name : name.replace(/^average/, '');
    assignArrays(allVariablesOf(model, prefix), arrays);
  }
}
