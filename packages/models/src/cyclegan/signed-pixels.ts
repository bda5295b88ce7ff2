/** Between stored images (`uint8`) and what generators take and give (`signed`, [-1, 1]). */

/** Returns pixels of 0 to 255 as -1 to 1. */
export function signedPixels(images: Uint8Array): Float32Array {
  const pixels = new Float32Array(images.length);
  for (let i = 0; i < pixels.length; i++) pixels[i] = (images[i] ?? 0) / 127.5 - 1;
  return pixels;
}

/** Returns pixels of -1 to 1 as 0 to 255, rounded; the exact inverse of {@link signedPixels}. */
export function uint8Pixels(signed: Float32Array): Uint8Array {
  const images = new Uint8Array(signed.length);
  for (let i = 0; i < images.length; i++) {
    images[i] = Math.min(255, Math.max(0, Math.round(((signed[i] ?? 0) + 1) * 127.5)));
  }
  return images;
}

/**
 * Returns the pixels of RGB images as networks of that many channels take them: 3, as they are, or 1, their lightness.
 *
 * @param images uint8 [..., 3]
 * @returns float32 [..., channels], signed
 * Source of the lightness: ITU-R 601, with Pillow's whole numbers.
 */
export function signedChannels(images: Uint8Array, channels: number): Float32Array {
  if (channels !== 1) return signedPixels(images);
  const grey = new Uint8Array(images.length / 3);
  for (let i = 0; i < grey.length; i++) {
    const [red = 0, green = 0, blue = 0] = images.subarray(3 * i, 3 * i + 3);
    grey[i] = (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
  }
  return signedPixels(grey);
}

/** Returns what a network of 1 or 3 channels made as RGB images, uint8. */
export function rgbPixels(signed: Float32Array, channels: number): Uint8Array {
  const pixels = uint8Pixels(signed);
  if (channels !== 1) return pixels;
  const rgb = new Uint8Array(3 * pixels.length);
  for (let i = 0; i < rgb.length; i++) rgb[i] = pixels[Math.floor(i / 3)] ?? 0;
  return rgb;
}
