/** Which phases a classifier's training has. */
import type { ClassifierPhase } from '@janus/models';
import type { ClassifierRunOptions } from './options.js';

/** Returns the phases of a training, in their order. */
export function phasesOf(
  options: Pick<ClassifierRunOptions, 'backbone' | 'unfreeze' | 'fineTuneEpochs'>,
): readonly ClassifierPhase[] {
  const { backbone, unfreeze, fineTuneEpochs } = options;
  // Without pretrained weights there is nothing to put a head on: all layers train from the start.
  if (backbone === 'small-vgg') return ['from-scratch'];
  return unfreeze !== 'none' && fineTuneEpochs > 0 ? ['head', 'fine-tune'] : ['head'];
}

/** Whether a phase fits a linear head instead of training by steps. */
export const isFittedPhase = (
  phase: ClassifierPhase,
  { head }: Pick<ClassifierRunOptions, 'head'>,
): boolean => phase === 'head' && head === 'linear';

/** Returns the epochs of a phase. */
export const epochsOfPhase = (
  phase: ClassifierPhase,
  { epochs, fineTuneEpochs }: Pick<ClassifierRunOptions, 'epochs' | 'fineTuneEpochs'>,
): number => (phase === 'fine-tune' ? fineTuneEpochs : epochs);
