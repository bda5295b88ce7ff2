/** A recipe of a translation that is measured while it trains. */
import { OptionsError } from '@janus/core';
import {
  CYCLEGAN_PRESETS,
  type CycleGanPreset,
  type CycleGanRunOptions,
} from '../cyclegan/options.js';
import { updatesSchedule } from '../cyclegan/falling-schedule.js';

/** Options of a training and how long it is. */
export interface QualityRecipe {
  /** What figures call it; in a folder's name too. */
  readonly name: string;
  /** Updates of the whole training, at least 1. */
  readonly updates: number;
  /** The schedule's epochs are made from `updates`: as `constantEpochs` is 0 or not, the rate falls from the start or from the middle on. */
  readonly options: CycleGanPreset;
}

/**
 * Returns the recipe that a text names: a preset and its updates, such as `attribute:1200`.
 *
 * @param overrides options instead of the preset's
 * @throws OptionsError for an unknown preset, or without a whole number of updates
 */
export function presetRecipe(text: string, overrides: Partial<CycleGanPreset> = {}): QualityRecipe {
  const [name = '', count = ''] = text.split(':');
  const updates = Number(count);
  if (!isPreset(name) || !Number.isInteger(updates) || updates < 1) {
    throw new OptionsError(
      `recipe ${text}: must be one of ${Object.keys(CYCLEGAN_PRESETS).join(', ')}, a colon, and the updates of the training. Write it as attribute:1200.`,
    );
  }
  return { name, updates, options: { ...CYCLEGAN_PRESETS[name], ...overrides } };
}

const isPreset = (name: string): name is keyof typeof CYCLEGAN_PRESETS =>
  Object.hasOwn(CYCLEGAN_PRESETS, name);

/** Returns the training of a recipe on two domains. */
export async function trainingOf(
  { options, updates }: QualityRecipe,
  given: Pick<CycleGanRunOptions, 'x' | 'y' | 'seed'>,
): Promise<CycleGanRunOptions> {
  const training = { ...options, ...given };
  return { ...training, ...(await updatesSchedule(training, updates)) };
}
