/** Features brought to mean 0 and deviation 1, by the statistics of the training images. */
import * as tf from '@tensorflow/tfjs';
import type { Features } from './features.js';

/** The layer's name in a classifier. */
const NAME = 'standardise';

/**
 * A layer that subtracts a mean from each column and multiplies it by a scale: float32 [B, D] -> float32 [B, D]. Both are
 * weights that no training changes, so that they go where the model goes.
 */
export class Standardise extends tf.layers.Layer {
  static readonly className: string = 'Standardise';
  private mean: tf.LayerVariable | undefined;
  private scale: tf.LayerVariable | undefined;

  constructor(config: { readonly name?: string } = {}) {
    super(config);
  }

  override build(inputShape: tf.Shape | tf.Shape[]): void {
    const columns = (inputShape as tf.Shape).slice(-1);
    const add = (name: string, initializer: 'zeros' | 'ones'): tf.LayerVariable =>
      this.addWeight(name, columns, 'float32', tf.initializers[initializer](), undefined, false);
    this.mean = add('mean', 'zeros');
    this.scale = add('scale', 'ones');
    this.built = true;
  }

  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    return inputShape as tf.Shape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0] : inputs;
    const { mean, scale } = this;
    if (x === undefined || mean === undefined || scale === undefined) {
      throw new Error('a layer was called without an input');
    }
    return tf.tidy(() => tf.mul(tf.sub(x, mean.read()), scale.read()));
  }
}

/** Returns the layer of a classifier's head. */
export const standardiseLayer = (): Standardise => new Standardise({ name: NAME });

/** The mean of each column of features, and what brings its deviation to 1; 0 for a column that never changes. */
export interface ColumnScales {
  readonly means: Float32Array;
  readonly scales: Float32Array;
}

/** Returns the statistics of features, float32 [N, D]. */
export function columnScales({ data, count }: Features): ColumnScales {
  const columns = data.length / count;
  const means = new Float64Array(columns);
  data.forEach((value, at) => {
    means[at % columns] = (means[at % columns] ?? 0) + value / count;
  });
  const squares = new Float64Array(columns);
  data.forEach((value, at) => {
    const distance = value - (means[at % columns] ?? 0);
    squares[at % columns] = (squares[at % columns] ?? 0) + (distance * distance) / count;
  });
  return {
    means: Float32Array.from(means),
    scales: Float32Array.from(squares, (square) => (square === 0 ? 0 : 1 / Math.sqrt(square))),
  };
}

/** Returns features as the layer makes them of these. */
export function standardised(features: Features, { means, scales }: ColumnScales): Features {
  const columns = means.length;
  const data = features.data.map(
    (value, at) => (value - (means[at % columns] ?? 0)) * (scales[at % columns] ?? 0),
  );
  return { ...features, data };
}

/** Sets the statistics of a head that begins with the layer; copies them. */
export function setColumnScales(head: tf.LayersModel, { means, scales }: ColumnScales): void {
  tf.tidy(() => {
    head.getLayer(NAME).setWeights([tf.tensor1d(means), tf.tensor1d(scales)]);
  });
}
