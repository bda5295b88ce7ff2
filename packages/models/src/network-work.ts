/** How much a network has to compute: what a training's time is estimated from. */
import type * as tf from '@tensorflow/tfjs';

/** A pass with the gradients of its weights and its input: three times the work of the pass alone. */
export const TRAINED = 3;
/** A pass with the gradient of its input alone. */
export const PASSED_THROUGH = 2;

/** What computing takes, whatever computes it. */
export interface Work {
  /** Floating-point operations of convolutions and dense layers: two for a multiplication and its sum. */
  readonly operations: number;
  /** Numbers that layers write: what normalisations and activations wait for, memory more than arithmetic. */
  readonly numbers: number;
}

/** Returns the work of several things, each times its factor. */
export function sumOfWork(parts: readonly (readonly [Work, number])[]): Work {
  return {
    operations: parts.reduce((sum, [work, factor]) => sum + work.operations * factor, 0),
    numbers: parts.reduce((sum, [work, factor]) => sum + work.numbers * factor, 0),
  };
}

/** Returns the work of passing one image, or row of features, through a network once. */
export function workOf(network: tf.LayersModel): Work {
  let [operations, numbers] = [0, 0];
  for (const layer of network.layers) {
    const outputs = sizeOf(layer.outputShape as tf.Shape);
    numbers += outputs;
    const [kernel] = layer.weights;
    if (kernel === undefined || kernel.shape.length < 2) continue;
    const weights = sizeOf([null, ...kernel.shape]);
    // A convolution applies its kernel at each place of its output, a transposed one at each of its input;
    // the last two axes of a kernel are the channels of the two.
    const isTransposed = layer.getClassName().includes('Transpose');
    const places = isTransposed
      ? placesOf(layer.inputSpec.length > 0 ? (layer.input as tf.SymbolicTensor).shape : [])
      : placesOf(layer.outputShape as tf.Shape);
    operations += 2 * weights * places;
  }
  return { operations, numbers };
}

const sizeOf = (shape: tf.Shape): number =>
  shape.slice(1).reduce<number>((product, side) => product * (side ?? 1), 1);

const placesOf = (shape: tf.Shape): number => sizeOf(shape.slice(0, -1));
