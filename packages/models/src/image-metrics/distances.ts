/** Distances between images, or their features, one by one. */
import { OptionsError, ShapeError } from '@janus/core';
import type { Features } from '../features.js';

/**
 * Returns the mean absolute difference of each pair of images, 0 to 2 (signed pixels).
 *
 * @param a uint8 [count, ...]
 * @param b uint8 [count, ...]
 * @throws ShapeError when the two differ in length
 */
export function imageDistances(a: Uint8Array, b: Uint8Array, count: number): readonly number[] {
  if (a.length !== b.length) {
    throw new ShapeError(
      `imageDistances: both must hold the same number of pixels, but got ${a.length} and ${b.length}. Scale them to one size.`,
    );
  }
  const each = a.length / count;
  return Array.from({ length: count }, (_, i) => {
    let sum = 0;
    for (let k = i * each; k < (i + 1) * each; k++) sum += Math.abs((a[k] ?? 0) - (b[k] ?? 0));
    return sum / each / 127.5;
  });
}

/**
 * Returns the Euclidean distance of each pair of features.
 *
 * @param a float32 [N, ...]
 * @param b float32 [N, ...]
 * @throws OptionsError when the two differ in number or length
 */
export function featureDistances(a: Features, b: Features): readonly number[] {
  if (a.count !== b.count || a.data.length !== b.data.length) {
    throw new OptionsError(
      `featureDistances: both must have the same shape, but got ${a.count} rows of ${a.data.length} numbers and ${b.count} of ${b.data.length}. Compute both with one network.`,
    );
  }
  const each = a.data.length / a.count;
  return Array.from({ length: a.count }, (_, i) => {
    let sum = 0;
    for (let k = i * each; k < (i + 1) * each; k++) {
      sum += ((a.data[k] ?? 0) - (b.data[k] ?? 0)) ** 2;
    }
    return Math.sqrt(sum);
  });
}
