/** Numbers that say whether a picture shows anything: contrast, brightness, sharpness. */

import { lumaOf, type RawPicture } from './perceptual-hash.js';

/** What is measured on the pixels of a picture. */
export interface PictureMeasures {
  /** Standard deviation of the reduced grey picture, 0 to 127.5. */
  readonly deviation: number;
  /** Entropy of the histogram of all grey values, 0 to 8 bits. */
  readonly entropy: number;
  /** Grey value that 5 % of the pixels do not exceed, 0 to 255. */
  readonly percentile5: number;
  /** Grey value that 99 % of the pixels do not exceed, 0 to 255. */
  readonly percentile99: number;
  /** Variance of the Laplacian (sum of the four neighbours less four times the pixel) of the reduced grey picture. */
  readonly sharpness: number;
}

/** Longest side of the reduced grey picture: one size for all, near what networks look at. */
export const MEASURED_SIDE = 128;

/**
 * Measures a picture: all its pixels as grey (ITU-R 601 luma) for the histogram, and the same reduced by
 * means of areas to 128 x 128 for contrast and sharpness; a side that is shorter stays as it is. What
 * is transparent lies on white.
 */
export function measurePicture(picture: RawPicture): PictureMeasures {
  const { width, height } = picture;
  const grey = greyOf(picture);
  const histogram = new Float64Array(256);
  for (const value of grey) histogram[value] = (histogram[value] ?? 0) + 1;
  const columns = Math.min(width, MEASURED_SIDE);
  const rows = Math.min(height, MEASURED_SIDE);
  const reduced = reduce({ grey, width, height }, columns, rows);
  return {
    deviation: Math.sqrt(varianceOf(reduced)),
    entropy: entropyOf(histogram, grey.length),
    percentile5: percentileOf(histogram, 0.05 * grey.length),
    percentile99: percentileOf(histogram, 0.99 * grey.length),
    sharpness: varianceOf(laplacianOf(reduced, columns, rows)),
  };
}

/** Returns uint8 [height, width]: luma, on white where there is an alpha channel. */
function greyOf({ pixels, width, height, channels }: RawPicture): Uint8Array {
  const grey = new Uint8Array(width * height);
  const colour = channels >= 3;
  const alphaAt = channels === 4 ? 3 : channels === 2 ? 1 : 0;
  for (let i = 0, at = 0; i < grey.length; i++, at += channels) {
    const value = colour
      ? lumaOf(pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0)
      : (pixels[at] ?? 0);
    if (alphaAt === 0) grey[i] = value;
    else {
      const alpha = (pixels[at + alphaAt] ?? 0) / 255;
      grey[i] = Math.round(value * alpha + 255 * (1 - alpha));
    }
  }
  return grey;
}

interface Grey {
  readonly grey: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Of each pixel of an axis: the cell it falls into first, and which share of it does. */
function cellsOf(length: number, cells: number): { first: Int32Array; share: Float64Array } {
  const first = new Int32Array(length);
  const share = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    // In whole numbers, so that edges that meet do so exactly.
    const cell = Math.floor((i * cells) / length);
    const edge = (cell + 1) * length;
    first[i] = cell;
    share[i] = Math.min(1, (edge - i * cells) / cells);
  }
  return { first, share };
}

/** Returns the means of areas: float64 [rows, columns]. */
function reduce({ grey, width, height }: Grey, columns: number, rows: number): Float64Array {
  const across = cellsOf(width, columns);
  const down = cellsOf(height, rows);
  // One cell more on each axis takes what rounds over the edge: nothing.
  const out = new Float64Array((rows + 1) * (columns + 1));
  const line = new Float64Array(columns + 1);
  for (let y = 0; y < height; y++) {
    line.fill(0);
    for (let x = 0; x < width; x++) {
      const value = grey[y * width + x] ?? 0;
      const cell = across.first[x] ?? 0;
      const part = value * (across.share[x] ?? 0);
      line[cell] = (line[cell] ?? 0) + part;
      line[cell + 1] = (line[cell + 1] ?? 0) + value - part;
    }
    const share = down.share[y] ?? 0;
    const at = (down.first[y] ?? 0) * columns;
    for (let i = 0; i < columns; i++) {
      const value = line[i] ?? 0;
      out[at + i] = (out[at + i] ?? 0) + value * share;
      if (share < 1) out[at + columns + i] = (out[at + columns + i] ?? 0) + value * (1 - share);
    }
  }
  const area = (width / columns) * (height / rows);
  return out.subarray(0, rows * columns).map((sum) => sum / area);
}

function varianceOf(values: Float64Array): number {
  if (values.length === 0) return 0;
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return squares / values.length;
}

/** Of every pixel that has four neighbours. */
function laplacianOf(values: Float64Array, columns: number, rows: number): Float64Array {
  const out = new Float64Array(Math.max(0, columns - 2) * Math.max(0, rows - 2));
  let n = 0;
  for (let y = 1; y < rows - 1; y++) {
    for (let x = 1; x < columns - 1; x++) {
      const at = y * columns + x;
      out[n++] =
        (values[at - columns] ?? 0) +
        (values[at + columns] ?? 0) +
        (values[at - 1] ?? 0) +
        (values[at + 1] ?? 0) -
        4 * (values[at] ?? 0);
    }
  }
  return out;
}

function entropyOf(histogram: Float64Array, total: number): number {
  let bits = 0;
  for (const count of histogram) if (count > 0) bits -= (count / total) * Math.log2(count / total);
  return bits;
}

/** Returns the smallest value up to which there are at least so many. */
function percentileOf(histogram: Float64Array, least: number): number {
  let below = 0;
  for (let value = 0; value < 256; value++) {
    below += histogram[value] ?? 0;
    if (below >= least) return value;
  }
  return 255;
}
