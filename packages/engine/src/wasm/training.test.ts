import * as tf from '@tensorflow/tfjs';
import { streamOf, type RandomStream } from '@janus/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { useEngine } from '../use-engine.js';
import { normal, pick, type Case, differences } from './training.fixture.js';

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

describe('the wasm engine with the training kernels: convolutions and pooling', () => {
  beforeAll(async () => {
    await useEngine({ engine: 'wasm' });
  });

  it('convolves and takes both gradients as the js engine does, at any stride and padding', async () => {
    const cases = Array.from({ length: 60 }, (_, i) => randomConvolution(i));
    expect(await differences(cases)).toEqual({});
  });

  it('takes the gradients of convolutions with many channels over few pixels and the reverse', async () => {
    const shapes: [number, number, number, number, number][] = [
      [1, 4, 16, 40, 3], // the kernel is larger than the image
      [2, 3, 12, 17, 1],
      [1, 8, 12, 3, 5], // fewer output channels than XNNPACK computes at once
      [2, 7, 3, 40, 3], // few kernel numbers for each output channel
      [2, 9, 10, 8, 4],
      [1, 2, 208, 208, 5], // more sums than a cache holds: by XNNPACK, on any number of threads
      [3, 6, 100, 9, 9], // more products than are made at once; the second part begins in the first image
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

  it('takes the gradient by a large kernel of a large image in bands, to the same sum', () => {
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
});
