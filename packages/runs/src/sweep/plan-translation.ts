/** A row of a table of translations as a training on two domains. */
import { unpairedStepsPerEpoch } from '@janus/images';
import {
  CYCLEGAN_RUN_PAPER,
  halvedSchedule,
  type CycleGanPreset,
  type CycleGanRunOptions,
} from '../cyclegan/options.js';
import type { CycleGanSweepRow } from './sweep-row.js';

/** Fewest images of a domain that a scaled-down row has: those of a sample sheet. */
const LEAST_IMAGES = 8;

/** What {@link planTranslation} takes beside the row. */
export interface PlanTranslationOptions {
  readonly x: string;
  readonly y: string;
  /** Training images of both domains. */
  readonly available: readonly [x: number, y: number];
  /** Factor of images and updates, above 0. */
  readonly scale: number;
  /** Options that all rows have instead of their own. */
  readonly overrides: Partial<CycleGanPreset>;
}

/**
 * Returns the training of a row: images and updates times `scale`, no more images than there are and no fewer than eight a
 * domain, and as many epochs as the updates take.
 */
export function planTranslation(
  row: CycleGanSweepRow,
  { x, y, available, scale, overrides }: PlanTranslationOptions,
): CycleGanRunOptions {
  const preset = { ...CYCLEGAN_RUN_PAPER, ...row.options, ...overrides };
  const { batchSize } = preset;
  const most = Math.max(...available);
  const wanted = row.images === undefined ? most : row.images / 2;
  const trainImages = Math.min(most, Math.max(LEAST_IMAGES, Math.round(wanted * scale)));
  const maxSteps = Math.max(1, Math.round((wanted * row.epochs * scale) / batchSize));
  const counts = available.map((count) => Math.min(count, trainImages));
  const stepsPerEpoch = unpairedStepsPerEpoch([counts[0] ?? 0, counts[1] ?? 0], batchSize);
  const epochs = Math.ceil(maxSteps / stepsPerEpoch);
  return { ...preset, x, y, trainImages, maxSteps, ...halvedSchedule(epochs) };
}

/** The epochs of a table whose samples are put side by side. */
const SHOWN = [1, 2, 5, 10, 20, 30, 50, 80, 100, 150, 200];

/** Returns the epochs of a row that are shown, its last among them, and the updates after which they are over. */
export function shownEpochs(
  { epochs }: CycleGanSweepRow,
  { maxSteps }: Pick<CycleGanRunOptions, 'maxSteps'>,
): readonly { readonly epoch: number; readonly step: number }[] {
  return [...new Set([...SHOWN.filter((epoch) => epoch < epochs), epochs])].map((epoch) => ({
    epoch,
    step: Math.max(1, Math.round((maxSteps * epoch) / epochs)),
  }));
}
