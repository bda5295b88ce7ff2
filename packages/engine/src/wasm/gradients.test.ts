import * as tf from '@tensorflow/tfjs';
import { streamOf } from '@janus/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { reflectPad } from '../reflect-pad.js';
import { useEngine } from '../use-engine.js';

/** float32 central differences of step 1e-2 on sums of order 10: rounding 1e-3, curvature 1e-3. */
const FINITE_DIFFERENCE = 2e-2;
const STEP = 1e-2;

function normal(shape: readonly number[], name: string): tf.Tensor {
  const stream = streamOf(1, name, ...shape);
  const size = shape.reduce((product, each) => product * each, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => stream.normal()),
    [...shape],
  );
}

/** Different numbers at least 0.1 apart and 0.05 from 0: no step of STEP crosses a kink. */
function apart(shape: readonly number[], name: string): tf.Tensor {
  const size = shape.reduce((product, each) => product * each, 1);
  const order = streamOf(1, name, ...shape);
  const values = Float32Array.from({ length: size }, (_, i) => (i - size / 2 + 0.5) / 10);
  for (let i = size - 1; i > 0; i--) {
    const j = order.integer(i + 1);
    [values[i], values[j]] = [values[j] ?? 0, values[i] ?? 0];
  }
  return tf.tensor(values, [...shape]);
}

type Operation = (x: tf.Tensor4D) => tf.Tensor;

function worstError(operation: Operation, x: tf.Tensor): number {
  return tf.tidy(() => {
    const weights = normal(operation(x as tf.Tensor4D).shape, 'weights');
    const scalar = (each: tf.Tensor): tf.Scalar =>
      tf.sum(tf.mul(operation(each as tf.Tensor4D), weights));
    const exact = tf
      .grad((each) => scalar(each))(x)
      .dataSync();
    const values = Array.from(x.dataSync());
    return Math.max(
      ...values.map((value, i) => {
        const at = (delta: number): number => {
          const moved = values.slice();
          moved[i] = value + delta;
          return tf.tidy(() => scalar(tf.tensor(moved, x.shape)).dataSync()[0] ?? NaN);
        };
        return Math.abs((at(STEP) - at(-STEP)) / (2 * STEP) - (exact[i] ?? NaN));
      }),
    );
  });
}

const filterOf = (shape: [number, number, number, number]): tf.Tensor4D =>
  normal(shape, 'filter') as tf.Tensor4D;
const image = [2, 5, 4, 3] as const;

