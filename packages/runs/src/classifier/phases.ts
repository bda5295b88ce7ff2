import { labelledBatches } from '@janus/images';
import {
  cutBackbone,
  featureBatches,
  joinModels,
  unfrozenBlocks,
  VALIDATION_BATCH,
  type ClassifierPhase,
  type ClassifierSources,
  type Features,
  type Preprocessing,
} from '@janus/models';
import type * as tf from '@tensorflow/tfjs';
import { copiesOf } from './augment-frozen.js';
import type { FeatureNetwork, RunInputs } from './features.js';
import type { ClassifierRunOptions } from './options.js';
import { phasesOf } from './phase-order.js';
import { imagesPerUpdate } from './recipe.js';

/** A backbone with what belongs to it. */
export interface Network {
  /** Up to the cut. */
  readonly backbone: tf.LayersModel;
  /** From its maps to a row of features; no weights. */
  readonly pooling: tf.LayersModel;
  readonly preprocessing: Preprocessing;
  /** Frees the weights of the backbone, those after the cut included; networks that were joined to it share them. */
  readonly dispose: () => void;
}

/** What a phase trains, and on what. */
export interface PhaseParts {
  readonly model: tf.LayersModel;
  readonly sources: Pick<ClassifierSources, 'train' | 'validation'>;
}

/** What {@link phaseParts} takes. */
export interface PhaseContext {
  readonly network: Network;
  /** The layers above the pooling. */
  readonly dense: tf.LayersModel;
  readonly inputs: RunInputs;
  readonly options: ClassifierRunOptions;
}

/** Returns what a phase trains and on what: features where layers below are frozen, else images. */
export async function phaseParts(
  phase: ClassifierPhase,
  context: PhaseContext,
): Promise<PhaseParts> {
  const { network, dense, inputs, options } = context;
  const { frozen, tail } = cutBackbone(network.backbone, blocksOfPhase(phase, context));
  const model = tail === undefined ? dense : joinModels(pooled(tail, network), dense, 'fine-tuned');
  const { seed } = options;
  const batchSize = imagesPerUpdate(options);
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
  if (phase === 'fine-tune' && changesImages(options)) {
    const { train: images } = await inputs.images();
    const augment = options.augment ?? [];
    const changed = labelledBatches({ ...ofPart('train'), images, augment });
    const features = await inputs.features('validation', { network: frozen });
    return {
      model,
      sources: {
        train: inputs.through(changed, frozen),
        validation: featureBatches({ ...ofPart('validation'), features }),
      },
    };
  }
  const { train, copies, validation } = await featuresOfPhase(phase, context);
  return {
    model,
    sources: {
      train: featureBatches({ ...ofPart('train'), features: train, copies }),
      validation: featureBatches({ ...ofPart('validation'), features: validation }),
    },
  };
}

/** Features that a phase with frozen layers trains on. */
export interface PhaseFeatures {
  readonly train: Features;
  /** Of changed copies of the same images; none where images are not changed. */
  readonly copies: readonly Features[];
  readonly validation: Features;
  /** Ends what is fitted on them between its steps: its reason is thrown; default never. */
  readonly signal?: AbortSignal | undefined;
}

/** Returns the features that a phase with frozen layers trains on: pooled, where all layers below are frozen. */
export async function featuresOfPhase(
  phase: ClassifierPhase,
  context: Pick<PhaseContext, 'network' | 'inputs' | 'options'>,
): Promise<PhaseFeatures> {
  const { network, inputs, options } = context;
  const { frozen, tail } = cutBackbone(network.backbone, blocksOfPhase(phase, context));
  if (frozen === undefined) throw new Error(`${phase} has no frozen layers`);
  const whole = { network: tail === undefined ? pooled(frozen, network) : frozen };
  const inParts = { ...whole, ...viaOf(phase, context) };
  // Blocks that see changed images need no features of the images as they are.
  const train = await inputs.features('train', changesImages(options) ? whole : inParts);
  const copies: Features[] = [];
  for (let copy = 1; phase === 'head' && copy <= copiesOf(options); copy++) {
    copies.push(await inputs.copy(whole, copy));
  }
  const validation = await inputs.features('validation', inParts);
  return { train, copies, validation, signal: inputs.signal };
}

/** Whether training images are changed as the options say. */
const changesImages = ({ augment = [] }: Pick<ClassifierRunOptions, 'augment'>): boolean =>
  augment.length > 0;

const pooled = (network: tf.LayersModel, { pooling }: Network): tf.LayersModel =>
  joinModels(network, pooling, `${network.name}_pooled`);

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
  if (phase !== 'head' || !phasesOf(options).includes('fine-tune')) return {};
  const unfrozen = blocksOfPhase('fine-tune', context);
  const { frozen: first, tail: rest } = cutBackbone(network.backbone, unfrozen);
  return first === undefined || rest === undefined
    ? {}
    : { via: { first, rest: pooled(rest, network) } };
}
