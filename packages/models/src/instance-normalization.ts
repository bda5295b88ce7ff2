import * as tf from '@tensorflow/tfjs';
import { INSTANCE_NORM_EPSILON } from '@janus/engine';

/** Options of {@link InstanceNormalization}, as they are saved in `model.json`. */
export interface InstanceNormalizationConfig {
  readonly name?: string;
  /** Inside the root; default 1e-5, as in the CycleGAN reference. */
  readonly epsilon?: number;
}

/**
 * Returns `x` with mean 0 and variance 1 over the pixels of each picture and channel. The gradient is
 * its closed form, s (dy - mean(dy) - y mean(y dy)) with s the scale: half the operations of what
 * differentiation by parts gives, and a fifth off a training step.
 *
 * @param x float32 [B, H, W, C]
 * @returns float32 [B, H, W, C]; the caller disposes it
 */
function normalisePictures(x: tf.Tensor4D, epsilon: number): tf.Tensor4D {
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

/**
 * A layer that gives each picture and channel mean 0 and variance 1; it has no weights.
 *
 * Source: Ulyanov et al. 2016, arXiv 1607.08022; without scale and offset as in the CycleGAN
 * reference (`affine=False`).
 */
export class InstanceNormalization extends tf.layers.Layer {
  static readonly className: string = 'InstanceNormalization';
  private readonly epsilon: number;

  constructor(config: InstanceNormalizationConfig = {}) {
    super(config);
    this.epsilon = config.epsilon ?? INSTANCE_NORM_EPSILON;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0] : inputs;
    return normalisePictures(x as tf.Tensor4D, this.epsilon);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), epsilon: this.epsilon };
  }
}
