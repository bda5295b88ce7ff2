import type { Reporter } from '@janus/core';
import type { Dataset, LabelledItem } from '@janus/data';
import { resolvePrecision, type Precision } from '@janus/engine';
import { decodeRecipe, type ImageSet } from '@janus/images';
import { computeLogits, FEATURE_BATCH, type Features, type Preprocessing } from '@janus/models';
import type * as tf from '@tensorflow/tfjs';
import { cachedFeatures, featureFile, featuresOfSet, openItems } from './inputs.js';

/** The rows that a training looks at. */
export interface Parts {
  readonly train: readonly LabelledItem[];
  readonly validation: readonly LabelledItem[];
}

/** A network up to where features are taken. */
export interface Cut {
  readonly network: tf.LayersModel;
  /** The same in two, where a later phase needs the features in between: those are made once. */
  readonly through?: { readonly first: tf.LayersModel; readonly rest: tf.LayersModel };
}

/** Images and features, each made once and only when a phase asks for it. */
export interface Inputs {
  readonly images: () => Promise<Record<keyof Parts, ImageSet>>;
  readonly features: (cut: Cut) => Promise<Record<keyof Parts, Features>>;
  readonly parts: Parts;
}

/** What inputs are made from, and what their features depend on. */
export interface InputsContext {
  readonly dataset: Dataset;
  readonly target: string;
  /** Side of the images in pixels. */
  readonly size: number;
  /** What features are computed in. */
  readonly precision: Precision;
  /** `hash` is empty where no weights were loaded. */
  readonly pretrained: { readonly hash: string; readonly preprocessing: Preprocessing };
  readonly reporter: Reporter;
  readonly parts: Parts;
}

/** Returns the inputs of a run; features are kept in the data set's folder. */
export function createInputs(given: InputsContext): Inputs {
  const { dataset, target, size, pretrained, reporter, parts } = given;
  const { preprocessing } = pretrained;
  const precision = resolvePrecision(given.precision);
  const report = reporter.progress;
  const sets = new Map<keyof Parts, Promise<ImageSet>>();
  const setOf = async (part: keyof Parts): Promise<ImageSet> => {
    const known = sets.get(part);
    if (known !== undefined) return await known;
    const opened = openItems(parts[part], { size, folder: dataset.folder, reporter });
    sets.set(part, opened);
    return await opened;
  };
  const fileOf = (part: keyof Parts, network: tf.LayersModel): string =>
    featureFile(dataset.folder, {
      data: dataset.hash,
      target,
      part,
      weights: pretrained.hash,
      cut: network.outputs[0]?.name.split('/')[0] ?? '',
      size,
      preprocessing,
      decoders: decodeRecipe(size).decoders,
      ...(precision === 'float32' ? {} : { precision }),
    });
  const featuresOf = async (part: keyof Parts, { network, through }: Cut): Promise<Features> =>
    await cachedFeatures(fileOf(part, network), async () => {
      const label = `${part} features`;
      if (through === undefined) {
        const options = { preprocessing, precision, report, label };
        return await featuresOfSet(network, await setOf(part), options);
      }
      const between = await featuresOf(part, { network: through.first });
      // The batch of computeFeatures, so that each number is the same as in one go.
      return await computeLogits(through.rest, between, {
        batchSize: FEATURE_BATCH,
        precision,
        report,
        label,
      });
    });
  return {
    parts,
    images: async () => ({
      train: await setOf('train'),
      validation: await setOf('validation'),
    }),
    features: async (cut) => ({
      train: await featuresOf('train', cut),
      validation: await featuresOf('validation', cut),
    }),
  };
}
