import * as tf from '@tensorflow/tfjs';
import { streamOf } from '@janus/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { useEngine } from '../use-engine.js';
import { normal, integers, pick, type Case, differences } from './training.fixture.js';

describe('the wasm engine with the training kernels: products, sums and the rest', () => {
  beforeAll(async () => {
    await useEngine({ engine: 'wasm' });
  });

  it('multiplies matrices of any flags and stacks, and integers', async () => {
    const cases = Array.from({ length: 48 }, (_, i): Case => {
      const stream = streamOf(1, 'product', i);
      const [transposeA, transposeB] = [i % 2 === 1, i % 4 > 1];
      const [rows, inner, columns] = [
        1 + pick(stream, 40),
        1 + pick(stream, 40),
        1 + pick(stream, 40),
      ];
      const stack = [[], [2], [2, 3]][i % 3] ?? [];
      const a = [...stack, ...(transposeA ? [inner, rows] : [rows, inner])];
      const matrix = transposeB ? [columns, inner] : [inner, columns];
      const isShared = i % 12 === 4;
      const areIntegers = i % 8 === 7;
      const b = [...(isShared ? stack.map(() => 1) : stack), ...matrix];
      const draw = areIntegers ? integers : normal;
      return {
        name: JSON.stringify({ a, b, transposeA, transposeB, areIntegers }),
        inputs: [draw(a, stream), draw(b, stream)],
        computation: ([left, right]) => tf.matMul(left, right, transposeA, transposeB),
        gradients: !areIntegers && !isShared,
      };
    });
    expect(await differences(cases)).toEqual({});
  });

  it('multiplies by a reshaped factor as by any other', async () => {
    const stream = streamOf(1, 'reshaped');
    const reshaped: Case = {
      name: 'reshaped',
      inputs: [normal([3, 6], stream), normal([6, 4], stream), normal([3, 4], stream)],
      computation: ([a, b, c]) => {
        const first = tf.matMul(a, b); // [3, 4]
        const second = tf.matMul(c, tf.reshape(b, [4, 6])); // [3, 6]
        return tf.concat([first, second], 1);
      },
    };
    expect(await differences([reshaped])).toEqual({});
  });

  it('slices any window of any rank as the js engine does', async () => {
    const cases = Array.from({ length: 40 }, (_, i): Case => {
      const stream = streamOf(1, 'slice', i);
      const shape = Array.from({ length: 1 + (i % 5) }, () => 1 + pick(stream, i % 2 ? 5 : 20));
      const begin = shape.map((size) => pick(stream, size));
      const size = shape.map((each, axis) => 1 + pick(stream, each - (begin[axis] ?? 0)));
      const draw = i % 4 === 3 ? integers : normal;
      return {
        name: JSON.stringify({ shape, begin, size }),
        inputs: [draw(shape, stream)],
        computation: ([x]) => tf.slice(x, begin, size),
        gradients: draw === normal && shape.length < 5,
      };
    });
    expect(await differences(cases)).toEqual({});
  });

  it('adds the bias of a fused product with flags to the right columns', async () => {
    const activations = ['linear', 'relu', 'elu', 'sigmoid'] as const;
    const cases = Array.from({ length: 16 }, (_, i): Case => {
      const stream = streamOf(1, 'fused', i);
      const [transposeA, transposeB] = [i % 2 === 1, i % 4 > 1];
      const activation = activations[Math.floor(i / 4)] ?? 'linear';
      return {
        name: JSON.stringify({ transposeA, transposeB, activation }),
        inputs: [
          normal(transposeA ? [5, 3] : [3, 5], stream),
          normal(transposeB ? [7, 5] : [5, 7], stream),
          normal([7], stream),
        ],
        computation: ([a, b, bias]) =>
          tf.fused.matMul({
            a,
            b,
            bias,
            transposeA,
            transposeB,
            activation,
          }),
        gradients: false,
      };
    });
    expect(await differences(cases)).toEqual({});
  });

  it('sums and averages large tensors over any block of axes as the js engine does', async () => {
    const shape = [2, 20, 31, 9];
    const cases = [[1, 2], [0, 1, 2], [3], [2, 3], [0], [0, 1, 2, 3], [0, 2]].flatMap((axes) =>
      [false, true].map((keepDims): Case => ({
        name: JSON.stringify({ axes, keepDims }),
        inputs: [normal(shape, streamOf(1, 'sum', axes.length))],
        computation: ([x]) => tf.add(tf.sum(x, axes, keepDims), tf.mean(x, axes, keepDims)),
      })),
    );
    expect(await differences(cases)).toEqual({});
  });

  it('gathers with a gradient, and leaks no NaN through leaky ReLU', async () => {
    const stream = streamOf(1, 'elements');
    const cases: Case[] = [
      {
        name: 'gather',
        inputs: [normal([6, 4], stream)],
        computation: ([x]) => tf.gather(x, tf.tensor1d([0, 5, 5, 2], 'int32')),
      },
      {
        name: 'leaky ReLU',
        inputs: [normal([3, 50], stream)],
        computation: ([x]) => tf.leakyRelu(x, 0.2),
      },
    ];
    expect(await differences(cases)).toEqual({});
    expect(tf.tidy(() => tf.leakyRelu(tf.tensor1d([NaN, -1, 2])).arraySync())).toEqual([
      NaN,
      Math.fround(-0.2),
      2,
    ]);
  });

  it('sums three million tenths to within 0.01 %, and integers exactly', () => {
    const [tenths, ones, nothing] = tf.tidy(() => [
      tf.sum(tf.fill([1000, 3000], 0.1)).arraySync(),
      tf.sum(tf.fill([999, 1001, 3], 1), [0, 1]).arraySync(),
      tf.sum(tf.zeros([0, 2]), 0).arraySync(),
    ]);
    expect(Math.abs(Number(tenths) / 300_000 - 1)).toBeLessThan(1e-4);
    expect(ones).toEqual([999_999, 999_999, 999_999]);
    expect(nothing).toEqual([0, 0]);
  });

  it('takes every number but 0 as true', () => {
    const [floats, whole] = tf.tidy(() => [
      tf.cast(tf.tensor1d([0, 0.5, -1, 256]), 'bool').arraySync(),
      tf.cast(tf.tensor1d([0, 2, 256], 'int32'), 'bool').arraySync(),
    ]);
    expect(floats).toEqual([0, 1, 1, 1]);
    expect(whole).toEqual([0, 1, 1]);
  });

  it('keeps no tensor and no memory of a step', () => {
    const stream = streamOf(1, 'leaks');
    const x = tf.tensor<tf.Rank.R4>(normal([2, 9, 9, 4], stream).values, [2, 9, 9, 4]);
    const filter = tf.tensor<tf.Rank.R4>(normal([3, 3, 4, 6], stream).values, [3, 3, 4, 6]);
    const dense = tf.tensor<tf.Rank.R2>(normal([6, 5], stream).values, [6, 5]);
    const step = (): void => {
      const gradients = tf.grads((image, kernel, matrix) => {
        const maps = tf.leakyRelu(
          tf.conv2d(image as tf.Tensor4D, kernel as tf.Tensor4D, 2, 'same'),
        );
        const pooled = tf.avgPool(tf.maxPool(maps, 3, 1, 'same'), 2, 2, 0, 'ceil');
        const logits = tf.matMul(tf.mean(pooled, [1, 2]), matrix);
        return tf.sum(tf.gather(tf.logSoftmax(logits), tf.tensor1d([1, 0], 'int32')));
      })([x, filter, dense]);
      tf.dispose(gradients);
    };
    const memory = (): object => ({
      tensors: tf.memory().numTensors,
      buffers: tf.memory().numDataBuffers,
      bytes: tf.memory().numBytes,
      held: tf.backend().numDataIds(),
    });
    tf.tidy(step);
    const before = memory();
    for (let i = 0; i < 3; i++) tf.tidy(step);
    expect(memory()).toEqual(before);
    tf.dispose([x, filter, dense]);
  });
});
