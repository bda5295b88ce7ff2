import { constants } from 'node:buffer';
import { freemem } from 'node:os';
import { OptionsError, type ProgressListener } from '@janus/core';
import { openLoader } from './in-process-loader.js';
import { LOAD_AHEAD, MIN_IMAGES_FOR_THREADS } from './loader.js';
import { fileSource, cachedSource, readImage, type LoaderSource } from './image-source.js';

/** Images of one size, in memory or not. */
export interface ImageSet {
  readonly ids: readonly string[];
  /** Side in pixels. */
  readonly size: number;
  readonly source: LoaderSource;
}

/** Options of {@link imageSetOfFiles}. */
export interface ImageSetOptions {
  /** Side of the square images in pixels. */
  readonly size: number;
  /**
   * Bytes of pixels that may be held; default half of the memory that is free. At most 4 GiB count, which
   * is the longest array.
   */
  readonly memoryBytes?: number;
  /** Told in one line when images will be decoded in every epoch. */
  readonly line?: (text: string) => void;
  /** The end of that line: what is quicker. */
  readonly remedy?: string;
}

/** Of the memory that is free, what pixels may take. */
const MEMORY_SHARE = 0.5;

/** Bytes of the longest array. */
const MAX_ARRAY_BYTES = constants.MAX_LENGTH;

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;

/**
 * Returns images of files: decoded when they are first wanted and kept in memory; when they are too many
 * for that, decoded whenever they are wanted. The pixels are the same.
 */
export function imageSetOfFiles(
  items: readonly { readonly id: string; readonly path: string }[],
  options: ImageSetOptions,
): ImageSet {
  const { size, line, remedy } = options;
  const ids = items.map(({ id }) => id);
  const paths = items.map(({ path }) => path);
  const each = size ** 2 * 3;
  const bytes = ids.length * each;
  const memoryBytes = Math.min(options.memoryBytes ?? MEMORY_SHARE * freemem(), MAX_ARRAY_BYTES);
  if (bytes <= memoryBytes) return { ids, size, source: cachedSource(paths, each) };
  line?.(
    `Images: ${ids.length} of ${size} px take ${megabytes(bytes)}, more than the memory for them (${megabytes(memoryBytes)}); decoding in every epoch.${remedy === undefined ? '' : ` ${remedy}`}`,
  );
  return { ids, size, source: fileSource(paths) };
}

/** Images that are made at once where all of a set are wanted. */
const BATCH = 64;

/**
 * Returns images as one array.
 *
 * @returns uint8 [N, size, size, 3], in the order of `ids`
 * @throws DataError when one cannot be decoded; OptionsError when no array is as long
 */
export async function pixelsOf(
  { ids, size, source }: ImageSet,
  report?: ProgressListener,
): Promise<Uint8Array> {
  const each = size * size * 3;
  const total = ids.length;
  if (source.kind === 'memory') return source.pixels.subarray(0, total * each);
  if (total * each > MAX_ARRAY_BYTES) {
    throw new OptionsError(
      `images: must take at most ${megabytes(MAX_ARRAY_BYTES)} together, but ${total} of ${size} px take ${megabytes(total * each)}. Take fewer, or smaller ones.`,
    );
  }
  const pixels = new Uint8Array(total * each);
  if (total < MIN_IMAGES_FOR_THREADS) {
    for (let i = 0; i < total; i++) {
      await readImage(source, i, { size, target: pixels.subarray(i * each, (i + 1) * each) });
    }
    return pixels;
  }
  const loader = openLoader({ sources: [source], size, batchSize: BATCH, changed: false });
  try {
    let asked = 0;
    const ask = (): void => {
      const count = Math.min(BATCH, total - asked);
      if (count > 0)
        loader.request(Array.from({ length: count }, (_, i) => ({ index: asked + i })));
      asked += count;
    };
    for (let i = 0; i < LOAD_AHEAD; i++) ask();
    for (let done = 0; done < total;) {
      const made = await loader.take();
      pixels.set(made, done * each);
      done += made.length / each;
      report?.({ done, total, unit: 'images', label: 'decoding' });
      ask();
    }
  } finally {
    await loader.close();
  }
  return pixels;
}

/** Returns the first images of a set. */
export function firstImages({ ids, size, source }: ImageSet, count: number): ImageSet {
  return { ids: ids.slice(0, count), size, source };
}
