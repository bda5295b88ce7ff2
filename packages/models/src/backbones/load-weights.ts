import * as tf from '@tensorflow/tfjs';
import { DataError, type NamedArray } from '@janus/core';

/**
 * Sets the weights of a backbone's layers; arrays of other layers are ignored.
 *
 * @param arrays float32: `<layer>/kernel` [kh, kw, in, out] and `<layer>/bias` [out]
 * @param where file that the arrays were read from, for the error message
 * @throws DataError naming the first array that is missing or of another shape
 */
export function setWeights(
  backbone: tf.LayersModel,
  arrays: ReadonlyMap<string, NamedArray>,
  where: string,
): void {
  for (const layer of backbone.layers) {
    if (layer.weights.length === 0) continue;
    const tensors = layer.weights.map((weight) => {
      const part = weight.originalName.split('/').at(-1) ?? '';
      const name = `${layer.name}/${part}`;
      const array = arrays.get(name);
      const shape = weight.shape.map(Number);
      if (array?.shape.join() !== shape.join()) {
        const found = array === undefined ? 'it is missing' : `it is [${array.shape.join()}]`;
        throw new DataError(
          `${where}: ${backbone.name} needs ${name} [${shape.join()}], but ${found}. Pass a weights file of ${backbone.name}.`,
          { path: where },
        );
      }
      return tf.tensor(array.data, shape, 'float32');
    });
    layer.setWeights(tensors);
    tf.dispose(tensors);
  }
}
