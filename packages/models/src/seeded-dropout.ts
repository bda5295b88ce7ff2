import * as tf from '@tensorflow/tfjs';
import { dropoutMask } from '@janus/engine';

/**
 * Dropout whose mask is a function of a seed that the train step sets before each update. (tfjs's own
 * layer repeats one mask for ever when it is given a seed, and none repeats when it is not.) It is
 * saved under Keras' name, so that an exported model loads anywhere.
 */
export class SeededDropout extends tf.layers.Layer {
  static readonly className = 'Dropout';
  readonly rate: number;
  /** int32 [2], of the next mask; whoever sets it disposes it. */
  maskSeed: tf.Tensor | undefined;

  constructor(options: { readonly name: string; readonly rate: number }) {
    super({ name: options.name });
    this.rate = options.rate;
  }

  override call(
    inputs: tf.Tensor | tf.Tensor[],
    kwargs: { readonly training?: boolean },
  ): tf.Tensor {
    return tf.tidy(() => {
      const x = Array.isArray(inputs) ? inputs[0] : inputs;
      if (x === undefined) throw new Error('a dropout layer was called without an input');
      if (kwargs.training !== true || this.rate === 0) return tf.clone(x);
      if (this.maskSeed === undefined) throw new Error(`${this.name}: no seed of a mask was set`);
      const keep = dropoutMask(x.shape, this.rate, this.maskSeed);
      return tf.mul(x, tf.div(keep, 1 - this.rate));
    });
  }

  override computeOutputShape(inputShape: tf.Shape): tf.Shape {
    return inputShape;
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), rate: this.rate };
  }
}

/**
 * Returns what `work` does while every dropout layer of a model has a seed of its own for its mask.
 *
 * @param seed int32 scalar, another one each step
 */
export function withMaskSeed<T>(model: tf.LayersModel, seed: tf.Tensor, work: () => T): T {
  const layers = model.layers.filter((layer) => layer instanceof SeededDropout);
  layers.forEach((layer, i) => {
    layer.maskSeed = tf.stack([seed, tf.scalar(i, 'int32')]);
  });
  try {
    return work();
  } finally {
    for (const layer of layers) {
      layer.maskSeed?.dispose();
      layer.maskSeed = undefined;
    }
  }
}
