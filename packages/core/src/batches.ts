/** Where `images`, `models` and `runs` meet: one protocol for both trainings. */
import { permutationOf, streamOf } from './random.js';

/**
 * A place in a seeded sequence of batches: what a checkpoint keeps of the data. The order of an
 * epoch is a function of (seed, epoch) alone, so these two numbers are the whole state.
 */
export interface BatchCursor {
  /** Counted from 0. */
  readonly epoch: number;
  /** Batches of this epoch that were already yielded. */
  readonly batch: number;
}

/** Decoded images of one size. */
export interface ImageBatch {
  /** uint8 [B, H, W, 3], RGB, row-major. */
  readonly images: Uint8Array;
  /** B. */
  readonly size: number;
  /** H, pixels. */
  readonly height: number;
  /** W, pixels. */
  readonly width: number;
}

/** What a labelled batch has beside its inputs. */
export interface BatchLabels {
  /** int32 [B]; index into the classes of the target. */
  readonly labels: Int32Array;
  /** Manifest ids, one per image. */
  readonly ids: readonly string[];
  /** The place after this batch: what to resume from once its step is done. */
  readonly next: BatchCursor;
}

/** Decoded images with one label each. */
export interface LabelledBatch extends ImageBatch, BatchLabels {}

/** What a frozen network made of images, with one label each. */
export interface FeatureBatch extends BatchLabels {
  /** float32 [B, ...shape], row-major. */
  readonly features: Float32Array;
  /** Shape of one image's features. */
  readonly shape: readonly number[];
  /** B. */
  readonly size: number;
}

/** One batch from each of two unpaired sets. */
export interface UnpairedBatch {
  /** uint8 [B, H, W, 3], RGB: domain X. */
  readonly imagesX: Uint8Array;
  /** uint8 [B, H, W, 3], RGB: domain Y. */
  readonly imagesY: Uint8Array;
  readonly idsX: readonly string[];
  readonly idsY: readonly string[];
  /** B. */
  readonly size: number;
  /** H, pixels. */
  readonly height: number;
  /** W, pixels. */
  readonly width: number;
  /** The place after this batch. */
  readonly next: BatchCursor;
}

/** A source of batches that can start anywhere: endless, epoch after epoch. */
export interface BatchSource<Batch> {
  /** Batches in one epoch (the last may be smaller). */
  readonly stepsPerEpoch: number;
  /** Yields batches from `from` on, without end. The consumer stops it. */
  batches(from: BatchCursor): AsyncGenerator<Batch, void, void>;
}

/** The beginning of a sequence. */
export const FIRST_BATCH: BatchCursor = { epoch: 0, batch: 0 };

/** Options of {@link batchOrder}. */
export interface BatchOrderOptions {
  /** Items of a set. */
  readonly count: number;
  /** Items per batch, at most; the last batch of an epoch may be smaller. */
  readonly batchSize: number;
  readonly seed: number;
  /** Names the stream of random numbers, so that two phases of a run differ; default none. */
  readonly stream?: string;
  /** Draws a new order for each epoch; default true. False keeps the order of the items. */
  readonly shuffle?: boolean;
}

/** The items of one batch. */
export interface BatchItems {
  readonly epoch: number;
  /** Places in the set, counted from 0. */
  readonly items: readonly number[];
  /** The place after this batch. */
  readonly next: BatchCursor;
}

/** Returns the batches in one epoch of a set. */
export function stepsPerEpochOf(options: Pick<BatchOrderOptions, 'count' | 'batchSize'>): number {
  return Math.ceil(options.count / options.batchSize);
}

/** Yields which items make each batch from `from` on, without end: every item once per epoch. */
export function* batchOrder(
  options: BatchOrderOptions,
  from: BatchCursor,
): Generator<BatchItems, void, void> {
  const { count, batchSize, seed, stream, shuffle = true } = options;
  const steps = stepsPerEpochOf(options);
  for (let epoch = from.epoch; ; epoch++) {
    const named = stream === undefined ? [] : [stream];
    const order = shuffle
      ? permutationOf(count, streamOf(seed, ...named, 'order', epoch))
      : Uint32Array.from({ length: count }, (_, i) => i);
    for (let batch = epoch === from.epoch ? from.batch : 0; batch < steps; batch++) {
      const items = [...order.subarray(batch * batchSize, (batch + 1) * batchSize)];
      yield { epoch, items, next: cursorAfter({ epoch, batch }, steps) };
    }
  }
}

/** Returns the place after a batch. */
export function cursorAfter({ epoch, batch }: BatchCursor, stepsPerEpoch: number): BatchCursor {
  return batch + 1 < stepsPerEpoch ? { epoch, batch: batch + 1 } : { epoch: epoch + 1, batch: 0 };
}
