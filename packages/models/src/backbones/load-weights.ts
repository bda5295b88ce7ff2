import * as tf from '@tensorflow/tfjs';
import { DataError, type NamedArray } from '@janus/core';
import { blocksOf, cutAfter } from './backbones.js';

/**
 * Returns a backbone up to the last block whose weights are all there: the backbone itself where none is missing, or
 * nothing is left. It shares the backbone's weights: dispose one of them only.
 */
export function cutToWeights(
  backbone: tf.LayersModel,
  arrays: ReadonlyMap<string, NamedArray>,
): tf.LayersModel {
  const first = backbone.layers.find((layer) =>
    layer.weights.some((weight) => !arrays.has(nameOf(layer, weight))),
  );
  const blocks = blocksOf(backbone);
  const last = first === undefined ? -1 : blocks.indexOf(first.name.split('_')[0] ?? '') - 1;
  const block = blocks[last];
  return block === undefined ? backbone : cutAfter(backbone, block);
}

const nameOf = (layer: tf.layers.Layer, weight: tf.LayerVariable): string =>
  `${layer.name}/${weight.originalName.split('/').at(-1) ?? ''}`;

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
      const name = nameOf(layer, weight);
      const array = arrays.get(name);
      const shape = weight.shape.map(Number);
      if (array?.shape.join() !== shape.join()) {
        const found = array === undefined ? 'it is missing' : `it is [${array.shape.join()}]`;
        throw new DataError(
          `${where}: ${backbone.name} needs ${name} [${shape.join()}], but ${found}. Pass a whole weights file of ${backbone.name}, or cut the network before that layer.`,
          { path: where },
        );
      }
      return tf.tensor(array.data, shape, 'float32');
    });
    layer.setWeights(tensors);
    tf.dispose(tensors);
  }
}
