/** What a translation changed in an image, and how it is added to the image at another size. */
import { ShapeError } from '@janus/core';
import { resamplePlan, WEIGHT_BITS, type ImageSize, type RgbImage } from '../decode/resample.js';

/** A part of an image in whole pixels inside it. */
export interface Part extends ImageSize {
  readonly left: number;
  readonly top: number;
}

/** What was added to each value of an image. */
export interface Change extends ImageSize {
  /** float32 [height, width, 3], -255 to 255. */
  readonly values: Float32Array;
}

/** Options of {@link addChange}. */
export interface AddChangeOptions {
  /** What the change is multiplied by; default 1. */
  readonly strength?: number;
  /** Part of the image that the change is for, in whole pixels; default all of it. */
  readonly part?: Part;
  /**
   * Pixels inside the part over which the change rises from nothing, as half a cosine wave; none along an edge that is
   * also the image's. Default 0.
   */
  readonly feather?: number;
  /**
   * What the changed part is laid over, an image of the same size; default the image itself. Where parts overlap, the
   * last one covers the others, instead of adding to them.
   */
  readonly over?: RgbImage;
}

/**
 * Returns the difference of two images.
 *
 * @param before uint8 [height, width, 3], as `after`
 * @throws ShapeError when the two are not of this size
 */
export function changeOf(before: Uint8Array, after: Uint8Array, size: ImageSize): Change {
  const { width, height } = size;
  const length = width * height * 3;
  if (before.length !== length || after.length !== length) {
    throw new ShapeError(
      `changeOf: both images must be [${height}, ${width}, 3], but got ${before.length} and ${after.length} numbers. Scale them to one size.`,
    );
  }
  const values = new Float32Array(length);
  for (let i = 0; i < length; i++) values[i] = (after[i] ?? 0) - (before[i] ?? 0);
  return { values, width, height };
}

/**
 * Adds a change, scaled to the size of the part that it is for by cubic convolution, and clips the sum to 0 to 255. A
 * change of the part's own size is added as it is: of strength 1, it turns the image before into that after.
 *
 * @returns a new image; outside the part it is what the part is laid over
 */
export function addChange(
  image: RgbImage,
  change: Change,
  options: AddChangeOptions = {},
): RgbImage {
  const { width, height } = image;
  const { strength = 1, feather = 0, over = image } = options;
  const { part = { left: 0, top: 0, width, height } } = options;
  const across = rises({ from: part.left, length: part.width, limit: width, feather });
  const along = rises({ from: part.top, length: part.height, limit: height, feather });
  const pixels = Uint8Array.from(over.pixels);
  scaledRows(change, part, (row, y) => {
    const start = ((part.top + y) * width + part.left) * 3;
    for (let i = 0; i < row.length; i++) {
      const share = (along[y] ?? 0) * (across[Math.floor(i / 3)] ?? 0);
      const below = pixels[start + i] ?? 0;
      const changed = (image.pixels[start + i] ?? 0) + strength * (row[i] ?? 0);
      const value = Math.round(below + share * (changed - below));
      pixels[start + i] = value < 0 ? 0 : value > 255 ? 255 : value;
    }
  });
  return { pixels, width, height };
}

/**
 * Scales three values a pixel to another size by cubic convolution, and calls `visit` with each row, which the next call
 * overwrites.
 */
export function scaledRows(
  change: Change,
  { width, height }: ImageSize,
  visit: (row: Float64Array, y: number) => void,
): void {
  const wide = widened(change, width);
  const down = axisPlan(change.height, height);
  const row = new Float64Array(width * 3);
  for (let y = 0; y < height; y++) {
    sumRows(row, wide, { plan: down, y });
    visit(row, y);
  }
}

/** Weights of one axis as fractions; see `resamplePlan`. */
interface AxisPlan {
  readonly first: Int32Array;
  readonly weights: Float64Array;
  readonly taps: number;
}

function axisPlan(length: number, outputs: number): AxisPlan {
  if (length === outputs) {
    const first = Int32Array.from({ length }, (_, i) => i);
    return { first, weights: new Float64Array(length).fill(1), taps: 1 };
  }
  const plan = resamplePlan({
    length,
    from: 0,
    extent: length,
    outputs,
    multiple: 1,
    kernel: 'cubic',
  });
  return {
    ...plan,
    weights: Float64Array.from(plan.weights, (weight) => weight / 2 ** WEIGHT_BITS),
  };
}

/** Scales a change to another width. */
function widened(change: Change, width: number): Change {
  const { values, height } = change;
  if (width === change.width) return change;
  const { first, weights, taps } = axisPlan(change.width, width);
  const wide = new Float32Array(height * width * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        const from = (y * change.width + (first[x] ?? 0)) * 3 + c;
        for (let k = 0; k < taps; k++) {
          sum += (weights[x * taps + k] ?? 0) * (values[from + 3 * k] ?? 0);
        }
        wide[(y * width + x) * 3 + c] = sum;
      }
    }
  }
  return { values: wide, width, height };
}

/** Writes row `y` of a change that is scaled down its columns into `row`. */
function sumRows(
  row: Float64Array,
  { values }: Change,
  { plan, y }: { readonly plan: AxisPlan; readonly y: number },
): void {
  const { first, weights, taps } = plan;
  row.fill(0);
  for (let k = 0; k < taps; k++) {
    const weight = weights[y * taps + k] ?? 0;
    if (weight === 0) continue;
    const from = ((first[y] ?? 0) + k) * row.length;
    for (let i = 0; i < row.length; i++) row[i] = (row[i] ?? 0) + weight * (values[from + i] ?? 0);
  }
}

/** One axis of a part within an image of `limit` pixels. */
interface PartAxis {
  readonly from: number;
  readonly length: number;
  readonly limit: number;
  readonly feather: number;
}

/** Returns the share of a change that is added at each pixel of an axis. */
function rises({ from, length, limit, feather }: PartAxis): Float64Array {
  return Float64Array.from({ length }, (_, i) => {
    const before = from === 0 ? feather : i + 0.5;
    const after = from + length === limit ? feather : length - i - 0.5;
    return cosineRise(before, feather) * cosineRise(after, feather);
  });
}

/** Returns half a cosine wave from 0 at 0 to 1 at `over`. */
export const cosineRise = (at: number, over: number): number =>
  at >= over ? 1 : (1 - Math.cos((Math.PI * at) / over)) / 2;
