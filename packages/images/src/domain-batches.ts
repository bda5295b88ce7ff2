/** Batches of two sets: unpaired ones, and pairs. */
import {
  cursorAfter,
  DataError,
  permutationOf,
  streamOf,
  type BatchCursor,
  type BatchSource,
  type UnpairedBatch,
} from '@janus/core';
import type { Augmentation } from './augment/augment.js';
import { openLoader } from './loader/in-process-loader.js';
import type { ImageSet } from './loader/image-set.js';
import {
  changesMuch,
  itemsOf,
  requireSome,
  setOf,
  throughLoader,
  type BatchImages,
  type Changes,
  type Plan,
  type Wanting,
} from './planned-batches.js';

/**
 * Options of {@link unpairedBatches}. `flip` is true by default: mirroring is CycleGAN's only augmentation
 * beside the crop.
 */
export interface UnpairedBatchesOptions extends Changes {
  readonly imagesX: BatchImages;
  /** Of the same size as `imagesX`. */
  readonly imagesY: BatchImages;
  /** Images per batch from each domain. */
  readonly batchSize: number;
}

/** Returns the batches in an epoch of two unpaired sets: the full ones of the larger, at least one. */
export function unpairedStepsPerEpoch(
  counts: readonly [x: number, y: number],
  batchSize: number,
): number {
  return Math.max(1, Math.floor(Math.max(...counts) / batchSize));
}

/**
 * Makes batches from two unpaired sets. An epoch is as long as the larger set; the smaller one is repeated,
 * each time in a new order. All batches are full. They depend on the options and the cursor alone, so
 * iteration can resume at any batch.
 *
 * @throws DataError when a set is empty; while iterating, when an image cannot be decoded
 */
export function unpairedBatches(options: UnpairedBatchesOptions): BatchSource<UnpairedBatch> {
  const { batchSize, seed, flip = true, augment } = options;
  const [x, y] = [setOf(options.imagesX), setOf(options.imagesY)];
  requireSome(x, 'unpairedBatches: domain X');
  requireSome(y, 'unpairedBatches: domain Y');
  const stepsPerEpoch = unpairedStepsPerEpoch([x.ids.length, y.ids.length], batchSize);
  const wanting = (source: number): Wanting => ({
    ...{ source, set: source === 0 ? x : y, seed, flip },
    ...(augment === undefined ? {} : { augment }),
  });
  function* chosen(from: BatchCursor): Generator<Chosen, void, void> {
    for (let epoch = from.epoch; ; epoch++) {
      const need = stepsPerEpoch * batchSize;
      const orderX = repeatedOrder(x.ids.length, need, { seed, name: 'x', epoch });
      const orderY = repeatedOrder(y.ids.length, need, { seed, name: 'y', epoch });
      for (let batch = epoch === from.epoch ? from.batch : 0; batch < stepsPerEpoch; batch++) {
        const placesX = orderX.slice(batch * batchSize, (batch + 1) * batchSize);
        const placesY = orderY.slice(batch * batchSize, (batch + 1) * batchSize);
        yield { epoch, batch, placesX, placesY };
      }
    }
  }
  return twoDomainSource({ x, y, batchSize, augment, stepsPerEpoch, wanting, chosen });
}

/**
 * Makes batches of pairs: the image at a place of X belongs to that at the same place of Y, and both are changed alike. An
 * epoch has each pair once, but for the last ones of an order that do not fill a batch.
 *
 * @throws DataError when there are no pairs, or a set has more images; while iterating, when an image cannot be decoded
 */
export function pairedBatches(options: UnpairedBatchesOptions): BatchSource<UnpairedBatch> {
  const { batchSize, seed, flip = true, augment } = options;
  const [x, y] = [setOf(options.imagesX), setOf(options.imagesY)];
  requireSome(x, 'pairedBatches: domain X');
  if (x.ids.length !== y.ids.length) {
    throw new DataError(
      `pairedBatches: both domains must have as many images, but have ${x.ids.length} and ${y.ids.length}. Leave out those without a pair.`,
    );
  }
  const stepsPerEpoch = unpairedStepsPerEpoch([x.ids.length, y.ids.length], batchSize);
  // The changes of an image are drawn by its id: the pair has that of its image in X.
  const sets = [x, { ...y, ids: x.ids }];
  const wanting = (source: number): Wanting => ({
    ...{ source, set: sets[source] ?? x, seed, flip },
    ...(augment === undefined ? {} : { augment }),
  });
  function* chosen(from: BatchCursor): Generator<Chosen, void, void> {
    for (let epoch = from.epoch; ; epoch++) {
      const need = stepsPerEpoch * batchSize;
      const order = repeatedOrder(x.ids.length, need, { seed, name: 'pairs', epoch });
      for (let batch = epoch === from.epoch ? from.batch : 0; batch < stepsPerEpoch; batch++) {
        const places = order.slice(batch * batchSize, (batch + 1) * batchSize);
        yield { epoch, batch, placesX: places, placesY: places };
      }
    }
  }
  return twoDomainSource({ x, y, batchSize, augment, stepsPerEpoch, wanting, chosen });
}

/** The images of a batch of two domains. */
interface Chosen {
  readonly epoch: number;
  readonly batch: number;
  readonly placesX: readonly number[];
  readonly placesY: readonly number[];
}

/** What makes batches of two domains. */
interface TwoDomains {
  readonly x: ImageSet;
  readonly y: ImageSet;
  readonly batchSize: number;
  readonly augment: readonly Augmentation[] | undefined;
  readonly stepsPerEpoch: number;
  /** How images of a source, 0 or 1, are changed. */
  readonly wanting: (source: number) => Wanting;
  readonly chosen: (from: BatchCursor) => Generator<Chosen, void, void>;
}

function twoDomainSource(given: TwoDomains): BatchSource<UnpairedBatch> {
  const { x, y, batchSize, augment, stepsPerEpoch, wanting, chosen } = given;
  const { size, width = size } = x;
  const half = batchSize * size * width * 3;
  function* plans(from: BatchCursor): Generator<Plan<UnpairedBatch>, void, void> {
    for (const { epoch, batch, placesX, placesY } of chosen(from)) {
      yield {
        items: [...itemsOf(placesX, epoch, wanting(0)), ...itemsOf(placesY, epoch, wanting(1))],
        make: (pixels) => ({
          imagesX: pixels.subarray(0, half),
          imagesY: pixels.subarray(half),
          idsX: placesX.map((i) => x.ids[i] ?? ''),
          idsY: placesY.map((i) => y.ids[i] ?? ''),
          ...{ size: batchSize, height: size, width },
          next: cursorAfter({ epoch, batch }, stepsPerEpoch),
        }),
      };
    }
  }
  return {
    stepsPerEpoch,
    batches: (from) =>
      throughLoader(
        () =>
          openLoader({
            sources: [x.source, y.source],
            ...{ size, width },
            batchSize: 2 * batchSize,
            changed: changesMuch(augment),
          }),
        plans(from),
      ),
  };
}

function repeatedOrder(
  count: number,
  need: number,
  draw: { readonly seed: number; readonly name: string; readonly epoch: number },
): number[] {
  const order: number[] = [];
  for (let round = 0; order.length < need; round++) {
    order.push(...permutationOf(count, streamOf(draw.seed, 'order', draw.name, draw.epoch, round)));
  }
  return order.slice(0, need);
}
