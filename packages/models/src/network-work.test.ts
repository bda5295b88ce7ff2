import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { buildBackbone } from './backbones/backbones.js';
import { cycleGanWork } from './cyclegan/cyclegan-work.js';
import { sumOfWork, workOf } from './network-work.js';

it('VGG-16 takes the 15.3 billion multiplications that are published for it at 224 px', () => {
  const { operations } = workOf(buildBackbone('vgg16', { imageSize: 224 }));
  // torchvision's count of 15.47 billion for all of it, less 123.6 million of its dense layers.
  expect(operations / 2e9).toBeCloseTo(15.47 - 0.1236, 2);
});

it('convolutions count the places that they are applied to, transposed ones those of their input', () => {
  const input = tf.input({ shape: [8, 8, 2] });
  const half = tf.layers
    .conv2d({ filters: 3, kernelSize: 3, strides: 2, padding: 'same' })
    .apply(input);
  const back = tf.layers
    .conv2dTranspose({ filters: 5, kernelSize: 3, strides: 2, padding: 'same' })
    .apply(half) as tf.SymbolicTensor;
  const { operations, numbers } = workOf(tf.model({ inputs: input, outputs: back }));
  // 4x4 places of 3x3x2x3 weights, then 4x4 places of 3x3x3x5.
  expect(operations).toBe(2 * (16 * 54 + 16 * 135));
  expect(numbers).toBe(8 * 8 * 2 + 4 * 4 * 3 + 8 * 8 * 5);
});

it('an update of a CycleGAN passes images through generators one to three times', () => {
  const dense = (): tf.LayersModel =>
    tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [10], useBias: false })] });
  const networks = { G: dense(), F: dense(), DX: dense(), DY: dense() };
  const of = (lambdaIdentity: number, lambdaCycle = 10): number =>
    cycleGanWork(networks, { batchSize: 4, lambdaCycle, lambdaIdentity }).operations;
  // 20 operations a pass; 3 passes' work for each of the passes of a trained generator, and 8 for a discriminator.
  expect(of(0, 0)).toBe(20 * 4 * 2 * (3 + 8));
  expect(of(0)).toBe(20 * 4 * 2 * (2 * 3 + 8));
  expect(of(0.5)).toBe(20 * 4 * 2 * (3 * 3 + 8));
  const once = { operations: 1, numbers: 2 };
  expect(sumOfWork([[once, 3]])).toEqual({ operations: 3, numbers: 6 });
});
