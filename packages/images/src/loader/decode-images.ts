import { forEachConcurrently, type ProgressListener } from '@janus/core';
import { decodeImage } from '../decode/decode.js';
import { createLoader, loaderThreads, MIN_IMAGES_FOR_THREADS } from './loader.js';
import { fileSource } from './image-source.js';

/** Options of {@link decodeImages}. */
export interface DecodeImagesOptions {
  /** Called as images are finished. */
  readonly report?: ProgressListener;
  /**
   * Threads; 0 decodes in the calling thread. Default: one per core from `MIN_IMAGES_FOR_THREADS`
   * images on, else 0. The result is the same.
   */
  readonly workers?: number;
}

/** How often the progress of the threads is reported. */
const REPORT_EVERY_MS = 100;

/**
 * Decodes image files into one array, as {@link decodeImage} decodes each.
 *
 * @param size side of the square images in pixels
 * @returns uint8 [N, size, size, 3], RGB, in the order of `paths`
 * @throws DataError when one cannot be decoded
 */
export async function decodeImages(
  paths: readonly string[],
  size: number,
  options: DecodeImagesOptions = {},
): Promise<Uint8Array> {
  const { report, workers = paths.length < MIN_IMAGES_FOR_THREADS ? 0 : loaderThreads() } = options;
  const onProgress = (done: number): void => {
    report?.({ done, total: paths.length, unit: 'images', label: 'decoding' });
  };
  if (workers > 0 && paths.length > 0) {
    return await decodeInThreads(paths, size, { workers, onProgress });
  }
  const pixels = new Uint8Array(paths.length * size * size * 3);
  let done = 0;
  await forEachConcurrently(paths, async (path, i) => {
    const target = pixels.subarray(i * size * size * 3, (i + 1) * size * size * 3);
    await decodeImage(path, { size, target });
    done += 1;
    onProgress(done);
  });
  return pixels;
}

async function decodeInThreads(
  paths: readonly string[],
  size: number,
  options: { readonly workers: number; readonly onProgress: (done: number) => void },
): Promise<Uint8Array> {
  const { workers, onProgress } = options;
  // All images are one batch, so the ring's memory is the result.
  const loader = createLoader({
    sources: [fileSource(paths)],
    size,
    batchSize: paths.length,
    ahead: 1,
    workers,
  });
  const timer = setInterval(() => {
    onProgress(loader.progress());
  }, REPORT_EVERY_MS);
  try {
    loader.request(paths.map((_, index) => ({ index })));
    const pixels = await loader.take();
    onProgress(paths.length);
    return pixels;
  } finally {
    clearInterval(timer);
    await loader.close();
  }
}