/** What VGG-16, SqueezeNet, a classifier's head and CycleGAN differentiate, by shape of `x`. */
const OPERATIONS: Readonly<Record<string, readonly [readonly number[], Operation]>> = {
  'a convolution': [image, (x) => tf.conv2d(x, filterOf([3, 3, 3, 4]), 1, 'same')],
  'a convolution of stride 2': [image, (x) => tf.conv2d(x, filterOf([4, 4, 3, 2]), 2, 'same')],
  'a convolution of stride 3, padded by hand': [
    image,
    (x) => tf.conv2d(x, filterOf([2, 3, 3, 2]), 3, [[0, 0], [2, 1], [0, 3], [0, 0]]), // prettier-ignore
  ],
  'a convolution by its kernel': [
    [3, 3, 3, 4],
    (filter) => tf.conv2d(normal(image, 'x') as tf.Tensor4D, filter, 1, 'same'),
  ],
  'a convolution of stride 2 by its kernel': [
    [4, 4, 3, 5],
    (filter) => tf.conv2d(normal(image, 'x') as tf.Tensor4D, filter, 2, 'same'),
  ],
  'a convolution of few outputs by its kernel': [
    [3, 2, 3, 1],
    (filter) => tf.conv2d(normal(image, 'x') as tf.Tensor4D, filter, 1, 'valid'),
  ],
  'a transposed convolution': [
    [2, 3, 4, 3],
    (x) => tf.conv2dTranspose(x, filterOf([3, 3, 2, 3]), [2, 6, 8, 2], 2, 'same'),
  ],
  'a transposed convolution by its kernel': [
    [3, 3, 2, 3],
    (filter) =>
      tf.conv2dTranspose(normal([2, 3, 4, 3], 'x') as tf.Tensor4D, filter, [2, 6, 8, 2], 2, 'same'),
  ],
  'a maximum pooling': [image, (x) => tf.maxPool(x, 2, 2, 'valid')],
  'an overlapping maximum pooling': [image, (x) => tf.maxPool(x, 3, 2, 'same')],
  'a maximum pooling rounded up': [image, (x) => tf.maxPool(x, 3, 2, 0, 'ceil')],
  'an average pooling': [image, (x) => tf.avgPool(x, 2, 2, 'valid')],
  'an average pooling over the edge': [image, (x) => tf.avgPool(x, 3, 2, 'same')],
  'an average pooling rounded up': [image, (x) => tf.avgPool(x, 2, 2, [[0, 0], [1, 0], [0, 1], [0, 0]], 'ceil')], // prettier-ignore
  'a global average': [image, (x) => tf.mean(x, [1, 2])],
  'a ReLU': [image, (x) => tf.relu(x)],
  'a leaky ReLU': [image, (x) => tf.leakyRelu(x, 0.2)],
  'an ELU': [image, (x) => tf.elu(x)],
  'a hyperbolic tangent': [image, (x) => tf.tanh(tf.mul(x, 0.1))],
  'a sigmoid': [image, (x) => tf.sigmoid(tf.mul(x, 0.1))],
  'an instance normalisation': [
    image,
    (x) => {
      const { mean, variance } = tf.moments(x, [1, 2], true);
      return tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-5)));
    },
  ],
  'a batch normalisation': [
    image,
    (x) => {
      const { mean, variance } = tf.moments(x, [0, 1, 2]);
      return tf.batchNorm(x, mean, variance, tf.ones([3]), tf.ones([3]), 1e-3);
    },
  ],
  'a reflection': [image, (x) => reflectPad(x, 2)],
  'a zero padding': [image, (x) => tf.pad(x, [[0, 0], [1, 2], [0, 1], [0, 0]])], // prettier-ignore
  'a concatenation': [image, (x) => tf.concat([x, tf.square(x)], 3)],
  'a reversal': [image, (x) => tf.reverse(x, [2])],
  'an enlargement': [image, (x) => tf.image.resizeNearestNeighbor(x, [10, 12])],
  'a bilinear enlargement': [image, (x) => tf.image.resizeBilinear(x, [9, 11])],
  'a gather': [[5, 3], (x) => tf.gather(x, tf.tensor1d([4, 0, 4], 'int32'))],
  'a dropout': [[6, 5], (x) => tf.dropout(x, 0.4, undefined, 7)],
  'a softmax cross entropy': [
    [4, 3],
    (x) =>
      tf.losses.softmaxCrossEntropy(
        tf.oneHot(tf.tensor1d([0, 2, 1, 1], 'int32'), 3),
        tf.reshape(x, [4, 3]),
      ),
  ],
  'a log softmax': [[4, 3], (x) => tf.logSoftmax(x)],
  'a product': [[4, 6], (x) => tf.matMul(x, normal([6, 5], 'b'))],
  'a product by a turned factor': [[5, 6], (b) => tf.matMul(normal([4, 6], 'a'), b, false, true)],
};

describe('the gradient on the wasm engine equals finite differences', () => {
  beforeAll(async () => {
    await useEngine({ engine: 'wasm' });
  });

  it.each(Object.entries(OPERATIONS))('of %s', (_name, [shape, operation]) => {
    const x = apart(shape, 'input');
    const scale = tf.tidy(() => {
      const y = operation(x as tf.Tensor4D);
      return Math.max(1, ...Array.from(tf.abs(y).dataSync()));
    });
    expect(worstError(operation, x) / scale).toBeLessThan(FINITE_DIFFERENCE);
    x.dispose();
  });
});
