import { forEachConcurrently, writeFileAtomic, type ProgressListener } from '@janus/core';
import sharp from 'sharp';
import { decodeImage } from '../decode/decode.js';
import { createLoader, loaderThreads, WORTH_THREADS } from './loader.js';
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
  const { report, workers = paths.length < WORTH_THREADS ? 0 : loaderThreads() } = options;
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

/** Returns square images scaled to another size; the same array when nothing changes. */
export async function resizeImages(
  images: { readonly pixels: Uint8Array; readonly count: number; readonly size: number },
  size: number,
): Promise<Uint8Array> {
  if (images.size === size) return images.pixels;
  const before = images.size * images.size * 3;
  const after = size * size * 3;
  const scaled = new Uint8Array(images.count * after);
  const indices = Array.from({ length: images.count }, (_, i) => i);
  await forEachConcurrently(indices, async (i) => {
    const image = images.pixels.slice(i * before, (i + 1) * before);
    const raw = { width: images.size, height: images.size, channels: 3 as const };
    scaled.set(await sharp(image, { raw }).resize(size, size).raw().toBuffer(), i * after);
  });
  return scaled;
}

/**
 * Writes pixels as a PNG, whole or not at all.
 *
 * @param image uint8 [height, width, 3], RGB
 */
export async function writePng(
  path: string,
  image: { readonly pixels: Uint8Array; readonly width: number; readonly height: number },
): Promise<void> {
  const { pixels, width, height } = image;
  await writeFileAtomic(
    path,
    await sharp(pixels, { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer(),
  );
}
