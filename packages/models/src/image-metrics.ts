import * as tf from '@tensorflow/tfjs';
import { OptionsError } from '@janus/core';
import type { Features } from './features.js';

/**
 * Returns a backbone extended to one embedding per image: its last feature maps averaged over
 * positions, float32 [B, C]. It shares the backbone's weights; dispose only one of the two.
 */
export function averagedBackbone(backbone: tf.LayersModel): tf.LayersModel {
  const pooled = tf.layers
    .globalAveragePooling2d({ name: 'embedding' })
    .apply(backbone.outputs) as tf.SymbolicTensor;
  return tf.model({ inputs: backbone.inputs, outputs: pooled, name: `${backbone.name}_embedding` });
}

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
  const within = (set: Features): number =>
    meanKernel(set, set, { length, skipSame: true, pairs: set.count * (set.count - 1) });
  const across = meanKernel(a, b, { length, skipSame: false, pairs: a.count * b.count });
  return within(a) + within(b) - 2 * across;
}

/**
 * Returns features scaled to norm `sqrt(d)` per image, so that the kernel of two equal ones is 8
 * whatever the scale of the network; distances then lie between 0 and about 7.
 *
 * @param features float32 [N, d]; a zero vector stays zero
 * @returns float32 [N, d], a new array
 */
export function unitFeatures(features: Features): Features {
  const length = lengthOf(features);
  const data = new Float32Array(features.data.length);
  for (let i = 0; i < features.count; i++) {
    const row = features.data.subarray(i * length, (i + 1) * length);
    const norm = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    if (norm === 0) continue;
    row.forEach((value, k) => (data[i * length + k] = (value * Math.sqrt(length)) / norm));
  }
  return { ...features, data };
}

function lengthOf({ shape }: Features): number {
  return shape.reduce((product, size) => product * size, 1);
}

interface Pairs {
  readonly length: number;
  readonly skipSame: boolean;
  readonly pairs: number;
}

function meanKernel(a: Features, b: Features, { length, skipSame, pairs }: Pairs): number {
  let sum = 0;
  for (let i = 0; i < a.count; i++) {
    for (let j = 0; j < b.count; j++) {
      if (skipSame && i === j) continue;
      let product = 0;
      for (let k = 0; k < length; k++) {
        product += (a.data[i * length + k] ?? 0) * (b.data[j * length + k] ?? 0);
      }
      sum += (product / length + 1) ** 3;
    }
  }
  return sum / pairs;
}
