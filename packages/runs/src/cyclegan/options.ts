import { DataError, readRun, type RunRecord } from '@janus/core';
import type { PrecisionChoice } from '@janus/engine';
import type { Augmentation } from '@janus/images';
import {
  CYCLEGAN_ATTRIBUTE,
  CYCLEGAN_PAPER,
  CYCLEGAN_PIX2PIX,
  CYCLEGAN_TEXTURE,
  type CycleGanOptions,
} from '@janus/models';
import type { WithPrecision } from '../precision.js';

/** What a CycleGAN run is repeated from; `run.json` holds all of it. */
export interface CycleGanRunOptions extends Omit<CycleGanOptions, 'precision'> {
  /** Domain X: a folder of images, or `<data folder>:<column>=<value>`. */
  readonly x: string;
  /** Domain Y. */
  readonly y: string;
  /** Updates after which the run is finished, whatever the epochs say; 0 (default): no limit. */
  readonly maxSteps: number;
  /**
   * Another CycleGAN run, with whose networks, as of its last checkpoint, this one begins; filters, blocks, layers and
   * skip must be the same, the size of the images need not. Absent: random weights.
   */
  readonly from?: string;
  /**
   * Which images of X and Y are pairs: `name`, files of one name; a label column, images of one value; a .csv list with the
   * columns x and y, ids or file names. Needs `paired`. Images without a pair are not trained on. Absent: there are none.
   */
  readonly pairs?: string;
  /** Training images of each domain, drawn with the seed; absent: all. A smaller sample is part of a larger one. */
  readonly trainImages?: number;
  /** What the networks compute in; default `auto`: bfloat16 where it is faster, else float32. */
  readonly precision: PrecisionChoice;
  /** How images are changed, drawn again for each image and epoch; absent: half of them are mirrored. */
  readonly augment?: readonly Augmentation[];
}

/** The options of a run that has begun, as run.json holds them. */
export type ResolvedCycleGanOptions = WithPrecision<CycleGanRunOptions>;

/** All options that have a default. */
export type CycleGanPreset = Omit<CycleGanRunOptions, 'x' | 'y'>;

/** The settings of Zhu et al. 2017 at 256 px: what `janus train cyclegan` takes where nothing else is given. */
export const CYCLEGAN_RUN_PAPER: CycleGanPreset = {
  ...CYCLEGAN_PAPER,
  maxSteps: 0,
  precision: 'auto',
};

/** Updates that a small local change takes on generated faces: 1 to 3 minutes on two processor cores. */
export const ATTRIBUTE_UPDATES = 1200;

/**
 * A small local change at 64 px, in minutes on two processor cores. Its epochs make about 1,200 updates of 800 images a
 * domain; `fallingSchedule` returns the epochs of other sets.
 */
export const CYCLEGAN_RUN_ATTRIBUTE: CycleGanPreset = {
  ...CYCLEGAN_ATTRIBUTE,
  maxSteps: 0,
  precision: 'auto',
};

/** Updates that another texture takes on some hundred images a domain: about an hour on two processor cores. */
export const TEXTURE_UPDATES = 12_000;

/**
 * Another texture of a whole object at 64 px, in about an hour on two processor cores. Its epochs make about 12,000 updates of 400
 * images a domain; `updatesSchedule` returns the epochs of other sets. Images are enlarged and cropped at random, and mirrored.
 */
export const CYCLEGAN_RUN_TEXTURE: CycleGanPreset = {
  ...CYCLEGAN_TEXTURE,
  augment: ['jitter', 'flip'],
  maxSteps: 0,
  precision: 'auto',
};

/** pix2pix, both ways, at 256 px: for pairs of images. */
export const CYCLEGAN_RUN_PIX2PIX: CycleGanPreset = {
  ...CYCLEGAN_PIX2PIX,
  maxSteps: 0,
  precision: 'auto',
};

/**
 * Returns options without those that say what others say already, the width of squares and an end of the change's weight
 * where it began: one way to say what they are, in records and checkpoints.
 */
export function withoutRepetitions({
  imageWidth,
  lambdaChangeEnd,
  ...options
}: CycleGanRunOptions): CycleGanRunOptions {
  return {
    ...options,
    ...(imageWidth === undefined || imageWidth === options.imageSize ? {} : { imageWidth }),
    ...(lambdaChangeEnd === undefined || lambdaChangeEnd === options.lambdaChange
      ? {}
      : { lambdaChangeEnd }),
  };
}

/** The presets by name. */
export const CYCLEGAN_PRESETS: Readonly<
  Record<'paper' | 'attribute' | 'texture' | 'pix2pix', CycleGanPreset>
> = {
  paper: CYCLEGAN_RUN_PAPER,
  attribute: CYCLEGAN_RUN_ATTRIBUTE,
  texture: CYCLEGAN_RUN_TEXTURE,
  pix2pix: CYCLEGAN_RUN_PIX2PIX,
};

/** Updates of the presets that count these, not epochs. */
export const PRESET_UPDATES: Readonly<Partial<Record<string, number>>> = {
  attribute: ATTRIBUTE_UPDATES,
  texture: TEXTURE_UPDATES,
};

/**
 * Returns the schedule of that many epochs in all: the first half at the full learning rate, the odd one too, the
 * second falling, as the paper divides its 200.
 *
 * @param epochs whole number, at least 1
 */
export function halvedSchedule(
  epochs: number,
): Pick<CycleGanRunOptions, 'constantEpochs' | 'decayEpochs'> {
  const constantEpochs = Math.ceil(epochs / 2);
  return { constantEpochs, decayEpochs: epochs - constantEpochs };
}

/**
 * Returns the record of a CycleGAN run, its options complete.
 *
 * @throws DataError when the folder holds no run, or one of another kind
 */
export async function readCycleGanRun(folder: string): Promise<RunRecord<ResolvedCycleGanOptions>> {
  const record = await readRun(folder);
  if (record.kind !== 'cyclegan') {
    throw new DataError(
      `${folder}: must be a cyclegan run, but is a ${record.kind} run. Name a folder that \`janus train cyclegan\` made.`,
      { path: folder },
    );
  }
  const { discriminatorRate, ...options } = record.options;
  return {
    ...record,
    options: {
      ...CYCLEGAN_RUN_PAPER,
      precision: 'float32',
      // The name of format 1.
      ...(typeof discriminatorRate === 'number'
        ? { discriminatorLrFactor: discriminatorRate }
        : {}),
      ...options,
    } as ResolvedCycleGanOptions,
  };
}
