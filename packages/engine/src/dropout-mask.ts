import * as tf from '@tensorflow/tfjs';
import { streamOf } from '@janus/core';
import type { NodeBackend } from './native/native-backend.js';
import { ATTRIBUTE, DATA_TYPE } from './native/tensorflow-types.js';

/**
 * Returns a mask of zeros and ones that depends on its seed alone: in a compiled step the seed is an
 * input, so that each step has another mask, and a repeated or resumed run has the same ones. Engines
 * differ: `tensorflow` draws with Philox, the others with a stream of `@janus/core`.
 *
 * @param shape of the mask
 * @param rate expected share of zeros, from 0 to below 1
 * @param seed int32 [2]
 * @returns float32 of `shape`, each 0 or 1; the caller disposes it
 * Source: Srivastava et al. 2014, JMLR 15; Philox: Salmon et al. 2011.
 */
export function dropoutMask(shape: readonly number[], rate: number, seed: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const numbers = tf.getBackend() === 'tensorflow' ? philox(shape, seed) : stream(shape, seed);
    return tf.cast(tf.greaterEqual(numbers, rate), 'float32');
  });
}

function philox(shape: readonly number[], seed: tf.Tensor): tf.Tensor {
  const type = (name: string, value: number) => ({ name, type: ATTRIBUTE.type, value });
  const dims = tf.tensor1d([...shape], 'int32');
  return (tf.backend() as NodeBackend).executeSingleOutput(
    'StatelessRandomUniform',
    [type('T', DATA_TYPE.int32), type('Tseed', DATA_TYPE.int32), type('dtype', DATA_TYPE.float32)],
    [dims, seed],
  );
}

function stream(shape: readonly number[], seed: tf.Tensor): tf.Tensor {
  const [first = 0, second = 0] = seed.dataSync();
  const random = streamOf(first, 'dropout', second);
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => random.next()),
    [...shape],
  );
}
