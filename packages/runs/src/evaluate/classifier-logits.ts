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
import { sharedFeatureFile } from '../classifier/features.js';
import { cachedFeatures, featureFile } from '../feature-cache.js';
import type { ResolvedClassifierOptions } from '../classifier/options.js';
import { featuresOfSet } from '../item-images.js';
import { sharedFeatures } from '../shared-features.js';
import { hashOfArrays } from '../start-from.js';

/** What {@link classifierLogits} takes beside the classifier. */
export interface LogitsContext<Image extends HashedImage> {
  readonly images: readonly Image[];
  /** Opens images, those whose features are not kept. */
  readonly open: (images: readonly Image[]) => Promise<ImageSet>;
  /** How the run was trained. */
  readonly options: Pick<ResolvedClassifierOptions, 'backbone' | 'unfreeze' | 'folds'>;
  /** The data folder that features are kept in; absent: none are. */
  readonly keepIn?: string | undefined;
  readonly compute: Pick<ComputeOptions, 'precision' | 'report' | 'label' | 'signal'>;
}

/** An image as features are kept of it. */
interface HashedImage {
  /** Hash of its content; null where it is not known, and no features are kept. */
  readonly sha256: string | null;
}

/** Returns a classifier's logits of images: float32 [N, classes]. */
export async function classifierLogits<Image extends HashedImage>(
  { model, description }: TrainedClassifier,
  { images, open, options, keepIn, compute }: LogitsContext<Image>,
): Promise<Features> {
  const { preprocessing, imageSize: size } = description;
  const isFrozen = options.unfreeze === 'none' && options.backbone !== 'small-vgg';
  const contents = images.flatMap(({ sha256 }) => sha256 ?? []);
  if (keepIn === undefined || !isFrozen || contents.length < images.length) {
    return await featuresOfSet(model, await open(images), { preprocessing, ...compute });
  }
  const halves = splitClassifier(model);
  const { features: network, dense } = halves;
  try {
    const featuresOf = async (some: readonly Image[]): Promise<Features> =>
      await featuresOfSet(network, await open(some), { preprocessing, ...compute });
    const { precision = 'float32' } = compute;
    if (options.folds !== undefined) {
      // The training has computed those of all folds.
      const shared = await sharedFeatureFile(keepIn, network, { size, preprocessing, precision });
      const contentOf = ({ sha256 }: Image): string => sha256 ?? '';
      const features = await sharedFeatures(shared, { images, contentOf, compute: featuresOf });
      return await computeLogits(dense, features, compute);
    }
    const weights = await arraysOf(variablesOf(network, { trainableOnly: false }));
    const file = featureFile(keepIn, {
      part: 'evaluation',
      images: createHash('sha256').update(contents.join(' ')).digest('hex'),
      weights: hashOfArrays(weights),
      layers: network.layers.map(({ name }) => name).join(' '),
      ...{ size, preprocessing, decoders: decodeRecipe(size).decoders },
      precision,
    });
    const features = await cachedFeatures(file, async () => await featuresOf(images));
    return await computeLogits(dense, features, compute);
  } finally {
    halves.dispose();
  }
}
