/** A row of a table as a training on a data set. */
import { stepsPerEpochOf } from '@janus/core';
import { phasesOf } from '../classifier/phase-order.js';
import {
  CLASSIFIER_PAPER,
  type ClassifierPreset,
  type ClassifierRunOptions,
} from '../classifier/options.js';
import { imagesPerUpdate } from '../classifier/recipe.js';
import type { ClassifierSweepRow } from './sweep-row.js';

/** Fewest images of a class that a scaled-down row has on average. */
const IMAGES_A_CLASS = 2;

/** What {@link planRow} takes beside the row. */
export interface PlanRowOptions {
  /** Data folder. */
  readonly data: string;
  /** Images of the train split that have the row's target. */
  readonly available: number;
  readonly classes: number;
  /** Factor of images and updates, above 0. */
  readonly scale: number;
  /** Options that all rows have instead of their own. */
  readonly overrides: Partial<ClassifierPreset>;
}

/** The training of a row. */
export interface PlannedRow {
  readonly options: ClassifierRunOptions;
  /** Images that it trains on. */
  readonly images: number;
}

/**
 * Returns the training of a row: images and updates times `scale`, no more images than there are, and as many epochs as
 * the updates take.
 */
export function planRow(row: ClassifierSweepRow, given: PlanRowOptions): PlannedRow {
  const { data, available, classes, scale, overrides } = given;
  const preset = { ...CLASSIFIER_PAPER, ...row.options, ...overrides };
  const wanted = Math.max(IMAGES_A_CLASS * classes, Math.round((row.images ?? available) * scale));
  const images = Math.min(available, wanted);
  const options = {
    ...{ ...preset, data, target: row.target },
    ...(images < available ? { trainImages: images } : {}),
  };
  if (row.batches === undefined) return { options, images };
  const phases = phasesOf({ ...preset, fineTuneEpochs: 1 }).length;
  const maxSteps = Math.max(1, Math.round((row.batches * scale) / phases));
  const stepsPerEpoch = stepsPerEpochOf({ count: images, batchSize: imagesPerUpdate(preset) });
  const epochs = Math.ceil(maxSteps / stepsPerEpoch);
  return { options: { ...options, maxSteps, epochs, fineTuneEpochs: epochs }, images };
}
