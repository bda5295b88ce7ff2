import { OptionsError } from '@janus/core';
import type { Features } from '../features.js';
import { lengthOf } from './embedding.js';

/** How two sets of images lie among each other. */
export interface Neighbourhoods {
  /** Share of fakes that lie in the neighbourhood of a real image, 0 to 1: they look real. */
  readonly precision: number;
  /** Share of real images that lie in the neighbourhood of a fake, 0 to 1: the fakes are as varied. */
  readonly recall: number;
  /** Mean number of real images' neighbourhoods that a fake lies in, over k; about 1 for real images. Few outliers change it. */
  readonly density: number;
  /** Share of real images that have a fake in their neighbourhood, 0 to 1. */
  readonly coverage: number;
}

/**
 * Compares two sets of features by neighbourhoods: an image's reaches to its k-th nearest image of the same set, and that
 * one lies outside.
 *
 * @param real float32 [N, d], N above k
 * @param fake float32 [M, d], M above k
 * @param k default 5, as in Naeem et al.; Kynkäänniemi et al. take 3
 * @throws OptionsError when a set is too small, or the features differ in length
 *
 * Source: Kynkäänniemi et al. 2019, arXiv 1904.06991 (precision and recall); Naeem et al. 2020, arXiv 2002.09797 (density
 * and coverage).
 */
export function neighbourhoods(real: Features, fake: Features, k = 5): Neighbourhoods {
  if (Math.min(real.count, fake.count) <= k) {
    throw new OptionsError(
      `neighbourhoods: each set must have more than k = ${k} images, but got ${real.count} and ${fake.count}. Pass more images, or a smaller k.`,
    );
  }
  if (lengthOf(real) !== lengthOf(fake)) {
    throw new OptionsError(
      `neighbourhoods: both sets must have features of the same length, but got ${lengthOf(real)} and ${lengthOf(fake)}. Compute both with one network.`,
    );
  }
  const radiusOfReal = radii(real, k);
  const radiusOfFake = radii(fake, k);
  const around = new Float64Array(fake.count);
  let covered = 0;
  let recalled = 0;
  for (let i = 0; i < real.count; i++) {
    const distances = squaredDistances(real, i, fake);
    const radius = radiusOfReal[i] ?? 0;
    distances.forEach((distance, j) => {
      if (distance < radius) around[j] = (around[j] ?? 0) + 1;
    });
    if (distances.some((distance) => distance < radius)) covered += 1;
    if (distances.some((distance, j) => distance < (radiusOfFake[j] ?? 0))) recalled += 1;
  }
  return {
    precision: around.filter((count) => count > 0).length / fake.count,
    recall: recalled / real.count,
    density: around.reduce((sum, count) => sum + count, 0) / (k * fake.count),
    coverage: covered / real.count,
  };
}

/** Returns the squared distance of each image to its k-th nearest other one. */
function radii(set: Features, k: number): readonly number[] {
  return Array.from({ length: set.count }, (_, i) => {
    const others = squaredDistances(set, i, set).filter((_each, j) => j !== i);
    return others.sort()[k - 1] ?? 0;
  });
}

function squaredDistances(from: Features, i: number, to: Features): Float64Array {
  const length = lengthOf(from);
  return Float64Array.from({ length: to.count }, (_, j) => {
    let sum = 0;
    for (let k = 0; k < length; k++) {
      sum += ((from.data[i * length + k] ?? 0) - (to.data[j * length + k] ?? 0)) ** 2;
    }
    return sum;
  });
}
