import * as tf from '@tensorflow/tfjs';
import type { NodeBackend } from './native-backend.js';
import { ATTRIBUTE, DATA_TYPE, type OperationAttribute } from './tensorflow-types.js';

/**
 * Instance normalisation of single images by TensorFlow's batch normalisation, which for a batch of one
 * is the same.
 */

let registered = false;

const KERNEL = 'JanusImageNorm';

interface NormAttributes {
  readonly epsilon: number;
}

/** Registers the kernel and its gradient, once per process; the `tensorflow` backend must be registered. */
export function registerImageNorm(): void {
  if (registered) return;
  registered = true;
  tf.registerKernel({
    kernelName: KERNEL,
    backendName: 'tensorflow',
    kernelFunc: ({ inputs, attrs, backend }) => {
      const { x } = inputs as { x: tf.TensorInfo };
      const { epsilon } = attrs as unknown as NormAttributes;
      return tf.tidy(() => {
        const [channels = 1] = x.shape.slice(-1);
        const none = tf.tensor1d([], 'float32');
        return (backend as NodeBackend).executeMultipleOutputs(
          'FusedBatchNormV3',
          attributesOf(epsilon),
          [x, tf.ones([channels]), tf.zeros([channels]), none, none],
          6,
        );
      });
    },
  });
  tf.registerGradient({
    kernelName: KERNEL,
    inputsToSave: ['x'],
    // The outputs are y, batch mean, batch variance and three reserved for the gradient; these are kept.
    outputsToSave: [false, false, false, true, true, true],
    gradFunc: (dys, saved, attributes) => {
      const [dy] = dys as tf.Tensor[];
      const [x, mean, variance, reserved] = saved;
      const { epsilon } = attributes as unknown as NormAttributes;
      if (dy === undefined || x === undefined) throw new Error('a gradient has no input');
      return {
        x: () =>
          tf.tidy(() => {
            const [channels = 1] = x.shape.slice(-1);
            const [dx] = (tf.backend() as NodeBackend).executeMultipleOutputs(
              'FusedBatchNormGradV3',
              attributesOf(epsilon),
              [dy, x, tf.ones([channels]), mean, variance, reserved] as tf.Tensor[],
              5,
            );
            if (dx === undefined) throw new Error('FusedBatchNormGradV3 has no output');
            return dx;
          }),
      };
    },
  });
}

function attributesOf(epsilon: number): OperationAttribute[] {
  const type = (name: string): OperationAttribute => ({
    name,
    type: ATTRIBUTE.type,
    value: DATA_TYPE.float32,
  });
  return [
    type('T'),
    type('U'),
    { name: 'epsilon', type: ATTRIBUTE.float, value: epsilon },
    { name: 'data_format', type: ATTRIBUTE.string, value: 'NHWC' },
    { name: 'is_training', type: ATTRIBUTE.bool, value: true },
  ];
}

/**
 * Normalises one image after the other on the `tensorflow` engine; see `instanceNorm`.
 *
 * @param x float32 [B, H, W, C]
 * @param epsilon added to the variance under the root
 * @returns float32 [B, H, W, C]; the caller disposes it
 */
export function normaliseEach(x: tf.Tensor4D, epsilon: number): tf.Tensor4D {
  const one = (image: tf.Tensor): tf.Tensor => {
    const [y] = tf.engine().runKernel(KERNEL, { x: image }, { epsilon }) as unknown as tf.Tensor[];
    if (y === undefined) throw new Error('FusedBatchNormV3 has no output');
    return y;
  };
  const [batch] = x.shape;
  return tf.tidy(() =>
    batch === 1 ? one(x) : tf.concat(tf.split(x, batch).map(one)),
  ) as tf.Tensor4D;
}
