import * as tf from '@tensorflow/tfjs';
import { INSTANCE_NORM_EPSILON, instanceNorm } from '@janus/engine';

/** Options of {@link InstanceNormalization}, as they are saved in `model.json`. */
export interface InstanceNormalizationConfig {
  readonly name?: string;
  /** Inside the root; default 1e-5, as in the CycleGAN reference. */
  readonly epsilon?: number;
  /** Slope below 0 of an activation behind it: default 1, none; 0 is a ReLU. */
  readonly slope?: number;
}

/**
 * A layer that gives each picture and channel mean 0 and variance 1, and then the activation; it has
 * no weights.
 *
 * Source: Ulyanov et al. 2016, arXiv 1607.08022; without scale and offset as in the CycleGAN
 * reference (`affine=False`).
 */
export class InstanceNormalization extends tf.layers.Layer {
  static readonly className: string = 'InstanceNormalization';
  private readonly epsilon: number;
  private readonly slope: number;

  constructor(config: InstanceNormalizationConfig = {}) {
    super(config);
    this.epsilon = config.epsilon ?? INSTANCE_NORM_EPSILON;
    this.slope = config.slope ?? 1;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0] : inputs;
    return instanceNorm(x as tf.Tensor4D, { epsilon: this.epsilon, slope: this.slope });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), epsilon: this.epsilon, slope: this.slope };
  }
}
