/** Where `data` and `models` meet: neither imports the other. */

/**
 * A place in a seeded sequence of batches: what a checkpoint keeps of the data. The order of an
 * epoch is a function of (seed, epoch) alone, so these two numbers are the whole state.
 */
export interface BatchCursor {
  /** Counted from 0. */
  readonly epoch: number;
  /** Batches of this epoch that were already handed out. */
  readonly batch: number;
}

/** Decoded images with one whole-number label each. */
export interface LabelledBatch {
  /** uint8 [B, H, W, 3], RGB, row-major. */
  readonly images: Uint8Array;
  /** int32 [B]; index into the classes of the target. */
  readonly labels: Int32Array;
  /** Manifest ids, one an image. */
  readonly ids: readonly string[];
  readonly size: number;
  readonly height: number;
  readonly width: number;
  /** The place after this batch: what to resume from once its step is done. */
  readonly next: BatchCursor;
}

/** One batch from each of two unpaired sets. */
export interface UnpairedBatch {
  /** uint8 [B, H, W, 3], RGB: domain X. */
  readonly imagesX: Uint8Array;
  /** uint8 [B, H, W, 3], RGB: domain Y. */
  readonly imagesY: Uint8Array;
  readonly idsX: readonly string[];
  readonly idsY: readonly string[];
  readonly size: number;
  readonly height: number;
  readonly width: number;
  /** The place after this batch. */
  readonly next: BatchCursor;
}

/** A source of batches that can start anywhere: endless, epoch after epoch. */
export interface BatchSource<Batch> {
  /** Batches in one epoch (the last may be smaller). */
  readonly stepsPerEpoch: number;
  /** Yields batches from `from` on, for ever. The consumer stops it. */
  batches(from: BatchCursor): AsyncGenerator<Batch, void, void>;
}

/** The beginning of a sequence. */
export const FIRST_BATCH: BatchCursor = { epoch: 0, batch: 0 };
