import * as tf from '@tensorflow/tfjs';
import { streamOf } from '@janus/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { compile } from '../compile.js';
import { reflectPadGradient } from '../correct-gradients.js';
import { installedAddon } from '../install/installed.js';
import { instanceNorm } from '../instance-norm.js';
import { normaliseNatively, reflectNatively } from './native-image-ops.js';
import { useEngine } from '../use-engine.js';

const absent = installedAddon() === undefined;
const title = absent
  ? 'native image operations (skipped: the native engine is not installed)'
  : 'native image operations';

type Shape = [number, number, number, number];

function image(shape: Shape, mean = 0): tf.Tensor4D {
  const stream = streamOf(1, 'image', ...shape);
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor4d(
    Float32Array.from({ length: size }, () => mean + stream.normal()),
    shape,
  );
}

function difference(a: tf.Tensor, b: tf.Tensor): number {
  return tf.tidy(() => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0] ?? NaN);
}

/** By TensorFlow's own operations, one after the other. */
function composed(x: tf.Tensor4D, slope: number): tf.Tensor4D {
  const { mean, variance } = tf.moments(x, [1, 2], true);
  const y = tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5)));
  return tf.maximum(y, tf.mul(y, slope));
}

const SHAPES: readonly Shape[] = [
  [1, 1, 1, 1], // one pixel: zero variance
  [1, 7, 5, 3],
  [2, 16, 17, 64],
  [3, 40, 33, 24],
  [8, 9, 8, 100],
];

