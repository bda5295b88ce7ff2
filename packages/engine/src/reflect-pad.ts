import * as tf from '@tensorflow/tfjs';
import { ShapeError } from '@janus/core';
import { correctGradients } from './correct-gradients.js';
import { gpuInUse } from './native/gpu-in-use.js';
import { reflectNatively } from './native/native-image-ops.js';

/**
 * Returns `x` with its border mirrored outwards; the edge pixels are not repeated.
 *
 * @param x float32 [B, H, W, C], any range
 * @param padding pixels on each side, below H and W
 * @returns float32 [B, H + 2 padding, W + 2 padding, C]; the caller disposes it
 * @throws ShapeError when `padding` is not below H and W
 */
export function reflectPad(x: tf.Tensor4D, padding: number): tf.Tensor4D {
  const [, height, width] = x.shape;
  if (padding >= height || padding >= width) {
    throw new ShapeError(
      `reflectPad: padding must be below height and width, but got ${padding} for an image of ${height}x${width}. Use larger images.`,
    );
  }
  if (tf.getBackend() === 'tensorflow' && gpuInUse() === undefined) {
    const padded = reflectNatively(x, padding);
    if (padded !== undefined) return padded;
  }
  correctGradients(); // in a browser nothing else does
  return tf.mirrorPad(
    x,
    [
      [0, 0],
      [padding, padding],
      [padding, padding],
      [0, 0],
    ],
    'reflect',
  );
}
