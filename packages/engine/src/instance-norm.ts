import * as tf from '@tensorflow/tfjs';
import { normaliseEach } from './native/fused-instance-norm.js';
import { gpuInUse } from './native/gpu-in-use.js';
import { normaliseNatively } from './native/native-image-ops.js';

/** Default epsilon of {@link instanceNorm}: PyTorch's, which the CycleGAN reference uses. */
export const INSTANCE_NORM_EPSILON = 1e-5;

/** Options of {@link instanceNorm}. */
export interface InstanceNormOptions {
  /** Added to the variance under the root, above 0; default {@link INSTANCE_NORM_EPSILON}. */
  readonly epsilon?: number;
  /**
   * Slope, for negative values, of the activation that follows: 0 is a ReLU, 0.2 a leaky ReLU; default
   * 1, no activation.
   */
  readonly slope?: number;
}

/** Up to this batch size images are normalised one by one on a GPU; larger batches are faster together. */
const MAX_SINGLE = 2;

/**
 * Normalises each image and channel to mean 0 and (biased) variance 1 over its pixels, then applies
 * the activation, without learned scale or offset. On the `tensorflow` engine this is one
 * operation (two passes over the image forwards, two backwards). Elsewhere the gradient is the closed
 * form s (dy - mean(dy) - y mean(y dy)), where s is the scale: half the operations of the chain rule.
 *
 * @param x float32 [B, H, W, C], any range
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
