import { forEachConcurrently } from '@janus/core';
import sharp from 'sharp';
import type { ImageSize } from './resample.js';
import { bytesOf, sidesOf, type Sides } from './sides.js';

/**
 * Scales images to another size. Of images with another aspect, the middle part is scaled: of those that are not square, to a
 * side in pixels, the middle square.
 *
 * @param images `pixels` are uint8 [count, size, width, 3], RGB
 * @param to new side in pixels, or both sides
 * @returns uint8 [count, height, width, 3]: the same array where they already have the size
 */
export async function resizeImages(
  images: Sides & { readonly pixels: Uint8Array; readonly count: number },
  to: number | ImageSize,
): Promise<Uint8Array> {
  const from = sidesOf(images);
  const { width, height } = typeof to === 'number' ? { width: to, height: to } : to;
  if (from.width === width && from.height === height) return images.pixels;
  const before = bytesOf(images);
  const after = width * height * 3;
  const scaled = new Uint8Array(images.count * after);
  const indices = Array.from({ length: images.count }, (_, i) => i);
  await forEachConcurrently(indices, async (i) => {
    const image = images.pixels.slice(i * before, (i + 1) * before);
    const raw = { ...from, channels: 3 as const };
    // By default sharp covers the new size, and crops what stands out at both ends.
    scaled.set(await sharp(image, { raw }).resize(width, height).raw().toBuffer(), i * after);
  });
  return scaled;
}
