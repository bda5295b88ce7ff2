import * as tf from '@tensorflow/tfjs';

/** Inside the root, as PyTorch and the CycleGAN reference have it. */
export const INSTANCE_NORM_EPSILON = 1e-5;

/**
 * Returns `x` with mean 0 and (biased) variance 1 over the pixels of each picture and channel; no
 * learned scale or offset.
 *
 * @param x float32 [B, H, W, C]
 * @param epsilon added to the variance inside the root
 * @returns float32 [B, H, W, C]; the caller disposes it
 * Source: Ulyanov et al. 2016, arXiv 1607.08022.
 */
export function instanceNorm(x: tf.Tensor4D, epsilon: number = INSTANCE_NORM_EPSILON): tf.Tensor4D {
  return tf.tidy(() => {
    const centred = tf.sub(x, tf.mean(x, [1, 2], true));
    const variance = tf.mean(tf.square(centred), [1, 2], true); // [B, 1, 1, C]
    return tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon)));
  });
}
