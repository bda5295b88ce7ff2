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
