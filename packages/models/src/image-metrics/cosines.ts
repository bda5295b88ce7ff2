import { OptionsError } from '@janus/core';
import type { Features } from '../features.js';
import { lengthOf } from './embedding.js';

/** Two images: the place of one in the first set, and of one in the second. */
export type ImagePair = readonly [first: number, second: number];

/**
 * Returns the cosine of the angle between the features of each pair, -1 to 1; 0 where one of them is all zeros.
 *
 * @param a float32 [N, ...]
 * @param b float32 [M, ...], features of the same length
 * @param pairs one place of each
 * @throws OptionsError when the features differ in length
 */
export function featureCosines(
  a: Features,
  b: Features,
  pairs: readonly ImagePair[],
): readonly number[] {
  const length = lengthOf(a);
  if (lengthOf(b) !== length) {
    throw new OptionsError(
      `featureCosines: both sets must have features of the same length, but got ${length} and ${lengthOf(b)}. Compute both with one network.`,
    );
  }
  return pairs.map(([i, j]) => {
    let [product, first, second] = [0, 0, 0];
    for (let k = 0; k < length; k++) {
      const x = a.data[i * length + k] ?? 0;
      const y = b.data[j * length + k] ?? 0;
      product += x * y;
      first += x * x;
      second += y * y;
    }
    return first === 0 || second === 0 ? 0 : product / Math.sqrt(first * second);
  });
}
