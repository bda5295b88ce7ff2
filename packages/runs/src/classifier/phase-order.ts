/** Which phases a classifier's training has. */
import type { ClassifierPhase } from '@janus/models';

/** The options that decide which phases there are. */
export interface PhaseOptions {
  /** A name or a function; `small-vgg` has no weights to put a head on. */
  readonly backbone: unknown;
  readonly unfreeze: string;
  readonly fineTuneEpochs: number;
}

/** Returns the phases of a training, in their order. */
export function phasesOf(options: PhaseOptions): readonly ClassifierPhase[] {
  const { backbone, unfreeze, fineTuneEpochs } = options;
  // Without pretrained weights there is nothing to put a head on: all layers train from the start.
  if (backbone === 'small-vgg') return ['from-scratch'];
  return unfreeze !== 'none' && fineTuneEpochs > 0 ? ['head', 'fine-tune'] : ['head'];
}

/** Whether a phase fits a linear head instead of training by steps. */
export const isFittedPhase = (
  phase: ClassifierPhase,
  { head }: { readonly head: string },
): boolean => phase === 'head' && head === 'linear';

/** Returns the epochs of a phase. */
export const epochsOfPhase = (
  phase: ClassifierPhase,
  { epochs, fineTuneEpochs }: { readonly epochs: number; readonly fineTuneEpochs: number },
): number => (phase === 'fine-tune' ? fineTuneEpochs : epochs);
