/** The flags of `janus train classifier` that say how steps are made. */
import { MIXES, OPTIMIZERS, SCHEDULE_NAMES, type TrainingRecipe } from '@janus/runs';
import { numberBetween, wholeNumber } from '../flags.js';
import type { OptionFlag } from '../option-flags.js';

/** Each sets an option of {@link TrainingRecipe}. */
export const RECIPE_FLAGS: readonly OptionFlag<TrainingRecipe>[] = [
  {
    option: 'schedule',
    flags: '--schedule <name>',
    help: 'how the learning rate of each phase goes over its epochs',
    choices: SCHEDULE_NAMES,
  },
  {
    option: 'optimizer',
    flags: '--optimizer <name>',
    help: 'adam: AdamW; sgd: gradient descent with momentum 0.9',
    choices: OPTIMIZERS,
  },
  {
    option: 'blockRateDecay',
    flags: '--block-rate-decay <factor>',
    help: 'factor of the rate from the head to the last block, and from each block to the one below',
    parse: numberBetween(0.001, 1),
  },
  {
    option: 'clipNorm',
    flags: '--clip-norm <length>',
    help: 'shorten gradients, all weights together, to this length; 0: never',
    parse: numberBetween(0, 1e6),
  },
  {
    option: 'accumulate',
    flags: '--accumulate <n>',
    help: 'batches of an update: that of a batch n times as large, in the memory of one',
    parse: wholeNumber(1),
  },
  {
    option: 'mix',
    flags: '--mix <kind>',
    help: 'mix each image of a batch, and its label, with another',
    choices: MIXES,
  },
  {
    option: 'averageDecay',
    flags: '--average-decay <share>',
    help: 'keep a running average of the weights, of which this share stays at each update; 0: none',
    parse: numberBetween(0, 0.99999),
  },
  {
    option: 'keepBest',
    flags: '--keep-best <k>',
    help: "keep the weights of each phase's k best epochs in the run's folder",
    parse: wholeNumber(0),
  },
];
