import {
  cutBackbone,
  joinModels,
  unfrozenBlocks,
  type LabelledInputs,
  type Preprocessing,
} from '@janus/models';
import type * as tf from '@tensorflow/tfjs';
import type { Cut, Inputs } from './features.js';
import type { ClassifierOptions } from './train.js';
import { featureInputs, imageInputs } from './inputs.js';

/** First a head on frozen layers, then layers of the backbone with it. */
export type PhaseName = 'head' | 'fine-tune';

/** A backbone with what belongs to it. */
export interface Network {
  readonly backbone: tf.LayersModel;
  readonly preprocessing: Preprocessing;
  /** Of the pretrained values; undefined where there are none. */
  readonly hash: string | undefined;
}

/** Returns the phases of a training, in their order. */
export function phaseNames(options: ClassifierOptions, network: Network): readonly PhaseName[] {
  // Without pretrained values there is nothing to put a head on: all layers train from the start.
  if (network.hash === undefined) return ['fine-tune'];
  const fine =
    unfrozenBlocks(network.backbone, options.unfreeze).length > 0 && options.fineTuneEpochs > 0;
  return fine ? ['head', 'fine-tune'] : ['head'];
}

/** What a phase trains, and on what. */
export interface PhaseParts {
  readonly model: tf.LayersModel;
  readonly train: LabelledInputs;
  readonly validation: LabelledInputs;
  /** Ends what makes the inputs. */
  readonly close: () => Promise<void>;
}

/** Returns what a phase trains and on what: features where layers below are frozen, else images. */
export async function phaseParts(
  name: PhaseName,
  context: {
    readonly network: Network;
    readonly head: tf.LayersModel;
    readonly inputs: Inputs;
    readonly options: ClassifierOptions;
  },
): Promise<PhaseParts> {
  const { network, head, inputs, options } = context;
  const { parts } = inputs;
  const unfrozen =
    name === 'head'
      ? []
      : unfrozenBlocks(network.backbone, network.hash === undefined ? 'all' : options.unfreeze);
  const { frozen, tail } = cutBackbone(network.backbone, unfrozen);
  const model = tail === undefined ? head : joinModels(tail, head, 'fine-tuned');
  if (frozen === undefined) {
    const images = await inputs.images();
    const { seed, batchSize, augment } = options;
    const how = {
      ...{ preprocessing: network.preprocessing, seed, batchSize },
      ...(augment === undefined ? {} : { augment }),
    };
    const train = imageInputs(images.train, parts.train, how);
    // Never changed, and so without threads where they are in memory.
    const validation = imageInputs(images.validation, parts.validation, {
      ...{ ...how, augment: [] },
    });
    return {
      ...{ model, train, validation },
      close: async () => {
        await train.close();
        await validation.close();
      },
    };
  }
  const features = await inputs.features({ network: frozen, ...throughOf(name, context) });
  return {
    model,
    train: featureInputs(features.train, parts.train),
    validation: featureInputs(features.validation, parts.validation),
    close: async () => {
      await Promise.resolve();
    },
  };
}

/** Where the head's features pass through those that fine-tuning will start from. */
function throughOf(
  name: PhaseName,
  { network, options }: { readonly network: Network; readonly options: ClassifierOptions },
): Pick<Cut, 'through'> {
  if (name !== 'head' || phaseNames(options, network).length < 2) return {};
  const unfrozen = unfrozenBlocks(network.backbone, options.unfreeze);
  const { frozen: first, tail: rest } = cutBackbone(network.backbone, unfrozen);
  return first === undefined || rest === undefined ? {} : { through: { first, rest } };
}
