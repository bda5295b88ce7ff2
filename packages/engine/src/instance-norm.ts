import * as tf from '@tensorflow/tfjs';
import { normaliseEach } from './native/fused-instance-norm.js';
import { gpuInUse } from './native/gpu-in-use.js';
import { normaliseNatively } from './native/native-image-ops.js';

/** Inside the root, as PyTorch and the CycleGAN reference have it. */
export const INSTANCE_NORM_EPSILON = 1e-5;

/** Options of {@link instanceNorm}. */
export interface InstanceNormOptions {
  /** Added to the variance inside the root; default {@link INSTANCE_NORM_EPSILON}. */
  readonly epsilon?: number;
  /** Slope below 0 of an activation behind the normalisation: default 1, none; 0 is a ReLU. */
  readonly slope?: number;
}

/** Images that are normalised one by one on a GPU; more are cheaper together. */
const MAX_SINGLE = 2;

/**
 * Returns `x` with mean 0 and (biased) variance 1 over the pixels of each image and channel, and
 * then the activation; no learned scale or offset. One operation on the `tensorflow` engine (two
 * passes over the image forwards, two backwards); elsewhere the gradient is the closed form
 * s (dy - mean(dy) - y mean(y dy)), s the scale: half the operations of what differentiation by
 * parts gives.
 *
 * @param x float32 [B, H, W, C]
 * @returns float32 [B, H, W, C]; the caller disposes it
 * Source: Ulyanov et al. 2016, arXiv 1607.08022.
 */
export function instanceNorm(x: tf.Tensor4D, options: InstanceNormOptions = {}): tf.Tensor4D {
  const { epsilon = INSTANCE_NORM_EPSILON, slope = 1 } = options;
  if (tf.getBackend() === 'tensorflow' && gpuInUse() === undefined) {
    return normaliseNatively(x, { epsilon, slope });
  }
  if (slope === 1) return normalised(x, epsilon);
  return tf.tidy(() => {
    const y = normalised(x, epsilon);
    return slope === 0 ? tf.relu(y) : tf.leakyRelu(y, slope);
  });
}

function normalised(x: tf.Tensor4D, epsilon: number): tf.Tensor4D {
  if (tf.getBackend() === 'tensorflow' && x.shape[0] <= MAX_SINGLE)
    return normaliseEach(x, epsilon);
  return tf.customGrad((input, save) => {
    const pixels = input as tf.Tensor4D;
    const centred = tf.sub(pixels, tf.mean(pixels, [1, 2], true));
    const variance = tf.mean(tf.square(centred), [1, 2], true); // [B, 1, 1, C]
    const scale = tf.rsqrt(tf.add(variance, epsilon));
    const value = tf.mul(centred, scale);
    (save as tf.GradSaveFunc)([value, scale]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor =>
      tf.tidy(() => {
        const [y, s] = saved as [tf.Tensor, tf.Tensor];
        const along = tf.mul(y, tf.mean(tf.mul(y, dy), [1, 2], true));
        const rest = tf.sub(tf.sub(dy, tf.mean(dy, [1, 2], true)), along);
        return tf.mul(rest, s);
      });
    return { value, gradFunc };
  })(x) as tf.Tensor4D;
}
