import { DataError, forEachConcurrently } from '@janus/core';
import { decodeImage } from '../decode/decode.js';
import { fileSource } from './image-source.js';
import { createLoader, LOAD_AHEAD, loaderThreads, MIN_IMAGES_FOR_THREADS } from './loader.js';

/** Images that were decoded together. */
export interface ReadableBatch {
  /** Index among the paths of each image that could be decoded. */
  readonly indices: readonly number[];
  /** uint8 [indices, size, size, 3], RGB. */
  readonly pixels: Uint8Array;
  /** The others, each with its error. */
  readonly unreadable: readonly { readonly index: number; readonly error: DataError }[];
}

/** Options of {@link readableBatches}. */
export interface ReadableBatchesOptions {
  /** Side of the square images in pixels. */
  readonly size: number;
  /** Paths per batch. */
  readonly batchSize: number;
  /**
   * Threads, which decode ahead; 0 decodes in the calling thread. Default: one per core from
   * `MIN_IMAGES_FOR_THREADS` paths on, else 0. The result is the same.
   */
  readonly workers?: number;
}

/** What became of a path: its pixels are in the batch, or there is an error. */
type Outcome = DataError | undefined;

/**
 * Yields image files in batches, in order, each decoded as {@link decodeImage} does. A file that cannot be decoded is
 * named with its error, and the others follow.
 */
export async function* readableBatches(
  paths: readonly string[],
  options: ReadableBatchesOptions,
): AsyncGenerator<ReadableBatch, void, void> {
  const { size, batchSize } = options;
  const { workers = paths.length < MIN_IMAGES_FOR_THREADS ? 0 : loaderThreads() } = options;
  const starts = Array.from(
    { length: Math.ceil(paths.length / batchSize) },
    (_, i) => i * batchSize,
  );
  const within = (from: number): readonly string[] => paths.slice(from, from + batchSize);
  if (workers === 0) {
    for (const from of starts) {
      const some = within(from);
      const pixels = new Uint8Array(some.length * size * size * 3);
      const all = some.map((_, i) => i);
      yield batchOf(from, pixels, await decodeEach(some, all, { pixels, size }));
    }
    return;
  }
  const loader = createLoader({
    ...{ sources: [fileSource(paths)], size, batchSize, workers, tolerant: true },
  });
  const request = (from: number | undefined): void => {
    if (from !== undefined) loader.request(within(from).map((_, i) => ({ index: from + i })));
  };
  try {
    for (const from of starts.slice(0, LOAD_AHEAD)) request(from);
    for (const [i, from] of starts.entries()) {
      const pixels = (await loader.take()).slice();
      // Threads mark a file without a word; decoding it again says why.
      const outcomes = await decodeEach(within(from), loader.unreadable(), { pixels, size });
      request(starts[i + LOAD_AHEAD]);
      yield batchOf(from, pixels, outcomes);
    }
  } finally {
    await loader.close();
  }
}

/** Decodes some of a batch's files into its pixels, a few at a time. */
async function decodeEach(
  paths: readonly string[],
  which: readonly number[],
  { pixels, size }: { readonly pixels: Uint8Array; readonly size: number },
): Promise<readonly Outcome[]> {
  const bytes = size * size * 3;
  const outcomes: Outcome[] = paths.map(() => undefined);
  await forEachConcurrently(which, async (i) => {
    try {
      const target = pixels.subarray(i * bytes, (i + 1) * bytes);
      await decodeImage(paths[i] ?? '', { size, target });
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      outcomes[i] = error;
    }
  });
  return outcomes;
}

function batchOf(from: number, pixels: Uint8Array, outcomes: readonly Outcome[]): ReadableBatch {
  const bytes = pixels.length / outcomes.length;
  const indices: number[] = [];
  const unreadable: { index: number; error: DataError }[] = [];
  outcomes.forEach((error, i) => {
    if (error !== undefined) {
      unreadable.push({ index: from + i, error });
      return;
    }
    // The images move together over the gaps.
    pixels.copyWithin(indices.length * bytes, i * bytes, (i + 1) * bytes);
    indices.push(from + i);
  });
  return { indices, pixels: pixels.subarray(0, indices.length * bytes), unreadable };
}
