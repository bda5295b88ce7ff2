import { forEachConcurrently, type ProgressListener } from '@janus/core';
import { decodeImage } from '../decode/decode.js';
import { createLoader, loaderThreads, MIN_IMAGES_FOR_THREADS } from './loader.js';
import { fileSource } from './image-source.js';

/** Options of {@link decodeImages}. */
export interface DecodeImagesOptions {
  readonly report?: ProgressListener;
  /** Threads; default: one for each core when there are images enough to be worth it, else none. */
  readonly workers?: number;
}

/** Milliseconds between two looks at how far the threads are. */
const LOOK_EVERY = 100;

/**
 * Returns images as one array: the same bytes with and without threads.
 *
 * @returns uint8 [N, size, size, 3], RGB, in the order of `paths`
 * @throws DataError when one cannot be decoded
 */
export async function decodeImages(
  paths: readonly string[],
  size: number,
  options: DecodeImagesOptions = {},
): Promise<Uint8Array> {
  const { report, workers = paths.length < MIN_IMAGES_FOR_THREADS ? 0 : loaderThreads() } = options;
  const tell = (done: number): void => {
    report?.({ done, total: paths.length, unit: 'images', label: 'decoding' });
  };
  if (workers > 0 && paths.length > 0) return await decodeInThreads(paths, size, { workers, tell });
  const pixels = new Uint8Array(paths.length * size * size * 3);
  let done = 0;
  await forEachConcurrently(paths, async (path, i) => {
    const target = pixels.subarray(i * size * size * 3, (i + 1) * size * size * 3);
    await decodeImage(path, { size, target });
    done += 1;
    tell(done);
  });
  return pixels;
}

async function decodeInThreads(
  paths: readonly string[],
  size: number,
  { workers, tell }: { readonly workers: number; readonly tell: (done: number) => void },
): Promise<Uint8Array> {
  // One batch of all images: the ring is the array.
  const loader = createLoader({
    sources: [fileSource(paths)],
    size,
    batchSize: paths.length,
    ahead: 1,
    workers,
  });
  const looking = setInterval(() => {
    tell(loader.progress());
  }, LOOK_EVERY);
  try {
    loader.request(paths.map((_, index) => ({ index })));
    const pixels = await loader.take();
    tell(paths.length);
    return pixels;
  } finally {
    clearInterval(looking);
    await loader.close();
  }
}
