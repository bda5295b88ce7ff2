/** Bends an image by a coarse field of displacements, at the image's own size. */
import type { ImageSize, RgbImage } from '../decode/resample.js';
import { scaledRows, type Part } from './change.js';

/** How far an image is bent. */
export interface BendField extends ImageSize {
  /**
   * float32 [height, width, 2]: how far to the right and down of a pixel its value comes from, as shares of the part's
   * width and height.
   */
  readonly values: Float32Array;
}

/** Options of {@link bendImage}. */
export interface BendOptions {
  /** What the displacements are multiplied by; default 1. */
  readonly strength?: number;
  /** Part of the image that is bent, in whole pixels; default all of it. Values may come from outside the part. */
  readonly part?: Part;
}

/**
 * Bends an image: the field is enlarged by cubic convolution, the image sampled bilinearly; beyond its border stand the
 * pixels of the border. A field of 0 returns the same pixels.
 *
 * @returns a new image; no value outside the part differs
 */
export function bendImage(image: RgbImage, field: BendField, options: BendOptions = {}): RgbImage {
  const { width, height } = image;
  const { strength = 1, part = { left: 0, top: 0, width, height } } = options;
  const pixels = Uint8Array.from(image.pixels);
  // Three values a pixel, as changes have: right, down, and 0.
  const values = new Float32Array(field.width * field.height * 3).map((_, i) =>
    i % 3 === 2 ? 0 : (field.values[2 * Math.floor(i / 3) + (i % 3)] ?? 0),
  );
  scaledRows({ values, width: field.width, height: field.height }, part, (row, y) => {
    const from = ((part.top + y) * width + part.left) * 3;
    for (let x = 0; x < part.width; x++) {
      const right = part.left + x + strength * part.width * (row[3 * x] ?? 0);
      const down = part.top + y + strength * part.height * (row[3 * x + 1] ?? 0);
      sampleInto(pixels, from + 3 * x, { image, x: right, y: down });
    }
  });
  return { pixels, width, height };
}

/** Writes what stands at a place that may lie between pixels, or outside the image; no memory is taken for a pixel. */
function sampleInto(
  target: Uint8Array,
  to: number,
  place: { readonly image: RgbImage; readonly x: number; readonly y: number },
): void {
  const { pixels, width, height } = place.image;
  const x = Math.min(width - 1, Math.max(0, place.x));
  const y = Math.min(height - 1, Math.max(0, place.y));
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const rightward = left + 1 < width ? 3 : 0;
  const downward = top + 1 < height ? 3 * width : 0;
  const [across, down] = [x - left, y - top];
  const at = (top * width + left) * 3;
  for (let i = at; i < at + 3; i++) {
    const [a, b] = [pixels[i] ?? 0, pixels[i + rightward] ?? 0];
    const [c, d] = [pixels[i + downward] ?? 0, pixels[i + rightward + downward] ?? 0];
    const above = a + across * (b - a);
    const below = c + across * (d - c);
    target[to + i - at] = Math.round(above + down * (below - above));
  }
}
