import * as tf from '@tensorflow/tfjs';

/**
 * A layer of two inputs, a picture and a change in [-1, 1]: returns the picture plus twice the
 * change, cut to [-1, 1], so that any pixel can become any other. It has no weights.
 */
export class ClippedSum extends tf.layers.Layer {
  static readonly className: string = 'ClippedSum';

  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    return (inputShape as tf.Shape[])[0] ?? [];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const [picture, change] = inputs as [tf.Tensor, tf.Tensor];
    return tf.tidy(() => tf.clipByValue(tf.add(picture, tf.mul(change, 2)), -1, 1));
  }
}
