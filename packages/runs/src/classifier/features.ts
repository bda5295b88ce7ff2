import type { BatchSource, FeatureBatch, LabelledBatch, Reporter } from '@janus/core';
import type { Dataset, LabelledItem } from '@janus/data';
import { resolvePrecision, type Precision } from '@janus/engine';
import { decodeRecipe, type ImageCopy, type ImageSet } from '@janus/images';
import {
  arraysOf,
  computeLogits,
  FEATURE_BATCH,
  frozenBatches,
  variablesOf,
  type Features,
  type Preprocessing,
} from '@janus/models';
import type * as tf from '@tensorflow/tfjs';
import { featuresOfSet, openItems, type ImageItem } from '../item-images.js';
import { hashOfArrays } from '../start-from.js';
import { cachedFeatures, featureFile } from '../feature-cache.js';
import { sharedFeatures } from '../shared-features.js';

/** The rows that a training looks at. */
export interface Parts {
  readonly train: readonly LabelledItem[];
  readonly validation: readonly LabelledItem[];
}

/** Frozen layers, up to where features are taken. */
export interface FeatureNetwork {
  readonly network: tf.LayersModel;
  /**
   * The same layers in two parts, where a later phase needs the features between them: those are computed
   * once. Default: in one.
   */
  readonly via?: { readonly first: tf.LayersModel; readonly rest: tf.LayersModel };
}

/** Images and features of both parts, each computed once and only when a phase asks for it. */
export interface RunInputs {
  readonly parts: Parts;
  /** See {@link RunInputsOptions.signal}; it ends also what is fitted on the features. */
  readonly signal: AbortSignal | undefined;
  readonly images: () => Promise<Record<keyof Parts, ImageSet>>;
  readonly features: (part: keyof Parts, frozen: FeatureNetwork) => Promise<Features>;
  /** Features of a changed copy of each training image; its number, from 1, decides how each is changed. */
  readonly copy: (frozen: Pick<FeatureNetwork, 'network'>, number: number) => Promise<Features>;
  /** Batches of images as frozen layers see them, computed again for each batch; nothing is kept. */
  readonly through: (
    images: BatchSource<LabelledBatch>,
    frozen: tf.LayersModel,
  ) => BatchSource<FeatureBatch>;
}

/** What inputs are made from, and what their features depend on. */
export interface RunInputsOptions {
  readonly dataset: Dataset;
  readonly target: string;
  /** Side of the images in pixels. */
  readonly size: number;
  /** What features are computed in. */
  readonly precision: Precision;
  readonly preprocessing: Preprocessing;
  readonly reporter: Reporter;
  readonly parts: Parts;
  /** Which sample of the train split `parts` has; default: all of it. */
  readonly sample?: string;
  /** How copies of training images are changed; default: not at all. */
  readonly changes?: Omit<ImageCopy, 'copy'>;
  /** Ends the computation of features between batches: its reason is thrown, and nothing is kept of them. */
  readonly signal?: AbortSignal | undefined;
  /**
   * All images of the data set, where their features are kept once for every way to divide them (`folds`); default: each
   * part's are kept for itself.
   */
  readonly shared?: readonly SharedImage[];
}

/** An image, and the hash of its content. */
export interface SharedImage extends ImageItem {
  readonly content: string;
}

/** Returns the names of a network's layers from its last block's end on, which tell what its features are. */
function endOf({ layers }: tf.LayersModel): readonly string[] {
  const names = layers.map(({ name }) => name);
  const blocks = names.filter((name) => /^(block|fire|pool|conv)\d/.test(name));
  return names.slice(names.lastIndexOf(blocks.at(-1) ?? ''));
}

/** What features depend on that are kept by the content of their images. */
export interface SharedFeaturesKey extends Pick<RunInputsOptions, 'size' | 'preprocessing'> {
  readonly precision: Precision;
}

