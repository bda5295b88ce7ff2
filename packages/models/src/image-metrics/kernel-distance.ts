import { OptionsError, Z_95, type Interval } from '@janus/core';
import type { Features } from '../features.js';
import { lengthOf } from './embedding.js';

/**
 * Returns the kernel distance (KID) between two sets of images: the unbiased estimate, over all pairs,
 * of the squared maximum mean discrepancy of their features under the kernel `(x.y / d + 1)^3`.
 *
 * Unbiased means that two samples of one distribution give 0 on average, so some values lie slightly
 * below 0; they are not clamped. This makes it suitable for small test sets, where the Fréchet distance
 * is biased upwards. Values are comparable only for the same feature network and image size: print
 * both beside the value.
 *
 * @param a float32 [N, d], N at least 2; feature maps are flattened
 * @param b float32 [M, d], M at least 2
 * @throws OptionsError when a set has fewer than 2 images, or the features differ in length
 *
 * Source: Bińkowski et al. 2018, arXiv 1801.01401, section 4 and appendix C.
 */
export function kernelDistance(a: Features, b: Features): number {
  const { within, across } = kernelsOf(a, b);
  return estimate(within, across);
}

/**
 * Returns the {@link kernelDistance} with its 95 % interval: the jackknife over the images of both sets, which needs no
 * further kernel. Near 0 the interval is only about right, since there the estimate is not normally distributed.
 *
 * @param a float32 [N, d], N at least 3
 * @param b float32 [M, d], M at least 3
 * @throws OptionsError when a set has fewer than 3 images, or the features differ in length
 *
 * Source: Arvesen 1969, Ann. Math. Statist. 40, the jackknife of two-sample U-statistics.
 */
export function kernelDistanceInterval(a: Features, b: Features): Interval {
  if (Math.min(a.count, b.count) < 3) {
    throw new OptionsError(
      `kernelDistanceInterval: each set must have at least 3 images, but got ${a.count} and ${b.count}. Pass more images.`,
    );
  }
  const { within, across } = kernelsOf(a, b);
  const value = estimate(within, across);
  const variance = [0, 1].reduce((sum, set) => {
    const n = (set === 0 ? a : b).count;
    const without = Array.from({ length: n }, (_, i) => withoutImage({ within, across }, set, i));
    const mean = without.reduce((total, each) => total + each, 0) / n;
    const squares = without.reduce((total, each) => total + (each - mean) ** 2, 0);
    return sum + ((n - 1) / n) * squares;
  }, 0);
  const half = Z_95 * Math.sqrt(variance);
  return { value, low: value - half, high: value + half };
}

/** Sums of kernels, with the share of each image in them. */
interface KernelSums {
  readonly total: number;
  /** Of each image of the first set with all of the second. */
  readonly first: Float64Array;
  /** Of each image of the second set with all of the first. */
  readonly second: Float64Array;
}

interface Kernels {
  /** Of either set with itself, an image with itself left out. */
  readonly within: readonly [KernelSums, KernelSums];
  readonly across: KernelSums;
}

function kernelsOf(a: Features, b: Features): Kernels {
  const length = lengthOf(a);
  if (a.count < 2 || b.count < 2) {
    throw new OptionsError(
      `kernelDistance: each set must have at least 2 images, but got ${a.count} and ${b.count}. Pass more images.`,
    );
  }
  if (lengthOf(b) !== length) {
    throw new OptionsError(
      `kernelDistance: both sets must have features of the same length, but got ${length} and ${lengthOf(b)}. Compute both with the same network at the same size.`,
    );
  }
  return { within: [sumsOf(a, a), sumsOf(b, b)], across: sumsOf(a, b) };
}

function sumsOf(a: Features, b: Features): KernelSums {
  const length = lengthOf(a);
  const first = new Float64Array(a.count);
  const second = new Float64Array(b.count);
  let total = 0;
  for (let i = 0; i < a.count; i++) {
    for (let j = 0; j < b.count; j++) {
      if (a === b && i === j) continue;
      let product = 0;
      for (let k = 0; k < length; k++) {
        product += (a.data[i * length + k] ?? 0) * (b.data[j * length + k] ?? 0);
      }
      const kernel = (product / length + 1) ** 3;
      first[i] = (first[i] ?? 0) + kernel;
      second[j] = (second[j] ?? 0) + kernel;
      total += kernel;
    }
  }
  return { total, first, second };
}

function estimate([a, b]: Kernels['within'], across: KernelSums): number {
  const [n, m] = [a.first.length, b.first.length];
  return a.total / (n * (n - 1)) + b.total / (m * (m - 1)) - (2 * across.total) / (n * m);
}

/** Returns the estimate without one image of a set. */
function withoutImage({ within, across }: Kernels, set: number, image: number): number {
  const own = within[set === 0 ? 0 : 1];
  const other = within[set === 0 ? 1 : 0];
  const [n, m] = [own.first.length - 1, other.first.length];
  const ownTotal = own.total - 2 * (own.first[image] ?? 0);
  const acrossTotal = across.total - ((set === 0 ? across.first : across.second)[image] ?? 0);
  return ownTotal / (n * (n - 1)) + other.total / (m * (m - 1)) - (2 * acrossTotal) / (n * m);
}
