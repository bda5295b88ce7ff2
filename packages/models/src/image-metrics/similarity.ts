/** How alike two images are, pixel by pixel: what a cycle keeps. */
import { ShapeError } from '@janus/core';
import type { SquareImages } from '../features.js';

/** Largest value of a uint8 pixel. */
const PEAK = 255;

/**
 * Returns the peak signal-to-noise ratio of each pair of images in decibels: 10 log10(255^2 / mean squared difference);
 * Infinity for equal ones.
 *
 * @param a uint8 [N, size, size, 3]
 * @param b the same shape
 * @throws ShapeError when the shapes differ
 */
export function peakSignalToNoise(a: SquareImages, b: SquareImages): readonly number[] {
  checkPair('peakSignalToNoise', a, b);
  const each = a.size * a.size * 3;
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
 * @param a uint8 [N, size, size, 3], size at least 11
 * @param b the same shape
 * @throws ShapeError when the shapes differ, or the images are smaller than the window
 *
 * Source: Wang et al. 2004, IEEE Trans. Image Process. 13, equations 13 to 17.
 */
export function structuralSimilarity(a: SquareImages, b: SquareImages): readonly number[] {
  checkPair('structuralSimilarity', a, b);
  const { size } = a;
  if (size < WINDOW.length) {
    throw new ShapeError(
      `structuralSimilarity: images must be at least ${WINDOW.length} px wide, the window, but are ${size}. Scale them up.`,
    );
  }
  const plane = (images: SquareImages, i: number, c: number): Float64Array =>
    Float64Array.from(
      { length: size * size },
      (_, k) => images.pixels[(i * size * size + k) * 3 + c] ?? 0,
    );
  return Array.from({ length: a.count }, (_, i) => {
    const channels = [0, 1, 2].map((c) => similarityOf(plane(a, i, c), plane(b, i, c), size));
    return channels.reduce((sum, each) => sum + each, 0) / channels.length;
  });
}

function similarityOf(x: Float64Array, y: Float64Array, size: number): number {
  const local = (values: Float64Array): Float64Array => windowed(values, size);
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

/** Returns the weighted mean of each whole window: float64 [(size - 10)^2]. */
function windowed(values: Float64Array, size: number): Float64Array {
  const inner = size - 2 * RADIUS;
  const across = new Float64Array(size * inner);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < inner; x++) {
      let sum = 0;
      WINDOW.forEach((weight, k) => (sum += weight * (values[y * size + x + k] ?? 0)));
      across[y * inner + x] = sum;
    }
  }
  const both = new Float64Array(inner * inner);
  for (let y = 0; y < inner; y++) {
    for (let x = 0; x < inner; x++) {
      let sum = 0;
      WINDOW.forEach((weight, k) => (sum += weight * (across[(y + k) * inner + x] ?? 0)));
      both[y * inner + x] = sum;
    }
  }
  return both;
}

function checkPair(where: string, a: SquareImages, b: SquareImages): void {
  if (a.count === b.count && a.size === b.size && a.pixels.length === b.pixels.length) return;
  throw new ShapeError(
    `${where}: both must be as many images of one size, but got ${a.count} of ${a.size} px and ${b.count} of ${b.size} px. Scale them first.`,
  );
}
