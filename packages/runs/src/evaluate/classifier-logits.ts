/** What a classifier says of images, by way of features that are kept where its layers below the head are frozen. */
import { createHash } from 'node:crypto';
import { decodeRecipe, type ImageSet } from '@janus/images';
import {
  arraysOf,
  computeLogits,
  splitClassifier,
  variablesOf,
  type ComputeOptions,
  type Features,
  type TrainedClassifier,
} from '@janus/models';
import { cachedFeatures, featureFile } from '../feature-cache.js';
import type { ResolvedClassifierOptions } from '../classifier/options.js';
import { featuresOfSet } from '../item-images.js';
import { hashOfArrays } from '../start-from.js';

/** What {@link classifierLogits} takes beside the classifier. */
export interface LogitsContext {
  /** Opens the images; not called where their features are kept. */
  readonly open: () => Promise<ImageSet>;
  /** Content hashes of the images, in order; null where one is not known, and no features are kept. */
  readonly contents: readonly (string | null)[];
  /** How the run was trained. */
  readonly options: Pick<ResolvedClassifierOptions, 'backbone' | 'unfreeze'>;
  /** The data folder that features are kept in; absent: none are. */
  readonly keepIn?: string | undefined;
  readonly compute: Pick<ComputeOptions, 'precision' | 'report' | 'label'>;
}

/** Returns a classifier's logits of images: float32 [N, classes]. */
export async function classifierLogits(
  { model, description }: TrainedClassifier,
  { open, contents, options, keepIn, compute }: LogitsContext,
): Promise<Features> {
  const { preprocessing, imageSize: size } = description;
  const isFrozen = options.unfreeze === 'none' && options.backbone !== 'small-vgg';
  if (keepIn === undefined || !isFrozen || contents.includes(null)) {
    return await featuresOfSet(model, await open(), { preprocessing, ...compute });
  }
  const { features: network, dense } = splitClassifier(model);
  const weights = await arraysOf(variablesOf(network, { trainableOnly: false }));
  const file = featureFile(keepIn, {
    part: 'evaluation',
    images: createHash('sha256').update(contents.join(' ')).digest('hex'),
    weights: hashOfArrays(weights),
    layers: network.layers.map(({ name }) => name).join(' '),
    ...{ size, preprocessing, decoders: decodeRecipe(size).decoders },
    precision: compute.precision ?? 'float32',
  });
  const features = await cachedFeatures(
    file,
    async () => await featuresOfSet(network, await open(), { preprocessing, ...compute }),
  );
  return await computeLogits(dense, features, compute);
}
