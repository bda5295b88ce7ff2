import { writeFileAtomic } from '@janus/core';
import sharp from 'sharp';

/**
 * Writes pixels as a PNG file, atomically.
 *
 * @param image `pixels` are uint8 [height, width, 3], RGB
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
