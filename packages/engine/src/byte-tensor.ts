/** Tensors of bytes, such as pixels, which reach a compiled step as a quarter of the memory. */
import * as tf from '@tensorflow/tfjs';
import { ShapeError } from '@janus/core';
import type { JanusBackend } from './native/native-backend.js';
import { DATA_TYPE } from './native/tensorflow-types.js';

/**
 * Returns whole numbers from 0 to 255 as a tensor. On the `tensorflow` engine a compiled step that gets it as an input is
 * handed the bytes, and makes floats of them where it computes; anything else that uses it sees float32 at once. The bytes
 * are not copied before that: leave them as they are until the step has run.
 *
 * @returns float32 of `shape`; the caller disposes it
 * @throws ShapeError when the shape has another number of elements
 */
export function byteTensor(values: Uint8Array, shape: readonly number[]): tf.Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  if (size !== values.length) {
    throw new ShapeError(
      `byteTensor: [${shape.join()}] has ${size} elements, but there are ${values.length} bytes. Give the shape that they are of.`,
    );
  }
  const floats = (): Float32Array => new Float32Array(values);
  const backend = tf.backend() as Partial<JanusBackend>;
  const { bytes, elsewhere, tensorMap } = backend;
  if (bytes === undefined || elsewhere === undefined || tensorMap === undefined) {
    return tf.tensor(floats(), [...shape], 'float32');
  }
  const dataId = {};
  const dtype = DATA_TYPE.float32;
  tensorMap.set(dataId, { shape, dtype, id: -1, values: null, refCount: 1 });
  elsewhere.set(dataId, floats);
  bytes.set(dataId, values);
  const info = { dataId, shape: [...shape], dtype: 'float32' as const };
  return tf.engine().makeTensorFromTensorInfo(info);
}