describe.skipIf(absent)(title, () => {
  beforeAll(async () => {
    await useEngine({ engine: 'tensorflow' });
  });

  it.each(SHAPES)('normalise %i x %i x %i x %i as the composed form does', (...shape) => {
    tf.tidy(() => {
      for (const slope of [1, 0.2, 0]) {
        const x = image(shape, 3);
        // Of order 1, sums of up to 1,320 float32 in another order.
        expect(
          difference(normaliseNatively(x, { epsilon: 1e-5, slope }), composed(x, slope)),
        ).toBeLessThan(2e-5);
      }
    });
  });

  it.each(SHAPES)(
    'pass the gradient of %i x %i x %i x %i as the composed form does',
    (...shape) => {
      tf.tidy(() => {
        const x = image(shape, 3);
        const dy = tf.reverse(image(shape), [1, 2, 3]);
        for (const slope of [1, 0.2, 0]) {
          const native = tf.grad((each) =>
            normaliseNatively(each as tf.Tensor4D, { epsilon: 1e-5, slope }),
          )(x, dy);
          const expected = tf.grad((each) => composed(each as tf.Tensor4D, slope))(x, dy);
          // Of order 1, two sums of up to 1,320 float32 in another order.
          expect(difference(native, expected)).toBeLessThan(5e-5);
        }
      });
    },
  );

  // Widths that are no multiple of a register's, so that most pixels begin in the middle of one.
  it.each<[Shape]>([[[3, 40, 33, 24]], [[8, 9, 8, 100]]])(
    'normalise %j in bfloat16 as float32 does, to its three digits',
    async (shape) => {
      const x = image(shape, 1);
      const step = (inputs: { x: tf.Tensor4D }) =>
        tf.tidy(() => {
          const loss = (each: tf.Tensor): tf.Scalar => {
            const y = instanceNorm(each as tf.Tensor4D, { slope: 0.2 });
            return tf.mean(tf.mul(tf.square(y), tf.add(y, 1)));
          };
          const { value, grad } = tf.valueAndGrad(loss)(inputs.x);
          return { value, grad };
        });
      const exact = compile(step, { precision: 'float32' });
      const reduced = compile(step, { precision: 'bfloat16', emulateBfloat16: true });
      const [a, b] = [await exact.run({ x }), await reduced.run({ x })];
      expect(difference(a.value, b.value)).toBeLessThan(0.01);
      const size = tf.tidy(() => tf.max(tf.abs(a.grad)).dataSync()[0] ?? NaN);
      expect(size).toBeGreaterThan(0);
      expect(difference(a.grad, b.grad) / size).toBeLessThan(0.05);
      tf.dispose([x, a, b]);
      exact.dispose();
      reduced.dispose();
    },
  );

  it('keep their digits over a large mean and many pixels', () => {
    tf.tidy(() => {
      const x = image([1, 200, 200, 4], 1000);
      const y = normaliseNatively(x, { epsilon: 1e-5, slope: 1 });
      const { mean, variance } = tf.moments(y, [0, 1, 2]);
      expect(difference(mean, tf.zeros([4]))).toBeLessThan(1e-3);
      expect(difference(variance, tf.ones([4]))).toBeLessThan(1e-3);
    });
  });

  it('pass NaN on', () => {
    tf.tidy(() => {
      const x = tf.concat([image([1, 2, 2, 1]), tf.fill([1, 2, 2, 1], NaN)], 0);
      const y = Array.from(
        normaliseNatively(x as tf.Tensor4D, { epsilon: 1e-5, slope: 0 }).dataSync(),
      );
      expect(y.slice(4).every(Number.isNaN)).toBe(true);
      expect(y.slice(0, 4).some(Number.isNaN)).toBe(false);
    });
  });

  it.each([
    [1, 2, 2],
    [1, 5, 9],
    [3, 4, 4],
    [3, 17, 6],
  ])('pad by %i what is %i x %i as mirrorPad does, and back', (padding, height, width) => {
    tf.tidy(() => {
      const x = image([2, height, width, 5]);
      const sides: [number, number] = [padding, padding];
      const paddings: [number, number][] = [[0, 0], sides, sides, [0, 0]];
      const padded = reflectNatively(x, padding);
      expect(padded).toBeDefined();
      if (padded === undefined) return;
      expect(difference(padded, tf.mirrorPad(x, paddings, 'reflect'))).toBe(0);
      const dy = image(padded.shape);
      const dx = tf.grad((each) => reflectNatively(each as tf.Tensor4D, padding) ?? each)(x, dy);
      const expected = reflectPadGradient(dy, { paddings, mode: 'reflect', shape: x.shape });
      expect(difference(dx, expected)).toBeLessThan(1e-6);
    });
  });

  it.each<[Shape]>([[[2, 4, 5, 0]], [[0, 4, 5, 3]]])('take %j, which has no numbers', (shape) => {
    tf.tidy(() => {
      const [batch, height, width, channels] = shape;
      const x = tf.zeros<tf.Rank.R4>(shape);
      expect(normaliseNatively(x, { epsilon: 1e-5, slope: 1 }).shape).toEqual(shape);
      const padded = reflectNatively(x, 1);
      expect(padded?.shape).toEqual([batch, height + 2, width + 2, channels]);
      const dx = tf.grad((each) => reflectNatively(each as tf.Tensor4D, 1) ?? each)(x);
      expect(dx.shape).toEqual(shape);
    });
  });

  it('leave other paddings to mirrorPad', () => {
    tf.tidy(() => {
      expect(reflectNatively(image([1, 5, 5, 1]), 2)).toBeUndefined();
    });
  });

  it('compute in bfloat16 what float32 gives, to its three digits', async () => {
    const x = image([2, 12, 12, 16], 1);
    const kernel = image([3, 3, 16, 16]);
    const step = (inputs: { x: tf.Tensor4D; kernel: tf.Tensor4D }) =>
      tf.tidy(() => {
        const loss = (each: tf.Tensor4D): tf.Scalar =>
          tf.mean(
            tf.square(
              instanceNorm(tf.conv2d(reflectNatively(each, 1) ?? each, inputs.kernel, 1, 'valid'), {
                slope: 0,
              }),
            ),
          );
        const { value, grad } = tf.valueAndGrad((each) => loss(each as tf.Tensor4D))(inputs.x);
        return { value, grad };
      });
    const exact = compile(step, { precision: 'float32' });
    const reduced = compile(step, { precision: 'bfloat16', emulateBfloat16: true });
    const [a, b] = [await exact.run({ x, kernel }), await reduced.run({ x, kernel })];
    expect(difference(a.value, b.value)).toBeLessThan(0.01);
    const size = tf.tidy(() => tf.max(tf.abs(a.grad)).dataSync()[0] ?? NaN);
    expect(difference(a.grad, b.grad) / size).toBeLessThan(0.05);
    tf.dispose([x, kernel, a, b]);
    exact.dispose();
    reduced.dispose();
  });

  it.each<[Shape]>([[[1, 1, 1, 3]], [[3, 70, 5, 20]], [[2, 9, 9, 100]]])(
    'sum %j over all but the last axis as a loop does, and other axes as before',
    (shape) => {
      tf.tidy(() => {
        const x = image(shape, 3);
        const channels = shape[3];
        const expected = Array.from({ length: channels }, () => 0);
        x.dataSync().forEach((value, i) => {
          expected[i % channels] = (expected[i % channels] ?? 0) + value;
        });
        const flat = tf.reshape(x, [-1, channels]);
        for (const sums of [tf.sum(x, [0, 1, 2]), tf.sum(x, [2, 0, 1]), tf.sum(flat, 0)]) {
          expect(sums.shape).toEqual([channels]);
          sums.dataSync().forEach((sum, i) => {
            expect(Math.abs(sum / (expected[i] ?? 0) - 1)).toBeLessThan(1e-6);
          });
        }
        expect(tf.sum(x, [0, 1, 2], true).shape).toEqual([1, 1, 1, channels]);
        const rest = tf.sum(x, [0, 1, 3]);
        const size = tf.max(tf.abs(rest)).dataSync()[0] ?? NaN;
        expect(difference(tf.sum(tf.sum(x, [1, 3]), 0), rest) / size).toBeLessThan(1e-5);
      });
    },
  );

  it.each([16, 21])(
    'pass gradients of biases, sums and activations in bfloat16 as float32 does, %i channels',
    async (channels) => {
      const x = image([2, 11, 9, channels]);
      const kernel: tf.Tensor4D = tf.tidy(() => tf.mul(image([3, 3, channels, channels]), 0.1));
      const bias = tf.tidy(() => tf.reshape(image([1, 1, 1, channels]), [channels]));
      const step = (inputs: { x: tf.Tensor4D; kernel: tf.Tensor4D; bias: tf.Tensor }) =>
        tf.tidy(() => {
          const layer = (each: tf.Tensor, given: tf.Tensor): tf.Tensor4D =>
            tf.add(tf.conv2d(each as tf.Tensor4D, inputs.kernel, 1, 'same'), given);
          const loss = (given: tf.Tensor): tf.Scalar => {
            const first = tf.relu(layer(inputs.x, given));
            const second = tf.leakyRelu(layer(first, given), 0.2);
            // A copy, as the sum of layers makes one: its gradient must not leave bfloat16.
            return tf.mean(tf.square(tf.add(tf.clone(first), second)));
          };
          const { value, grad } = tf.valueAndGrad(loss)(inputs.bias);
          return { value, grad };
        });
      const exact = compile(step, { precision: 'float32' });
      const reduced = compile(step, { precision: 'bfloat16', emulateBfloat16: true });
      const given = { x, kernel, bias };
      const [a, b] = [await exact.run(given), await reduced.run(given)];
      const size = tf.tidy(() => tf.max(tf.abs(a.grad)).dataSync()[0] ?? NaN);
      expect(size).toBeGreaterThan(0.01);
      expect(difference(a.grad, b.grad) / size).toBeLessThan(0.02);
      tf.dispose([x, kernel, bias, a, b]);
      exact.dispose();
      reduced.dispose();
    },
  );
});
