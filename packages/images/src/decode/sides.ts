/** The sides of images, as options name them. */
import type { ImageSize } from './resample.js';

/** The sides of images of one size. */
export interface Sides {
  /** Height in pixels, and width where that is not given. */
  readonly size: number;
  /** Width in pixels, if it is another; default `size`: squares. */
  readonly width?: number | undefined;
}

/** Returns both sides. */
export const sidesOf = ({ size, width = size }: Sides): ImageSize => ({ width, height: size });

/** Returns the bytes of an image: uint8 [size, width, 3]. */
export const bytesOf = ({ size, width = size }: Sides): number => size * width * 3;

/** Returns the same sides, without a width where they are those of a square. */
export const sidesFrom = ({ width, height }: ImageSize): Sides =>
  width === height ? { size: height } : { size: height, width };
