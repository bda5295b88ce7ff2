import {
  batchOrder,
  cursorAfter,
  DataError,
  permutationOf,
  stepsPerEpochOf,
  streamOf,
  type BatchCursor,
  type BatchSource,
  type ImageBatch,
  type LabelledBatch,
  type UnpairedBatch,
} from '@janus/core';
import { drawAugmentation, MIRRORED, UNCHANGED, type Augmentation } from './augment/augment.js';
import { openLoader } from './loader/in-process-loader.js';
import { LOAD_AHEAD, type LoaderItem, type Loader } from './loader/loader.js';
import type { ImageSet } from './loader/image-set.js';

/** Decoded images of one size, in memory. */
export interface DecodedImages {
  /** The id of each image in its data set. */
  readonly ids: readonly string[];
  /** uint8 [N, size, size, 3], RGB. */
  readonly pixels: Uint8Array;
  /** Side in pixels. */
  readonly size: number;
}

/** The images of batches: decoded in memory, or an image set that threads read ahead. */
export type BatchImages = DecodedImages | ImageSet;

/** How the images of batches are changed. */
interface Changes {
  /** Seed of orders and augmentations, an integer. */
  readonly seed: number;
  /** Mirrors half of the images, drawn for each image and epoch. Ignored where `augment` is given. */
  readonly flip?: boolean;
  /** Augmentations, drawn for each image and epoch; default none. Only `'flip'` in the list mirrors then. */
  readonly augment?: readonly Augmentation[];
}

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

const setOf = (images: BatchImages): ImageSet =>
  'pixels' in images ? { ...images, source: { kind: 'memory', pixels: images.pixels } } : images;

/** A set among a loader's sources, and how its images are changed. */
interface Wanting extends Changes {
  /** Index of the set among the loader's sources. */
  readonly source: number;
  readonly set: ImageSet;
}

function itemsOf(
  chosen: readonly number[],
  epoch: number,
  { source, set, seed, flip, augment }: Wanting,
): readonly LoaderItem[] {
  const { ids, size } = set;
  return chosen.map((index) => {
    const id = ids[index] ?? '';
    if (augment !== undefined) {
      return { source, index, draw: drawAugmentation(augment, { seed, epoch, id, size }) };
    }
    const mirrored = flip === true && streamOf(seed, 'flip', epoch, id).next() < 0.5;
    return { source, index, draw: mirrored ? MIRRORED : UNCHANGED };
  });
}

function requireSome({ ids }: ImageSet, what: string): void {
  if (ids.length > 0) return;
  throw new DataError(`${what}: needs at least one image, but got none. Check filter and split.`);
}

/** A batch before its pixels are loaded. */
interface Plan<Batch> {
  readonly items: readonly LoaderItem[];
  readonly make: (pixels: Uint8Array) => Batch;
}

/** Yields planned batches; the loader makes their pixels ahead, and is closed with the generator. */
async function* throughLoader<Batch>(
  open: () => Loader,
  plans: Iterator<Plan<Batch>, void>,
): AsyncGenerator<Batch, void, void> {
  const loader = open();
  const waiting: Plan<Batch>[] = [];
  const requestNext = (): void => {
    const next = plans.next();
    if (next.done === true) return;
    waiting.push(next.value);
    loader.request(next.value.items);
  };
  try {
    for (let i = 0; i < LOAD_AHEAD; i++) requestNext();
    for (let plan = waiting.shift(); plan !== undefined; plan = waiting.shift()) {
      const pixels = await loader.take();
      yield plan.make(loader.owned ? pixels : pixels.slice());
      requestNext();
    }
  } finally {
    await loader.close();
  }
}

/** Whether augmenting takes so long that threads are needed: all but mirroring does. */
const changesMuch = (augment: readonly Augmentation[] | undefined): boolean =>
  augment?.some((kind) => kind !== 'flip') === true;

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
  const { ids, size } = set;
  const itemOf = (index: number): LoaderItem => {
    if (changes === undefined) return { index };
    const { augment, seed, copy: epoch } = changes;
    const id = ids[index] ?? '';
    return { index, draw: drawAugmentation(augment, { seed, epoch, id, size }) };
  };
  function* plans(): Generator<Plan<ImageBatch>, void, void> {
    for (let from = 0; from < ids.length; from += batchSize) {
      const count = Math.min(batchSize, ids.length - from);
      yield {
        items: Array.from({ length: count }, (_, i) => itemOf(from + i)),
        make: (pixels) => ({ images: pixels, size: count, height: size, width: size }),
      };
    }
  }
  yield* throughLoader(
    () =>
      openLoader({
        ...{ sources: [set.source], size, batchSize },
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
  const { ids, size } = set;
  const order = { ...options, count: ids.length };
  function* plans(from: BatchCursor): Generator<Plan<LabelledBatch>, void, void> {
    for (const { epoch, items, next } of batchOrder(order, from)) {
      yield {
        items: itemsOf(items, epoch, { ...options, source: 0, set }),
        make: (pixels) => ({
          images: pixels,
          labels: Int32Array.from(items, (i) => labels[i] ?? 0),
          ids: items.map((i) => ids[i] ?? ''),
          ...{ size: items.length, height: size, width: size },
          next,
        }),
      };
    }
  }
  return {
    stepsPerEpoch: stepsPerEpochOf(order),
    batches: (from) =>
      throughLoader(
        () => openLoader({ sources: [set.source], size, batchSize, changed: changesMuch(augment) }),
        plans(from),
      ),
  };
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
  const { size } = x;
  const half = batchSize * size * size * 3;
  function* plans(from: BatchCursor): Generator<Plan<UnpairedBatch>, void, void> {
    for (const { epoch, batch, placesX, placesY } of chosen(from)) {
      yield {
        items: [...itemsOf(placesX, epoch, wanting(0)), ...itemsOf(placesY, epoch, wanting(1))],
        make: (pixels) => ({
          imagesX: pixels.subarray(0, half),
          imagesY: pixels.subarray(half),
          idsX: placesX.map((i) => x.ids[i] ?? ''),
          idsY: placesY.map((i) => y.ids[i] ?? ''),
          ...{ size: batchSize, height: size, width: size },
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
            size,
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
