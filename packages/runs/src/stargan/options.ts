import { STARGAN_ATTRIBUTE, STARGAN_PAPER, type StarGanOptions } from '@janus/models';
import type { CodedRunOptions } from '../attributes/options.js';
import type { WithPrecision } from '../precision.js';

/** What a StarGAN run is repeated from; `run.json` holds all of it. */
export interface StarGanRunOptions
  extends CodedRunOptions, Omit<StarGanOptions, keyof CodedRunOptions> {
  /** Updates after which the run is finished, whatever the epochs say; 0 (default): no limit. */
  readonly maxSteps: number;
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