/** Returns the file of the features that a network makes of any images. */
export async function sharedFeatureFile(
  folder: string,
  network: tf.LayersModel,
  { size, preprocessing, precision }: SharedFeaturesKey,
): Promise<string> {
  return featureFile(folder, {
    part: 'shared',
    weights: hashOfArrays(await arraysOf(variablesOf(network, { trainableOnly: false }))),
    cut: endOf(network).join(' '),
    ...{ size, preprocessing, precision, decoders: decodeRecipe(size).decoders },
  });
}

/** Returns the name of the layer where a network's features are taken. */
const cutName = (network: tf.LayersModel): string => endOf(network)[0] ?? '';

/** Returns the inputs of a run; features are kept in the data folder. */
export function createRunInputs(given: RunInputsOptions): RunInputs {
  const { dataset, target, size, preprocessing, reporter, parts, sample, signal, shared } = given;
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
  const fileOf = async (
    part: keyof Parts,
    network: tf.LayersModel,
    changes?: ImageCopy,
  ): Promise<string> =>
    featureFile(dataset.folder, {
      data: dataset.hash,
      target,
      part,
      // Of the frozen layers' own: what trains above them, or trained them elsewhere, does not matter.
      weights: hashOfArrays(await arraysOf(variablesOf(network, { trainableOnly: false }))),
      cut: endOf(network).join(' '),
      size,
      preprocessing,
      decoders: decodeRecipe(size).decoders,
      ...(precision === 'float32' ? {} : { precision }),
      ...(sample === undefined || part !== 'train' ? {} : { sample }),
      ...(changes === undefined ? {} : { changes: JSON.stringify(changes) }),
    });
  const sharedOf = async (
    part: keyof Parts,
    network: tf.LayersModel,
    all: readonly SharedImage[],
  ): Promise<Features> => {
    const byId = new Map(all.map((image) => [image.id, image]));
    const file = await sharedFeatureFile(dataset.folder, network, {
      ...{ size, preprocessing, precision },
    });
    return await sharedFeatures(file, {
      images: parts[part].flatMap(({ id }) => byId.get(id) ?? []),
      contentOf: ({ content }) => content,
      all,
      compute: async (images) => {
        const label = `features of all images, to ${cutName(network)}`;
        const set = await openItems(images, { size, folder: dataset.folder, reporter });
        return await featuresOfSet(network, set, {
          ...{ preprocessing, precision, report, label, signal },
        });
      },
    });
  };
  const featuresOf = async (
    part: keyof Parts,
    { network, via }: FeatureNetwork,
  ): Promise<Features> => {
    if (shared !== undefined && via === undefined) return await sharedOf(part, network, shared);
    return await cachedFeatures(await fileOf(part, network), async () => {
      const cut = cutName(network);
      if (via === undefined) {
        const label = `${part} features, images to ${cut}`;
        const options = { preprocessing, precision, report, label, signal };
        return await featuresOfSet(network, await setOf(part), options);
      }
      const between = await featuresOf(part, { network: via.first });
      // The batch of featuresOfSet, so that each number is the same as in one go.
      return await computeLogits(via.rest, between, {
        batchSize: FEATURE_BATCH,
        precision,
        report,
        signal,
        label: `${part} features, ${cutName(via.first)} to ${cut}`,
      });
    });
  };
  return {
    ...{ parts, signal },
    images: async () => ({
      train: await setOf('train'),
      validation: await setOf('validation'),
    }),
    features: featuresOf,
    through: (images, frozen) => frozenBatches(images, frozen, { preprocessing, precision }),
    copy: async ({ network }, number) => {
      const changes: ImageCopy = { augment: [], seed: 0, ...given.changes, copy: number };
      return await cachedFeatures(await fileOf('train', network, changes), async () => {
        const label = `train features, copy ${number} of each image to ${cutName(network)}`;
        const options = { preprocessing, precision, report, label, signal, changes };
        return await featuresOfSet(network, await setOf('train'), options);
      });
    },
  };
}
