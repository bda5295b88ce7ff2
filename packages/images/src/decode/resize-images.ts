import { forEachConcurrently } from '@janus/core';
import sharp from 'sharp';

/**
 * Scales square images to another size.
 *
 * @param images `pixels` are uint8 [count, size, size, 3], RGB
 * @param size new side in pixels
 * @returns uint8 [count, size, size, 3]: the same array where they already have the size
 */
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
