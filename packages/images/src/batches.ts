/** Batches of one set: labelled ones for training, and all of a set once. */
import {
  batchOrder,
  stepsPerEpochOf,
  type BatchCursor,
  type BatchSource,
  type ImageBatch,
  type LabelledBatch,
} from '@janus/core';
import { drawAugmentation, type Augmentation } from './augment/augment.js';
import { openLoader } from './loader/in-process-loader.js';
import type { LoaderItem } from './loader/loader.js';
import {
  changesMuch,
  itemsOf,
  requireSome,
  setOf,
  throughLoader,
  type BatchImages,
  type Changes,
  type Plan,
} from './planned-batches.js';

/** Options of {@link labelledBatches}. */
export interface LabelledBatchesOptions extends Changes {
  readonly images: BatchImages;
  /** Class index of each image, in the order of its ids. */
  readonly labels: readonly number[];
  /** Images per batch; the last batch of an epoch may be smaller. */
  readonly batchSize: number;
  /** Names the stream of orders, so that two phases of a run differ; default none. */
  readonly stream?: string;
  /** Draws a new order for each epoch; default true. */
  readonly shuffle?: boolean;
}

/** A changed copy of each image of a set. */
export interface ImageCopy {
  /** How images are changed. */
  readonly augment: readonly Augmentation[];
  readonly seed: number;
  /** Number of the copy: what an image goes through depends on seed, copy and image alone. */
  readonly copy: number;
}

/**
 * Yields all images of a set once, in order, decoded ahead of their use; with `changes`, a changed copy of each. Memory
 * does not depend on the number of images.
 *
 * @throws DataError when an image cannot be decoded
 */
export async function* imageBatches(
  images: BatchImages,
  batchSize: number,
  changes?: ImageCopy,
): AsyncGenerator<ImageBatch, void, void> {
  const set = setOf(images);
  const { ids, size, width = size } = set;
  const itemOf = (index: number): LoaderItem => {
    if (changes === undefined) return { index };
    const { augment, seed, copy: epoch } = changes;
    const id = ids[index] ?? '';
    return { index, draw: drawAugmentation(augment, { seed, epoch, id, size, width }) };
  };
  function* plans(): Generator<Plan<ImageBatch>, void, void> {
    for (let from = 0; from < ids.length; from += batchSize) {
      const count = Math.min(batchSize, ids.length - from);
      yield {
        items: Array.from({ length: count }, (_, i) => itemOf(from + i)),
        make: (pixels) => ({ images: pixels, size: count, height: size, width }),
      };
    }
  }
  yield* throughLoader(
    () =>
      openLoader({
        ...{ sources: [set.source], size, width, batchSize },
        changed: changesMuch(changes?.augment),
      }),
    plans(),
  );
}

/**
 * Makes batches of labelled images: every image once per epoch, in an order drawn from seed and epoch.
 * Batches depend on the options and the cursor alone, so iteration can resume at any batch.
 *
 * @throws DataError when the set is empty; while iterating, when an image cannot be decoded
 */
export function labelledBatches(options: LabelledBatchesOptions): BatchSource<LabelledBatch> {
  const { images, labels, batchSize, augment } = options;
  const set = setOf(images);
  requireSome(set, 'labelledBatches');
  const { ids, size, width = size } = set;
  const order = { ...options, count: ids.length };
  function* plans(from: BatchCursor): Generator<Plan<LabelledBatch>, void, void> {
    for (const { epoch, items, next } of batchOrder(order, from)) {
      yield {
        items: itemsOf(items, epoch, { ...options, source: 0, set }),
        make: (pixels) => ({
          images: pixels,
          labels: Int32Array.from(items, (i) => labels[i] ?? 0),
          ids: items.map((i) => ids[i] ?? ''),
          ...{ size: items.length, height: size, width },
          next,
        }),
      };
    }
  }
  return {
    stepsPerEpoch: stepsPerEpochOf(order),
    batches: (from) =>
      throughLoader(
        () =>
          openLoader({
            ...{ sources: [set.source], size, width, batchSize },
            changed: changesMuch(augment),
          }),
        plans(from),
      ),
  };
}
