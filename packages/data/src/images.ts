import { writeFileAtomic, type ProgressListener } from '@janus/core';
import sharp from 'sharp';
import { decodeImage } from './decode.js';

/** Pictures decoded at once: more than the cores, since part of the time is reading. */
const CONCURRENCY = 4;

/** Options of {@link decodeImages}. */
export interface DecodeImagesOptions {
  readonly report?: ProgressListener;
}

/**
 * Returns pictures as one array.
 *
 * @returns uint8 [N, size, size, 3], RGB, in the order of `paths`
 */
export async function decodeImages(
  paths: readonly string[],
  size: number,
  options: DecodeImagesOptions = {},
): Promise<Uint8Array> {
  const pixels = new Uint8Array(paths.length * size * size * 3);
  let done = 0;
  await forEachConcurrently(paths, async (path, i) => {
    pixels.set(await decodeImage(path, size), i * size * size * 3);
    done += 1;
    options.report?.({ done, total: paths.length, unit: 'images', label: 'decoding' });
  });
  return pixels;
}

/** Does `work` for every item, a few at a time; the first failure ends it. */
export async function forEachConcurrently<T>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<void>,
  concurrency: number = CONCURRENCY,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      await work(items[index] as T, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker));
}

/** Returns square pictures scaled to another size; the same array when nothing changes. */
export async function resizePictures(
  pictures: { readonly pixels: Uint8Array; readonly count: number; readonly size: number },
  size: number,
): Promise<Uint8Array> {
  if (pictures.size === size) return pictures.pixels;
  const before = pictures.size * pictures.size * 3;
  const after = size * size * 3;
  const scaled = new Uint8Array(pictures.count * after);
  const indices = Array.from({ length: pictures.count }, (_, i) => i);
  await forEachConcurrently(indices, async (i) => {
    const picture = pictures.pixels.slice(i * before, (i + 1) * before);
    const raw = { width: pictures.size, height: pictures.size, channels: 3 as const };
    scaled.set(await sharp(picture, { raw }).resize(size, size).raw().toBuffer(), i * after);
  });
  return scaled;
}

/**
 * Writes pixels as a PNG, whole or not at all.
 *
 * @param picture uint8 [height, width, 3], RGB
 */
export async function writePng(
  path: string,
  picture: { readonly pixels: Uint8Array; readonly width: number; readonly height: number },
): Promise<void> {
  const { pixels, width, height } = picture;
  await writeFileAtomic(
    path,
    await sharp(pixels, { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer(),
  );
}
