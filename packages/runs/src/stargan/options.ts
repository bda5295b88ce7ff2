import { DataError, readRun, type RunRecord } from '@janus/core';
import type { PrecisionChoice } from '@janus/engine';
import type { Augmentation } from '@janus/images';
import { STARGAN_ATTRIBUTE, STARGAN_PAPER, type StarGanOptions } from '@janus/models';
import type { WithPrecision } from '../precision.js';

/** What a StarGAN run is repeated from; `run.json` holds all of it. */
export interface StarGanRunOptions extends Omit<StarGanOptions, 'precision'> {
  /** The data folder. */
  readonly data: string;
  /** Label columns that the generator learns to set, at least one; the order of its numbers. */
  readonly attributes: readonly string[];
  /** Updates after which the run is finished, whatever the epochs say; 0 (default): no limit. */
  readonly maxSteps: number;
  /** What the networks compute in; default `auto`: bfloat16 where it is faster, else float32. */
  readonly precision: PrecisionChoice;
  /** How images are changed, drawn again for each image and epoch; absent: half of them are mirrored. */
  readonly augment?: readonly Augmentation[];
}

/** The options of a run that has begun, as run.json holds them. */
export type ResolvedStarGanOptions = WithPrecision<StarGanRunOptions>;

/** All options that have a default. */
export type StarGanPreset = Omit<StarGanRunOptions, 'data' | 'attributes'>;

const preset = (options: StarGanOptions): StarGanPreset => ({
  ...{ ...options, maxSteps: 0, precision: 'auto' },
});

/** The settings of Choi et al. 2018 at 128 px: what `janus train stargan` takes where nothing else is given. */
export const STARGAN_RUN_PAPER: StarGanPreset = preset(STARGAN_PAPER);

/** The presets by name: the paper's, and small local changes at 64 px in minutes. */
export const STARGAN_PRESETS: Readonly<Record<'paper' | 'attribute', StarGanPreset>> = {
  paper: STARGAN_RUN_PAPER,
  attribute: preset(STARGAN_ATTRIBUTE),
};

/** Updates that small local changes take on generated faces. */
export const STARGAN_ATTRIBUTE_UPDATES = 1200;

/**
 * Returns the record of a StarGAN run.
 *
 * @throws DataError when the folder holds no run, or one of another kind
 */
export async function readStarGanRun(folder: string): Promise<RunRecord<ResolvedStarGanOptions>> {
  const record = await readRun(folder);
  if (record.kind !== 'stargan') {
    throw new DataError(
      `${folder}: must be a stargan run, but is a ${record.kind} run. Name a folder that \`janus train stargan\` made.`,
      { path: folder },
    );
  }
  return record as unknown as RunRecord<ResolvedStarGanOptions>;
}
