/** Contrast, brightness and sharpness of an image: numbers by which blank, dark and blurry ones are found. */

import { lumaOf, type RawImage } from '../duplicates/perceptual-hash.js';

/** Numbers measured on the pixels of an image. */
export interface ImageMeasures {
  /** Standard deviation of the reduced grey image, 0 to 127.5. */
  readonly deviation: number;
  /** Entropy of the histogram of all grey values, 0 to 8 bits. */
  readonly entropy: number;
  /** Grey value that 5 % of the pixels do not exceed, 0 to 255. */
  readonly percentile5: number;
  /** Grey value that 99 % of the pixels do not exceed, 0 to 255. */
  readonly percentile99: number;
  /**
   * Variance of the Laplacian (sum of the four neighbours minus four times the pixel) of the reduced grey
   * image, in squared grey values.
   */
  readonly sharpness: number;
}

/** Longest side of the reduced grey image in pixels: one size for all images, near what networks take. */
const MEASURED_SIDE = 128;

/**
 * Measures an image: the histogram on all pixels as grey (ITU-R 601 luma), contrast and sharpness on the same reduced
 * to at most 128 x 128 by means over areas. Transparent pixels lie on white.
 */
export function measureImage(image: RawImage): ImageMeasures {
  const { width, height } = image;
  const grey = greyOf(image);
  const histogram = new Uint32Array(256);
  const total = grey.length;
  // for-of takes five times as long here.
  for (let i = 0; i < total; i++) {
    const value = grey[i] ?? 0;
    histogram[value] = (histogram[value] ?? 0) + 1;
  }
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
function greyOf({ pixels, width, height, channels }: RawImage): Uint8Array {
  const grey = new Uint8Array(width * height);
  if (channels >= 3) {
    for (let i = 0, at = 0; i < grey.length; i++, at += channels) {
      grey[i] = lumaOf(pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0);
    }
  } else {
    for (let i = 0, at = 0; i < grey.length; i++, at += channels) grey[i] = pixels[at] ?? 0;
  }
  if (channels === 1 || channels === 3) return grey;
  return grey.map((value, i) => {
    const alpha = (pixels[(i + 1) * channels - 1] ?? 0) / 255;
    return Math.round(value * alpha + 255 * (1 - alpha));
  });
}

interface Grey {
  readonly grey: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/**
 * Reduces `rows` rows of `length` numbers to `cells` rows of means; a row that lies across the edge of two cells
 * counts for each by its share.
 */
function meansOfRows(
  values: Float64Array,
  { length, rows }: { readonly length: number; readonly rows: number },
  cells: number,
): Float64Array {
  const out = new Float64Array(cells * length);
  const scale = cells / rows;
  for (let y = 0; y < rows; y++) {
    // In whole numbers, so that an edge between two rows is met exactly.
    const cell = Math.floor((y * cells) / rows);
    const rest = (cell + 1) * rows - y * cells;
    const share = Math.min(1, rest / cells);
    addRow(out, cell * length, { values, from: y * length, length, weight: share * scale });
    if (share === 1) continue;
    const next = { values, from: y * length, length, weight: (1 - share) * scale };
    addRow(out, (cell + 1) * length, next);
  }
  return out;
}

interface WeightedRow {
  readonly values: Float64Array;
  readonly from: number;
  readonly length: number;
  readonly weight: number;
}

function addRow(out: Float64Array, at: number, row: WeightedRow): void {
  const { values, from, length, weight } = row;
  for (let x = 0; x < length; x++) {
    out[at + x] = (out[at + x] ?? 0) + weight * (values[from + x] ?? 0);
  }
}

/** Returns the means of areas: float64 [rows, columns]. */
function reduce({ grey, width, height }: Grey, columns: number, rows: number): Float64Array {
  const strips = meansOfRows(new Float64Array(grey), { length: width, rows: height }, rows);
  const turned = meansOfRows(
    transposed(strips, width, rows),
    { length: rows, rows: width },
    columns,
  );
  return transposed(turned, rows, columns);
}

/** Returns float64 [width, height] of float64 [height, width]. */
function transposed(values: Float64Array, width: number, height: number): Float64Array {
  const out = new Float64Array(values.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) out[x * height + y] = values[y * width + x] ?? 0;
  }
  return out;
}

function varianceOf(values: Float64Array): number {
  if (values.length === 0) return 0;
  const count = values.length;
  let sum = 0;
  for (let i = 0; i < count; i++) sum += values[i] ?? 0;
  const mean = sum / count;
  let squares = 0;
  for (let i = 0; i < count; i++) squares += ((values[i] ?? 0) - mean) ** 2;
  return squares / count;
}

/** Returns the Laplacian of every pixel that has four neighbours. */
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

function entropyOf(histogram: Uint32Array, total: number): number {
  let bits = 0;
  for (const count of histogram) if (count > 0) bits -= (count / total) * Math.log2(count / total);
  return bits;
}

/** Returns the smallest grey value that at least `count` pixels do not exceed. */
function percentileOf(histogram: Uint32Array, count: number): number {
  let below = 0;
  for (let value = 0; value < 256; value++) {
    below += histogram[value] ?? 0;
    if (below >= count) return value;
  }
  return 255;
}
