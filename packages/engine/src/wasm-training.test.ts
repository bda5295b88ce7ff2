import * as tf from '@tensorflow/tfjs';
import { streamOf, type RandomStream } from '@janus/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { useEngine } from './use-engine.js';

/** Relative to 1 + |value|: float32 sums of up to a few hundred terms in another order. */
const FLOAT32_REDUCTION = 1e-4;

interface Input {
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array;
  readonly dtype: 'float32' | 'int32';
}

/** As many as a case has inputs; of any rank. */
type Operands = readonly [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];

type Computation = (inputs: Operands) => tf.Tensor;

function normal(shape: readonly number[], stream: RandomStream): Input {
  const size = shape.reduce((product, each) => product * each, 1);
  return {
    shape,
    values: Float32Array.from({ length: size }, () => stream.normal()),
    dtype: 'float32',
  };
}

function integers(shape: readonly number[], stream: RandomStream): Input {
  const size = shape.reduce((product, each) => product * each, 1);
  return {
    shape,
    values: Int32Array.from({ length: size }, () => pick(stream, 5)),
    dtype: 'int32',
  };
}

function pick(stream: RandomStream, count: number): number {
  return stream.integer(count);
}

/** Returns the value and, for float results, the gradient of each input for a fixed `dy`. */
function numbersOf(
  computation: Computation,
  inputs: readonly Input[],
  gradients: boolean,
): number[][] {
  return tf.tidy(() => {
    const tensors = inputs.map(({ shape, values, dtype }) => tf.tensor(values, [...shape], dtype));
    const compute = (each: unknown): tf.Tensor => computation(each as Operands);
    const y = compute(tensors);
    const results = [y];
    if (gradients) {
      const dy = tf.tensor(normal(y.shape, streamOf(2, 'dy')).values, y.shape);
      results.push(...tf.grads((...each: tf.Tensor[]) => compute(each))(tensors, dy));
    }
    return results.map((result) => Array.from(result.dataSync()));
  });
}

function worstDifference(actual: readonly number[][], expected: readonly number[][]): number {
  let worst = actual.length === expected.length ? 0 : Infinity;
  expected.forEach((numbers, i) => {
    if (actual[i]?.length !== numbers.length) worst = Infinity;
    numbers.forEach((value, j) => {
      const difference = Math.abs((actual[i]?.[j] ?? NaN) - value) / (1 + Math.abs(value));
      worst = Number.isNaN(difference) ? Infinity : Math.max(worst, difference);
    });
  });
  return worst;
}

interface Case {
  readonly name: string;
  readonly inputs: readonly Input[];
  readonly computation: Computation;
  readonly gradients?: boolean;
}

/** Computes all cases on one engine, then on the other: switching between them is slow. */
async function differences(cases: readonly Case[]): Promise<Record<string, number>> {
  const compute = (): number[][][] =>
    cases.map(({ inputs, computation, gradients = true }) =>
      numbersOf(computation, inputs, gradients),
    );
  await useEngine({ engine: 'js' });
  const expected = compute();
  await useEngine({ engine: 'wasm' });
  const actual = compute();
  const wrong: Record<string, number> = {};
  cases.forEach(({ name }, i) => {
    const worst = worstDifference(actual[i] ?? [], expected[i] ?? []);
    if (worst > FLOAT32_REDUCTION) wrong[name] = worst;
  });
  return wrong;
}

type Pad = 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;

function randomPad(stream: RandomStream): Pad {
  const explicit: tf.backend_util.ExplicitPadding = [
    [0, 0],
    [pick(stream, 3), pick(stream, 3)],
    [pick(stream, 3), pick(stream, 3)],
    [0, 0],
  ];
  const pads: Pad[] = ['valid', 'same', 1, explicit];
  return pads[pick(stream, pads.length)] ?? 'valid';
}

function randomConvolution(i: number): Case {
  const stream = streamOf(1, 'convolution', i);
  const [batch, stride, kernel] = [1 + pick(stream, 3), 1 + pick(stream, 3), 1 + pick(stream, 5)];
  const [height, width] = [5 + pick(stream, 6), 5 + pick(stream, 6)];
  const [inChannels, outChannels] = [1 + pick(stream, 8), 1 + pick(stream, 20)];
  const pad = randomPad(stream);
  // tfjs takes a number's output width from the kernel's height
  const kernelWidth = typeof pad === 'number' ? kernel : Math.max(1, kernel - pick(stream, 2));
  return {
    name: JSON.stringify({ batch, height, width, inChannels, outChannels, kernel, stride, pad }),
    inputs: [
      normal([batch, height, width, inChannels], stream),
      normal([kernel, kernelWidth, inChannels, outChannels], stream),
    ],
    computation: ([x, filter]) => tf.conv2d(x, filter, stride, pad),
  };
}

