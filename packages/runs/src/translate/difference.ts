import type { RgbImage } from '@janus/images';

/** Returns an image of what was changed: grey (128) where nothing was, lighter where a value rose, darker where it fell. */
export function differenceImage(before: RgbImage, after: RgbImage): RgbImage {
  const { width, height } = before;
  const pixels = before.pixels.map((value, i) =>
    Math.min(255, Math.max(0, 128 + (after.pixels[i] ?? 0) - value)),
  );
  return { pixels, width, height };
}
