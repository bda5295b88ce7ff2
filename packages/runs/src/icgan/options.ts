import { ICGAN_PAPER, ICGAN_QUICK, type IcGanOptions } from '@janus/models';
import type { CodedRunOptions } from '../attributes/options.js';

/** What an IcGAN run is repeated from; `run.json` holds all of it. */
export interface IcGanRunOptions
  extends CodedRunOptions, Omit<IcGanOptions, keyof CodedRunOptions> {}

/** All options that have a default. */
export type IcGanPreset = Omit<IcGanRunOptions, 'data' | 'attributes'>;

const preset = (options: IcGanOptions): IcGanPreset => ({ ...options, precision: 'auto' });

/** The settings of Perarnau et al. 2016: what `janus train icgan` takes where nothing else is given. */
export const ICGAN_RUN_PAPER: IcGanPreset = preset(ICGAN_PAPER);

/** The presets by name: the paper's, and few thousand images in minutes. */
export const ICGAN_PRESETS: Readonly<Record<'paper' | 'quick', IcGanPreset>> = {
  paper: ICGAN_RUN_PAPER,
  quick: preset(ICGAN_QUICK),
};
