/**
 * The perceptual hash of an image, bit for bit as imagededup defines it (`PHash`): the image is scaled to 32x32 with a
 * Lanczos kernel as in Pillow 11 (rows first, rounded, then columns), made grey, and transformed by a two-dimensional
 * DCT-II. Each of the 8x8 lowest frequencies gives one bit, set where the coefficient is at least the median of all
 * but the first.
 */

/** A decoded image with any number of channels. */
export interface RawImage {
  /** uint8 [height, width, channels]: grey or RGB first, further channels do not count. */
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

/** Side of the transformed image in pixels. */
const SIDE = 32;
/** Frequencies that are kept along each axis, the lowest. */
const KEPT = 8;
/** Fractional bits of Pillow's weights: 32 minus 8 of a pixel and 2 for sums above 1. */
const WEIGHT_BITS = 22;
const HALF = 2 ** (WEIGHT_BITS - 1);
const LOBES = 3;

interface Weights {
  readonly first: Int32Array;
  readonly count: Int32Array;
  /** int32 [SIDE, taps]. */
  readonly values: Int32Array;
  readonly taps: number;
}

function sinc(x: number): number {
  if (x === 0) return 1;
  return Math.sin(x * Math.PI) / (x * Math.PI);
}

const lanczos = (x: number): number => (x >= -LOBES && x < LOBES ? sinc(x) * sinc(x / LOBES) : 0);

/** Returns the weights of one axis, in the order of Pillow's arithmetic, on which the last bit depends. */
function weightsOf(length: number): Weights {
  const scale = length / SIDE;
  const widened = Math.max(scale, 1);
  const support = LOBES * widened;
  const taps = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(SIDE);
  const count = new Int32Array(SIDE);
  const values = new Int32Array(SIDE * taps);
  for (let i = 0; i < SIDE; i++) {
    const centre = (i + 0.5) * scale;
    const low = Math.max(0, Math.trunc(centre - support + 0.5));
    const high = Math.min(length, Math.trunc(centre + support + 0.5));
    const kernel = new Float64Array(high - low);
    let sum = 0;
    for (let k = 0; k < kernel.length; k++) {
      const weight = lanczos((k + low - centre + 0.5) * (1 / widened));
      kernel[k] = weight;
      sum += weight;
    }
    kernel.forEach((weight, k) => {
      const share = (sum === 0 ? weight : weight / sum) * 2 ** WEIGHT_BITS;
      values[i * taps + k] = Math.trunc(share < 0 ? share - 0.5 : share + 0.5);
    });
    first[i] = low;
    count[i] = kernel.length;
  }
  return { first, count, values, taps };
}

/** Lengths whose weights are cached: images of a data set have few sizes. */
const KEPT_WEIGHTS = 64;
const known = new Map<number, Weights>();

function cachedWeights(length: number): Weights {
  const found = known.get(length);
  if (found !== undefined) return found;
  if (known.size >= KEPT_WEIGHTS) known.clear();
  const made = weightsOf(length);
  known.set(length, made);
  return made;
}

const clipped = (sum: number): number => Math.max(0, Math.min(255, sum >> WEIGHT_BITS));

/** Scales the rows: uint8 [height, SIDE, used]. */
function across({ pixels, width, height, channels }: RawImage, used: number): Uint8Array {
  const out = new Uint8Array(height * SIDE * used);
  const { first, count, values, taps } = cachedWeights(width);
  const colour = used === 3;
  for (let y = 0; y < height; y++) {
    for (let i = 0; i < SIDE; i++) {
      let at = (y * width + (first[i] ?? 0)) * channels;
      const from = i * taps;
      const to = from + (count[i] ?? 0);
      const target = (y * SIDE + i) * used;
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      if (colour) {
        for (let k = from; k < to; k++, at += channels) {
          const weight = values[k] ?? 0;
          red = (red + Math.imul(weight, pixels[at] ?? 0)) | 0;
          green = (green + Math.imul(weight, pixels[at + 1] ?? 0)) | 0;
          blue = (blue + Math.imul(weight, pixels[at + 2] ?? 0)) | 0;
        }
        out[target] = clipped(red);
        out[target + 1] = clipped(green);
        out[target + 2] = clipped(blue);
      } else {
        for (let k = from; k < to; k++, at += channels) {
          red = (red + Math.imul(values[k] ?? 0, pixels[at] ?? 0)) | 0;
        }
        out[target] = clipped(red);
      }
    }
  }
  return out;
}

/** Scales the columns: uint8 [SIDE, SIDE, used]. */
function down(rows: Uint8Array, height: number, used: number): Uint8Array {
  const stride = SIDE * used;
  const out = new Uint8Array(SIDE * stride);
  const { first, count, values, taps } = cachedWeights(height);
  for (let i = 0; i < SIDE; i++) {
    for (let x = 0; x < stride; x++) {
      let sum = HALF;
      let at = (first[i] ?? 0) * stride + x;
      for (let k = 0; k < (count[i] ?? 0); k++, at += stride) {
        sum = (sum + Math.imul(values[i * taps + k] ?? 0, rows[at] ?? 0)) | 0;
      }
      out[i * stride + x] = clipped(sum);
    }
  }
  return out;
}

/** Returns ITU-R 601 luma, 0 to 255, in whole numbers as Pillow computes it. */
export function lumaOf(red: number, green: number, blue: number): number {
  return (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
}

/** Returns the image before the transform: uint8 [32, 32], grey. */
function smallGrey(image: RawImage): Uint8Array {
  const used = image.channels >= 3 ? 3 : 1;
  // An axis that has the size already does not change: its weights are one 1 and zeros.
  const scaled = down(across(image, used), image.height, used);
  if (used === 1) return scaled;
  const grey = new Uint8Array(SIDE * SIDE);
  for (let i = 0, at = 0; i < grey.length; i++, at += 3) {
    grey[i] = lumaOf(scaled[at] ?? 0, scaled[at + 1] ?? 0, scaled[at + 2] ?? 0);
  }
  return grey;
}

/** float64 [KEPT, SIDE]: 2 cos(pi f (2 x + 1) / 64), the rows of an unscaled DCT-II. */
const COSINES = Float64Array.from({ length: KEPT * SIDE }, (_, i) => {
  const frequency = Math.floor(i / SIDE);
  return 2 * Math.cos((Math.PI * frequency * (2 * (i % SIDE) + 1)) / (2 * SIDE));
});

/** Returns the coefficients of the lowest frequencies: float64 [KEPT, KEPT], down by across. */
function lowFrequencies(grey: Uint8Array): Float64Array {
  const half = new Float64Array(KEPT * SIDE);
  for (let v = 0; v < KEPT; v++) {
    for (let x = 0; x < SIDE; x++) {
      let sum = 0;
      for (let y = 0; y < SIDE; y++)
        sum += (COSINES[v * SIDE + y] ?? 0) * (grey[y * SIDE + x] ?? 0);
      half[v * SIDE + x] = sum;
    }
  }
  const out = new Float64Array(KEPT * KEPT);
  for (let v = 0; v < KEPT; v++) {
    for (let u = 0; u < KEPT; u++) {
      let sum = 0;
      for (let x = 0; x < SIDE; x++)
        sum += (COSINES[u * SIDE + x] ?? 0) * (half[v * SIDE + x] ?? 0);
      out[v * KEPT + u] = sum;
    }
  }
  return out;
}

/**
 * Returns the perceptual hash of an image: 64 bits, the lowest frequency first, frequencies across before those down.
 * Transparency and the orientation in the file's metadata do not count.
 */
export function perceptualHash(image: RawImage): bigint {
  const coefficients = lowFrequencies(smallGrey(image));
  const sorted = coefficients.slice(1).sort();
  const median = sorted[(sorted.length - 1) / 2] ?? 0;
  let hash = 0n;
  for (const value of coefficients) hash = (hash << 1n) | (value >= median ? 1n : 0n);
  return hash;
}

/** Returns a hash as text: 16 hexadecimal digits. */
export function hashText(hash: bigint): string {
  return hash.toString(16).padStart(16, '0');
}
