import * as tf from '@tensorflow/tfjs';

/**
 * Dropout whose mask is a function of a seed that the train step sets before each update. (tfjs's own
 * layer repeats one mask for ever when it is given a seed, and none repeats when it is not.) It is
 * saved under Keras' name, so that an exported model loads anywhere.
 */
export class SeededDropout extends tf.layers.Layer {
  static readonly className = 'Dropout';
  readonly rate: number;
  /** Of the next mask; any whole number. */
  maskSeed = 0;

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
      const keep = tf.greaterEqual(
        tf.randomUniform(x.shape, 0, 1, 'float32', this.maskSeed),
        this.rate,
      );
      return tf.mul(x, tf.div(tf.cast(keep, 'float32'), 1 - this.rate));
    });
  }

  override computeOutputShape(inputShape: tf.Shape): tf.Shape {
    return inputShape;
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), rate: this.rate };
  }
}

/** Gives every dropout layer of a model the seed of its next mask, each another one. */
export function setMaskSeed(model: tf.LayersModel, seed: number): void {
  model.layers.forEach((layer, i) => {
    if (layer instanceof SeededDropout) layer.maskSeed = (seed + i * 7919) >>> 0;
  });
}
