import { constants } from 'node:buffer';
import { freemem } from 'node:os';
import { OptionsError, sidesText, type ProgressListener } from '@janus/core';
import { openLoader } from './in-process-loader.js';
import { LOAD_AHEAD, MIN_IMAGES_FOR_THREADS } from './loader.js';
import { bytesOf, type Sides } from '../decode/sides.js';
import { fileSource, cachedSource, readImage, type LoaderSource } from './image-source.js';

/** Images of one size, decoded or still to be decoded; squares where there is no width. */
export interface ImageSet extends Sides {
  /** The id of each image in its data set. */
  readonly ids: readonly string[];
  /** Where the pixels come from, in the order of `ids`. */
  readonly source: LoaderSource;
}

/** Options of {@link imageSetOfFiles}. */
export interface ImageSetOptions extends Sides {
  /**
   * Bytes of decoded pixels that may be kept in memory; default half of the machine's free memory. Never
   * more than 4 GiB, the largest array.
   */
  readonly memoryBytes?: number;
  /** Receives one line of text when the images will be decoded in every epoch. */
  readonly line?: (text: string) => void;
  /** Appended to that line: what would be faster. */
  readonly remedy?: string;
}

/** Share of the free memory that pixels may take. */
const MEMORY_SHARE = 0.5;

/** Largest array: 4 GiB, the limit of Node 20, whatever the version that runs. */
const MAX_ARRAY_BYTES = Math.min(constants.MAX_LENGTH, 2 ** 32);

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;

/**
 * Makes an image set of files. They are decoded on first use and kept in memory where they fit into
 * `memoryBytes`, else decoded on every use. The pixels are the same.
 */
export function imageSetOfFiles(
  items: readonly { readonly id: string; readonly path: string }[],
  options: ImageSetOptions,
): ImageSet {
  const { size, width = size, line, remedy } = options;
  const sides = { size, width };
  const ids = items.map(({ id }) => id);
  const paths = items.map(({ path }) => path);
  const each = bytesOf(sides);
  const bytes = ids.length * each;
  const memoryBytes = Math.min(options.memoryBytes ?? MEMORY_SHARE * freemem(), MAX_ARRAY_BYTES);
  if (bytes <= memoryBytes) return { ids, ...sides, source: cachedSource(paths, each) };
  line?.(
    `Images: ${ids.length} of ${sidesText(width, size)} px take ${megabytes(bytes)}, more than the memory available (${megabytes(memoryBytes)}); decoding in every epoch.${remedy === undefined ? '' : ` ${remedy}`}`,
  );
  return { ids, ...sides, source: fileSource(paths) };
}

/** Images per batch when a whole set is read. */
const BATCH = 64;

/**
 * Reads all images of a set into one array.
 *
 * @param report called as images are finished
 * @returns uint8 [N, size, width, 3], in the order of `ids`; where the set is in memory already, its own array
 * @throws DataError when an image cannot be decoded
 * @throws OptionsError when all of them together exceed the largest array, 4 GiB
 */
export async function pixelsOf(
  { ids, source, size, width = size }: ImageSet,
  report?: ProgressListener,
): Promise<Uint8Array> {
  const sides = { size, width };
  const each = bytesOf(sides);
  const total = ids.length;
  if (source.kind === 'memory') return source.pixels.subarray(0, total * each);
  if (total * each > MAX_ARRAY_BYTES) {
    throw new OptionsError(
      `images: must take at most ${megabytes(MAX_ARRAY_BYTES)} together, but ${total} of ${sidesText(width, size)} px take ${megabytes(total * each)}. Use fewer or smaller images.`,
    );
  }
  const pixels = new Uint8Array(total * each);
  if (total < MIN_IMAGES_FOR_THREADS) {
    for (let i = 0; i < total; i++) {
      await readImage(source, i, { ...sides, target: pixels.subarray(i * each, (i + 1) * each) });
    }
    return pixels;
  }
  const loader = openLoader({ sources: [source], ...sides, batchSize: BATCH, changed: false });
  try {
    let requested = 0;
    const requestNext = (): void => {
      const count = Math.min(BATCH, total - requested);
      if (count > 0) {
        loader.request(Array.from({ length: count }, (_, i) => ({ index: requested + i })));
      }
      requested += count;
    };
    for (let i = 0; i < LOAD_AHEAD; i++) requestNext();
    for (let done = 0; done < total;) {
      const made = await loader.take();
      pixels.set(made, done * each);
      done += made.length / each;
      report?.({ done, total, unit: 'images', label: 'decoding' });
      requestNext();
    }
  } finally {
    await loader.close();
  }
  return pixels;
}

/** Returns the first `count` images of a set, or all where it has fewer; no pixels are copied. */
export function firstImages(set: ImageSet, count: number): ImageSet {
  return { ...set, ids: set.ids.slice(0, count) };
}
