/** How alike two images are, pixel by pixel: what a cycle keeps. */
import { ShapeError, sidesText } from '@janus/core';
import type { SizedImages } from '../features.js';

/** Largest value of a uint8 pixel. */
const PEAK = 255;

/**
 * Returns the peak signal-to-noise ratio of each pair of images in decibels: 10 log10(255^2 / mean squared difference);
 * Infinity for equal ones.
 *
 * @param a uint8 [N, size, width, 3]
 * @param b the same shape
 * @throws ShapeError when the shapes differ
 */
export function peakSignalToNoise(a: SizedImages, b: SizedImages): readonly number[] {
  checkPair('peakSignalToNoise', a, b);
  const each = a.size * (a.width ?? a.size) * 3;
  return Array.from({ length: a.count }, (_, i) => {
    let sum = 0;
    for (let k = i * each; k < (i + 1) * each; k++) {
      sum += ((a.pixels[k] ?? 0) - (b.pixels[k] ?? 0)) ** 2;
    }
    return 10 * Math.log10((PEAK * PEAK * each) / sum);
  });
}

/** Weights of the window along one axis: a Gaussian of deviation 1.5 over 11 pixels. */
const RADIUS = 5;
const WINDOW: readonly number[] = normalised(
  Array.from({ length: 2 * RADIUS + 1 }, (_, i) => Math.exp(-((i - RADIUS) ** 2) / (2 * 1.5 ** 2))),
);
/** Stabilise the quotients where there is no contrast. */
const C1 = (0.01 * PEAK) ** 2;
const C2 = (0.03 * PEAK) ** 2;

function normalised(weights: readonly number[]): readonly number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/**
 * Returns the structural similarity of each pair of images, at most 1: the mean over channels and over the places whose
 * window lies inside the image.
 *
 * @param a uint8 [N, size, width, 3], both sides at least 11
 * @param b the same shape
 * @throws ShapeError when the shapes differ, or the images are smaller than the window
 *
 * Source: Wang et al. 2004, IEEE Trans. Image Process. 13, equations 13 to 17.
 */
export function structuralSimilarity(a: SizedImages, b: SizedImages): readonly number[] {
  checkPair('structuralSimilarity', a, b);
  const { size: height, width = height } = a;
  if (Math.min(height, width) < WINDOW.length) {
    throw new ShapeError(
      `structuralSimilarity: images must be at least ${WINDOW.length} px wide, the window, but are ${sidesText(width, height)}. Scale them up.`,
    );
  }
  const plane = (images: SizedImages, i: number, c: number): Float64Array =>
    Float64Array.from(
      { length: height * width },
      (_, k) => images.pixels[(i * height * width + k) * 3 + c] ?? 0,
    );
  return Array.from({ length: a.count }, (_, i) => {
    const channels = [0, 1, 2].map((c) => similarityOf(plane(a, i, c), plane(b, i, c), width));
    return channels.reduce((sum, each) => sum + each, 0) / channels.length;
  });
}

function similarityOf(x: Float64Array, y: Float64Array, width: number): number {
  const local = (values: Float64Array): Float64Array => windowed(values, width);
  const product = (p: Float64Array, q: Float64Array): Float64Array =>
    local(p.map((value, k) => value * (q[k] ?? 0)));
  const [mx, my] = [local(x), local(y)];
  const [xx, yy, xy] = [product(x, x), product(y, y), product(x, y)];
  const sum = mx.reduce((total, meanX, k) => {
    const meanY = my[k] ?? 0;
    const both = (xy[k] ?? 0) - meanX * meanY;
    const spread = (xx[k] ?? 0) - meanX * meanX + (yy[k] ?? 0) - meanY * meanY;
    const means = (2 * meanX * meanY + C1) / (meanX * meanX + meanY * meanY + C1);
    return total + (means * (2 * both + C2)) / (spread + C2);
  }, 0);
  return sum / mx.length;
}

/** Returns the weighted mean of each whole window: float64 [(height - 10) (width - 10)]. */
function windowed(values: Float64Array, width: number): Float64Array {
  const height = values.length / width;
  const inner = width - 2 * RADIUS;
  const across = new Float64Array(height * inner);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < inner; x++) {
      let sum = 0;
      WINDOW.forEach((weight, k) => (sum += weight * (values[y * width + x + k] ?? 0)));
      across[y * inner + x] = sum;
    }
  }
  const whole = height - 2 * RADIUS;
  const both = new Float64Array(whole * inner);
  for (let y = 0; y < whole; y++) {
    for (let x = 0; x < inner; x++) {
      let sum = 0;
      WINDOW.forEach((weight, k) => (sum += weight * (across[(y + k) * inner + x] ?? 0)));
      both[y * inner + x] = sum;
    }
  }
  return both;
}

function checkPair(where: string, a: SizedImages, b: SizedImages): void {
  const [first, second] = [a, b].map(({ size, width = size }) => sidesText(width, size));
  if (a.count === b.count && first === second && a.pixels.length === b.pixels.length) return;
  throw new ShapeError(
    `${where}: both must be as many images of one size, but got ${a.count} of ${first} px and ${b.count} of ${second} px. Scale them first.`,
  );
}
