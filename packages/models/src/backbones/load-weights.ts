import * as tf from '@tensorflow/tfjs';
import { DataError, type NamedArray } from '@janus/core';

/**
 * Sets the weights of a backbone's layers to named arrays (`<layer>/kernel` in HWIO order,
 * `<layer>/bias`).
 *
 * @param where what the arrays were read from, for the error
 * @throws DataError naming the first layer that is missing or of another shape
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
          `${where}: ${backbone.name} needs ${name} [${shape.join()}], but ${found}. Is this another network's file?`,
          { path: where },
        );
      }
      return tf.tensor(array.data, shape, 'float32');
    });
    layer.setWeights(tensors);
    tf.dispose(tensors);
  }
}
