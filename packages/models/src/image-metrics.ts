import * as tf from '@tensorflow/tfjs';
import { OptionsError } from '@janus/core';
import type { Features } from './features.js';

/**
 * Returns a backbone that ends in one vector an image: its last maps, averaged over positions. It
 * shares the backbone's weights; dispose one of the two.
 */
export function averagedBackbone(backbone: tf.LayersModel): tf.LayersModel {
  const pooled = tf.layers
    .globalAveragePooling2d({ name: 'embedding' })
    .apply(backbone.outputs) as tf.SymbolicTensor;
  return tf.model({ inputs: backbone.inputs, outputs: pooled, name: `${backbone.name}_embedding` });
}

/**
 * Returns the kernel distance between two sets of images: the squared maximum mean discrepancy
 * of their features under the cubic kernel `(x.y / d + 1)^3`, unbiased, over all pairs.
 *
 * Unbiased means that two samples of one distribution give 0 on average, and now and then a little
 * less than 0; nothing is clamped. That makes it the distance for small test sets, where the
 * Fréchet distance is biased upwards. Values compare only over the same feature network and
 * image size, so print those beside them.
 *
 * @param a float32 [N, d], N at least 2; maps are taken as one long vector
 * @param b float32 [M, d], M at least 2
 * @throws OptionsError when a set has fewer than 2 images, or the lengths of the features differ
 *
 * Source: Bińkowski et al. 2018, arXiv 1801.01401, section 4 and appendix C.
 */
export function kernelDistance(a: Features, b: Features): number {
  const length = lengthOf(a);
  if (a.count < 2 || b.count < 2) {
    throw new OptionsError(
      `kernelDistance: each set must have at least 2 images, but got ${a.count} and ${b.count}. Give more.`,
    );
  }
  if (lengthOf(b) !== length) {
    throw new OptionsError(
      `kernelDistance: both sets must have features of one length, but got ${length} and ${lengthOf(b)}. Compute both with one network at one size.`,
    );
  }
  const within = (set: Features): number =>
    meanKernel(set, set, { length, skipSame: true, pairs: set.count * (set.count - 1) });
  const across = meanKernel(a, b, { length, skipSame: false, pairs: a.count * b.count });
  return within(a) + within(b) - 2 * across;
}

/**
 * Returns features of which each image's has length `sqrt(d)`, so that the kernel of two equal
 * ones is 8 whatever the network's scale: distances then lie between 0 and about 7.
 *
 * @param features float32 [N, d]; a vector of zeros stays one
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
