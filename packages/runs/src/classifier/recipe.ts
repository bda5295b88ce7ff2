/** How the phases of a classifier that are trained by steps go about it. */
import { OptionsError, type Schedule } from '@janus/core';
import type { Mix, OptimizerName } from '@janus/models';

/** The part of a classifier run's options that says how steps are made. */
export interface TrainingRecipe {
  /**
   * How the learning rate of each phase goes over its epochs; default `constant`, the paper's, which can be
   * extended without a change of the epochs before.
   */
  readonly schedule: Schedule;
  /** AdamW (default, the paper's without decay) or gradient descent with momentum 0.9. */
  readonly optimizer: OptimizerName;
  /**
   * Factor of the learning rate from the head to the last block, and from each block to the one below, above 0 to 1;
   * default 1: one rate for all.
   */
  readonly blockRateDecay: number;
  /** Longest gradient, all weights together; 0 (default): as long as it is. */
  readonly clipNorm: number;
  /**
   * Batches of an update, from 1 (default): an update equals that of one batch this many times as large, in the memory
   * of a single one. Dropout masks are drawn for each.
   */
  readonly accumulate: number;
  /** Mixes each image of a batch, and its label, with another: `mixup` or `cutmix`; default `none`. */
  readonly mix: Mix;
  /**
   * Share of a running average of the weights that stays at each update, 0 to below 1; 0 (default): none is kept. The
   * average is what is validated, kept and saved.
   */
  readonly averageDecay: number;
  /** How many of each phase's best epochs leave their weights in the run's folder; default 0. */
  readonly keepBest: number;
}

/** Plain training: what the paper did, but for the numbers of `CLASSIFIER_DEFAULTS`. */
export const RECIPE_DEFAULTS: TrainingRecipe = {
  schedule: 'constant',
  optimizer: 'adam',
  blockRateDecay: 1,
  clipNorm: 0,
  accumulate: 1,
  mix: 'none',
  averageDecay: 0,
  keepBest: 0,
};

/** Returns the images of an update. */
export const imagesPerUpdate = ({
  batchSize,
  accumulate,
}: Pick<TrainingRecipe, 'accumulate'> & { readonly batchSize: number }): number =>
  batchSize * accumulate;

/**
 * Checks what a recipe demands.
 *
 * @throws OptionsError when a number is out of range, or cutmix is asked for where a head trains on rows of features
 */
export function checkRecipe(
  recipe: TrainingRecipe & { readonly backbone: string; readonly head: string },
): void {
  const { blockRateDecay, clipNorm, accumulate, averageDecay, keepBest } = recipe;
  const rules: readonly (readonly [boolean, string])[] = [
    [
      blockRateDecay > 0 && blockRateDecay <= 1,
      `--block-rate-decay: must be above 0 and at most 1, but got ${blockRateDecay}. 0.3 is usual; 1 is one rate for all.`,
    ],
    [clipNorm >= 0, `--clip-norm: must be 0 or more, but got ${clipNorm}. 1 is usual; 0 is none.`],
    [
      Number.isInteger(accumulate) && accumulate >= 1,
      `--accumulate: must be a whole number from 1, but got ${accumulate}. 1 makes an update of each batch.`,
    ],
    [
      averageDecay >= 0 && averageDecay < 1,
      `--average-decay: must be from 0 to below 1, but got ${averageDecay}. 0.99 is usual; 0 keeps none.`,
    ],
    [
      Number.isInteger(keepBest) && keepBest >= 0,
      `--keep-best: must be a whole number from 0, but got ${keepBest}. 3 keeps the three best epochs.`,
    ],
    [
      recipe.mix !== 'cutmix' || recipe.backbone === 'small-vgg' || recipe.head === 'linear',
      `--mix: cutmix needs images or feature maps, but a head of ${recipe.head} trains on rows of features. Take mixup, or --head linear with --unfreeze.`,
    ],
  ];
  for (const [holds, message] of rules) if (!holds) throw new OptionsError(message);
}
