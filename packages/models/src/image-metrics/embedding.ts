/** One row of numbers per image: what sets of images are compared by. */
import * as tf from '@tensorflow/tfjs';
import type { Features } from '../features.js';

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

/** Returns how many numbers each image has. */
export function lengthOf({ shape }: Features): number {
  return shape.reduce((product, size) => product * size, 1);
}
