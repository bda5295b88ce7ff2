/** The sides of a translation's images, as its options name them. */
import type { CycleGanOptions } from './cyclegan-presets.js';

/** What says how large images are. */
export type ImageSides = Pick<CycleGanOptions, 'imageSize' | 'imageWidth'>;

/** Returns both sides in pixels. */
export function imageSides({ imageSize, imageWidth = imageSize }: ImageSides): {
  readonly width: number;
  readonly height: number;
} {
  return { width: imageWidth, height: imageSize };
}
