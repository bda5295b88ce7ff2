import { DataError, readRun, type RunRecord } from '@janus/core';
import { CUT_ATTRIBUTE, CUT_FAST, CUT_PAPER, type CutOptions } from '@janus/models';
import type { TranslationOptions } from '../cyclegan/open-translation.js';
import type { WithPrecision } from '../precision.js';

/** What a CUT run is repeated from; `run.json` holds all of it. `x`, `y` and so on mean what a CycleGAN run's do. */
export interface CutRunOptions
  extends Omit<CutOptions, 'precision'>, Omit<TranslationOptions, 'from' | 'imageWidth'> {}

/** The options of a run that has begun, as run.json holds them. */
export type ResolvedCutOptions = WithPrecision<CutRunOptions>;

/** All options that have a default. */
export type CutPreset = Omit<CutRunOptions, 'x' | 'y'>;

const preset = (options: CutOptions): CutPreset => ({ ...options, maxSteps: 0, precision: 'auto' });

/** The settings of Park et al. 2020 at 256 px: what `janus train cut` takes where nothing else is given. */
export const CUT_RUN_PAPER: CutPreset = preset(CUT_PAPER);

/** The presets by name: CUT, FastCUT, and a small local change at 64 px in minutes. */
export const CUT_PRESETS: Readonly<Record<'paper' | 'fast' | 'attribute', CutPreset>> = {
  paper: CUT_RUN_PAPER,
  fast: preset(CUT_FAST),
  attribute: preset(CUT_ATTRIBUTE),
};

/**
 * Returns the record of a CUT run.
 *
 * @throws DataError when the folder holds no run, or one of another kind
 */
export async function readCutRun(folder: string): Promise<RunRecord<ResolvedCutOptions>> {
  const record = await readRun(folder);
  if (record.kind !== 'cut') {
    throw new DataError(
      `${folder}: must be a cut run, but is a ${record.kind} run. Name a folder that \`janus train cut\` made.`,
      { path: folder },
    );
  }
  return record as unknown as RunRecord<ResolvedCutOptions>;
}
