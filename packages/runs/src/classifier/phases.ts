import { labelledBatches } from '@janus/images';
import {
  cutBackbone,
  featureBatches,
  joinModels,
  unfrozenBlocks,
  VALIDATION_BATCH,
  type ClassifierPhase,
  type ClassifierSources,
  type Preprocessing,
} from '@janus/models';
import type * as tf from '@tensorflow/tfjs';
import type { FeatureNetwork, RunInputs } from './features.js';
import type { ClassifierRunOptions } from './options.js';

/** A backbone with what belongs to it. */
export interface Network {
  readonly backbone: tf.LayersModel;
  readonly preprocessing: Preprocessing;
  /** Hash of the pretrained weights; undefined where there are none. */
  readonly hash: string | undefined;
}

/** Returns the phases of a training, in their order. */
export function phasesOf(
  options: ClassifierRunOptions,
  network: Network,
): readonly ClassifierPhase[] {
  // Without pretrained weights there is nothing to put a head on: all layers train from the start.
  if (network.hash === undefined) return ['from-scratch'];
  const unfrozen = unfrozenBlocks(network.backbone, options.unfreeze);
  return unfrozen.length > 0 && options.fineTuneEpochs > 0 ? ['head', 'fine-tune'] : ['head'];
}

/** What a phase trains, and on what. */
export interface PhaseParts {
  readonly model: tf.LayersModel;
  readonly sources: Pick<ClassifierSources, 'train' | 'validation'>;
}

/** What {@link phaseParts} takes. */
export interface PhaseContext {
  readonly network: Network;
  readonly head: tf.LayersModel;
  readonly inputs: RunInputs;
  readonly options: ClassifierRunOptions;
}

/** Returns what a phase trains and on what: features where layers below are frozen, else images. */
export async function phaseParts(
  phase: ClassifierPhase,
  context: PhaseContext,
): Promise<PhaseParts> {
  const { network, head, inputs, options } = context;
  const { frozen, tail } = cutBackbone(network.backbone, blocksOfPhase(phase, context));
  const model = tail === undefined ? head : joinModels(tail, head, 'fine-tuned');
  const { seed, batchSize } = options;
  const order = { seed, stream: phase };
  const ofPart = (part: 'train' | 'validation') => ({
    labels: inputs.parts[part].map(({ label }) => label),
    ids: inputs.parts[part].map(({ id }) => id),
    ...order,
    ...(part === 'train' ? { batchSize } : { batchSize: VALIDATION_BATCH, shuffle: false }),
  });
  if (frozen === undefined) {
    const images = await inputs.images();
    const changes = options.augment === undefined ? { flip: true } : { augment: options.augment };
    return {
      model,
      sources: {
        train: labelledBatches({ ...ofPart('train'), images: images.train, ...changes }),
        validation: labelledBatches({ ...ofPart('validation'), images: images.validation }),
      },
    };
  }
  const features = await inputs.features({ network: frozen, ...viaOf(phase, context) });
  return {
    model,
    sources: {
      train: featureBatches({ ...ofPart('train'), features: features.train }),
      validation: featureBatches({ ...ofPart('validation'), features: features.validation }),
    },
  };
}

function blocksOfPhase(
  phase: ClassifierPhase,
  { network, options }: Pick<PhaseContext, 'network' | 'options'>,
): readonly string[] {
  switch (phase) {
    case 'head':
      return [];
    case 'fine-tune':
      return unfrozenBlocks(network.backbone, options.unfreeze);
    case 'from-scratch':
      return unfrozenBlocks(network.backbone, 'all');
  }
}

/** Returns the parts of the head's frozen layers between which fine-tuning will start. */
function viaOf(
  phase: ClassifierPhase,
  context: Pick<PhaseContext, 'network' | 'options'>,
): Pick<FeatureNetwork, 'via'> {
  const { network, options } = context;
  if (phase !== 'head' || !phasesOf(options, network).includes('fine-tune')) return {};
  const unfrozen = blocksOfPhase('fine-tune', context);
  const { frozen: first, tail: rest } = cutBackbone(network.backbone, unfrozen);
  return first === undefined || rest === undefined ? {} : { via: { first, rest } };
}
