/** Which options of a classifier's training are without effect because it fits a linear head and nothing else. */

/** The options that decide whether anything is trained by steps. */
export interface FittedBy {
  readonly backbone?: unknown;
  readonly head?: unknown;
  readonly unfreeze?: unknown;
  readonly fineTuneEpochs?: unknown;
}

/** Whether a training fits a linear head on frozen layers and nothing else, so that nothing is trained by steps. */
export function isFittedWhole({ backbone, head, unfreeze, fineTuneEpochs }: FittedBy): boolean {
  if (head !== 'linear' || backbone === 'small-vgg') return false;
  return unfreeze === 'none' || fineTuneEpochs === 0;
}

/** Options that say how steps are made. */
const OF_STEPS: readonly string[] = [
  ...['epochs', 'maxSteps', 'batchSize', 'learningRate', 'weightDecay', 'labelSmoothing'],
  ...['patience', 'dropout', 'fineTuneEpochs', 'fineTuneLearningRate'],
  ...['schedule', 'optimizer', 'blockRateDecay', 'clipNorm', 'accumulate', 'mix'],
  ...['averageDecay', 'keepBest'],
];

/** Returns the names of the options that are without effect, whatever their values. */
export function optionsWithoutEffect(options: FittedBy): readonly string[] {
  if (!isFittedWhole(options)) return [];
  // Without epochs of fine-tuning there is none: that is an effect.
  const isAsked = options.unfreeze !== 'none';
  return OF_STEPS.filter((name) => name !== 'fineTuneEpochs' || !isAsked);
}
