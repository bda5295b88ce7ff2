/** The images of a data set's items, as networks take them. */
import type { Reporter } from '@janus/core';
import { openImages } from '@janus/data';
import { imageBatches, pixelsOf, type ImageCopy, type ImageSet, type Sides } from '@janus/images';
import {
  computeFeatures,
  FEATURE_BATCH,
  type ComputeOptions,
  type Features,
  type Preprocessing,
  type SizedImages,
} from '@janus/models';
import type * as tf from '@tensorflow/tfjs';

/** An image that can be opened. */
export interface ImageItem {
  readonly id: string;
  readonly path: string;
}

/** How images of items are opened. */
export interface OpenItemsOptions extends Sides {
  /** The data folder that the items are of, which may hold a pack; default none. */
  readonly folder?: string | undefined;
  readonly reporter: Reporter;
}

/** Returns the images of items: from the pack of their folder, in memory, or decoded when wanted. */
export async function openItems(
  items: readonly ImageItem[],
  { size, width, folder, reporter }: OpenItemsOptions,
): Promise<ImageSet> {
  return await openImages(items, {
    ...{ size, width, line: reporter.log },
    ...(folder === undefined ? {} : { folder }),
  });
}

/** Returns the images of items, decoded to one size, in memory. */
export async function decodeItems(
  items: readonly ImageItem[],
  options: OpenItemsOptions,
): Promise<SizedImages> {
  const set = await openItems(items, options);
  const pixels = await pixelsOf(set, options.reporter.progress);
  return { pixels, count: items.length, size: options.size, width: options.width };
}

/** Options of {@link featuresOfSet}. */
export interface SetFeaturesOptions extends Omit<ComputeOptions, 'batchSize'> {
  readonly preprocessing: Preprocessing;
  /** Changes each image first; default: as it is. */
  readonly changes?: ImageCopy | undefined;
}

/** Returns what a network makes of a set's images, decoded ahead of it. */
export async function featuresOfSet(
  network: tf.LayersModel,
  set: ImageSet,
  options: SetFeaturesOptions,
): Promise<Features> {
  const batches = imageBatches(set, FEATURE_BATCH, options.changes);
  const images = { count: set.ids.length, batches };
  return await computeFeatures(network, images, options);
}