describe('the wasm engine with the training kernels', () => {
  beforeAll(async () => {
    await useEngine({ engine: 'wasm' });
  });

  it('convolves and takes both gradients as the js engine does, at any stride and padding', async () => {
    const cases = Array.from({ length: 60 }, (_, i) => randomConvolution(i));
    expect(await differences(cases)).toEqual({});
  });

  it('takes the gradients of convolutions with many channels over few pixels and the reverse', async () => {
    const shapes: [number, number, number, number, number][] = [
      [1, 4, 16, 40, 3], // the kernel is larger than the picture
      [2, 3, 12, 17, 1],
      [1, 8, 12, 3, 5], // fewer output channels than XNNPACK computes at once
      [2, 7, 3, 40, 3], // few kernel numbers for each output channel
      [2, 9, 10, 8, 4],
      [1, 2, 208, 208, 5], // more sums than a cache holds: by XNNPACK, on any number of threads
      [3, 6, 100, 9, 9], // more products than are made at once; the second part begins in the first picture
      [2, 16, 6, 5, 15], // the same for what is gathered before few output channels
      [1, 12, 40, 3, 4], // outputs that are computed as gradients are
      [2, 50, 9, 12, 1], // a gradient by one convolution
    ];
    const cases = shapes.flatMap(([batch, size, inChannels, outChannels, kernel]) =>
      [1, 2].map((stride): Case => {
        const stream = streamOf(1, 'branches', size, stride);
        return {
          name: JSON.stringify({ batch, size, inChannels, outChannels, kernel, stride }),
          inputs: [
            normal([batch, size, size, inChannels], stream),
            normal([kernel, kernel, inChannels, outChannels], stream),
          ],
          computation: ([x, filter]) => tf.conv2d(x, filter, stride, 'same'),
        };
      }),
    );
    expect(await differences(cases)).toEqual({});
  });

  it('takes the gradient by a large kernel of a large picture in bands, to the same sum', () => {
    const difference = tf.tidy(() => {
      const x = tf.randomNormal<tf.Rank.R4>([1, 17, 16, 24], 0, 1, 'float32', 1);
      const dy = tf.randomNormal<tf.Rank.R4>([1, 17, 16, 5000], 0, 1, 'float32', 2);
      const zeros = tf.zeros<tf.Rank.R4>([3, 3, 24, 5000]);
      const half = (isFirst: boolean): tf.Tensor =>
        tf.grad((filter: tf.Tensor) =>
          tf.conv2d(
            tf.slice4d(x, [0, isFirst ? 0 : 7, 0, 0], [-1, isFirst ? 9 : 10, -1, -1]),
            filter as tf.Tensor4D,
            1,
            [[0, 0], isFirst ? [1, 0] : [0, 1], [1, 1], [0, 0]],
          ),
        )(zeros, tf.slice4d(dy, [0, isFirst ? 0 : 8, 0, 0], [-1, isFirst ? 8 : 9, -1, -1]));
      const whole = tf.grad((filter: tf.Tensor) => tf.conv2d(x, filter as tf.Tensor4D, 1, 'same'));
      return tf.max(tf.abs(tf.sub(whole(zeros, dy), tf.add(half(true), half(false))))).arraySync();
    });
    // sums of 272 products of size 1 come to some 16, the largest of a million to 80
    expect(difference).toBeLessThan(1e-3);
  });

  it('adds bias and activation to a convolution of few outputs', async () => {
    const cases = (['linear', 'relu'] as const).map((activation): Case => {
      const stream = streamOf(1, 'few outputs');
      return {
        name: activation,
        inputs: [normal([2, 9, 8, 30], stream), normal([3, 3, 30, 3], stream), normal([3], stream)],
        computation: ([x, filter, bias]) =>
          tf.fused.conv2d({ x, filter, bias, strides: 1, pad: 'same', activation }),
        gradients: activation === 'linear',
      };
    });
    expect(await differences(cases)).toEqual({});
  });

  it('convolves backwards as the js engine does', async () => {
    const cases = Array.from({ length: 24 }, (_, i): Case => {
      const stream = streamOf(1, 'transposed', i);
      const [batch, size, stride] = [1 + (i % 3), 3 + pick(stream, 4), 1 + (i % 2)];
      const [inChannels, outChannels] = [1 + pick(stream, 6), 1 + pick(stream, 6)];
      const out: [number, number, number, number] = [
        batch,
        size * stride,
        size * stride,
        outChannels,
      ];
      return {
        name: JSON.stringify({ batch, size, stride, inChannels, outChannels }),
        inputs: [
          normal([batch, size, size, inChannels], stream),
          normal([3, 3, outChannels, inChannels], stream),
        ],
        computation: ([x, filter]) => tf.conv2dTranspose(x, filter, out, stride, 'same'),
      };
    });
    expect(await differences(cases)).toEqual({});
  });

  it('pools as the js engine does, rounding up and overlapping included', async () => {
    const cases = Array.from({ length: 60 }, (_, i): Case => {
      const stream = streamOf(1, 'pooling', i);
      const shape = [1 + (i % 3), 5 + pick(stream, 5), 5 + pick(stream, 5), 1 + pick(stream, 8)];
      const window = 2 + pick(stream, 2);
      const stride = 1 + pick(stream, window);
      const pads: [Pad, 'ceil' | 'floor' | undefined][] = [
        ['valid', undefined],
        ['same', undefined],
        [0, 'ceil'],
        [1, 'floor'],
      ];
      const [pad, rounding] = pads[i % pads.length] ?? ['valid', undefined];
      const isMax = pick(stream, 2) === 0;
      return {
        name: JSON.stringify({ isMax, shape, window, stride, pad, rounding }),
        inputs: [normal(shape, stream)],
        computation: ([x]) =>
          (isMax ? tf.maxPool : tf.avgPool)(x, window, stride, pad as 'same', rounding),
        // the js engine has the average's gradient wrong at padded edges, and both when rounding up
        gradients: isMax ? rounding !== 'ceil' : pad === 'valid',
      };
    });
    expect(await differences(cases)).toEqual({});
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
