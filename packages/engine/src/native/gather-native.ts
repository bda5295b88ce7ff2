import * as tf from '@tensorflow/tfjs';
import type { JanusBackend } from './native-backend.js';
import { ATTRIBUTE, dataTypeOf, type OperationAttribute } from './tensorflow-types.js';

const { segment_util: segments } = tf.backend_util;

/**
 * Makes `tf.gather` recordable. tfjs-node's kernel reads the indices first, to report one that is out
 * of range; in a graph TensorFlow does that when the step runs.
 */
export function registerRecordableGather(): void {
  const { kernelFunc } = tf.getKernel(tf.GatherV2, 'tensorflow');
  tf.unregisterKernel(tf.GatherV2, 'tensorflow');
  tf.registerKernel({
    kernelName: tf.GatherV2,
    backendName: 'tensorflow',
    kernelFunc: (given) => {
      const backend = given.backend as JanusBackend;
      if (backend.recorder === undefined) return kernelFunc(given);
      const { x, indices } = given.inputs as unknown as { x: tf.Tensor; indices: tf.Tensor };
      const { axis, batchDims } = given.attrs as unknown as tf.GatherV2Attrs;
      segments.collectGatherOpShapeInfo(x, indices, axis, batchDims); // throws when they disagree
      const type = (name: string, dtype: tf.DataType): OperationAttribute => ({
        name,
        type: ATTRIBUTE.type,
        value: dataTypeOf(dtype),
      });
      const attributes = [
        { name: 'batch_dims', type: ATTRIBUTE.int, value: batchDims },
        type('Tparams', x.dtype),
        type('Tindices', indices.dtype),
        type('Taxis', 'int32'),
      ];
      return tf.tidy(() =>
        backend.executeSingleOutput(tf.GatherV2, attributes, [
          x,
          indices,
          tf.scalar(axis, 'int32'),
        ]),
      );
    },
  });
}
