import * as tf from '@tensorflow/tfjs';
import { useEngine } from '@janus/engine';
import { beforeAll, expect, it } from 'vitest';
import { createAdam } from './adam.js';
import { gradientsOf } from './model-variables.js';

beforeAll(async () => {
  await useEngine({ engine: 'js' });
});

/** float32 arithmetic on values of order 1. */
const FLOAT32 = 2e-6;

const value = (variable: tf.Variable): number[] => Array.from(variable.dataSync());

/** The paper's algorithm 1 in plain numbers. */
function slowAdam(start: number, gradients: readonly number[], beta1: number): number {
  let [x, m, v] = [start, 0, 0];
  gradients.forEach((gradient, i) => {
    m = beta1 * m + (1 - beta1) * gradient;
    v = 0.999 * v + 0.001 * gradient ** 2;
    const mHat = m / (1 - beta1 ** (i + 1));
    const vHat = v / (1 - 0.999 ** (i + 1));
    x -= (0.01 * mHat) / (Math.sqrt(vHat) + 1e-8);
  });
  return x;
}

it('Adam moves x^2 from 1 by the learning rate in its first step', () => {
  const x = tf.variable(tf.tensor1d([1]));
  const adam = createAdam({ learningRate: 2e-4 });
  const { value: loss, gradients } = gradientsOf(() => tf.sum(tf.square(x)), { x });
  adam.apply(gradients, { x });
  // Exact: 2e-4 (1 - epsilon / 2); float32 holds 1 - 2e-4 to 6e-8.
  expect(Math.abs(1 - value(x)[0]! - 2e-4)).toBeLessThan(6e-8);
  tf.dispose([loss, gradients, x]);
  adam.dispose();
});

it('Adam takes the decay of AdamW from kernels before its step, and leaves biases alone', () => {
  const kernel = tf.variable(tf.tensor2d([[2]]));
  const bias = tf.variable(tf.tensor1d([2]));
  const variables = { kernel, bias };
  const adam = createAdam({ learningRate: 0.01, weightDecay: 0.5 });
  const gradients = { kernel: tf.tensor2d([[1]]), bias: tf.tensor1d([1]) };
  adam.apply(gradients, variables);
  // PyTorch's AdamW: 2 (1 - 0.01 0.5) - 0.01, and 2 - 0.01; the first step of Adam is the learning rate.
  expect(value(kernel)[0]).toBeCloseTo(1.98, 6);
  expect(value(bias)[0]).toBeCloseTo(1.99, 6);
  tf.dispose([gradients, variables]);
  adam.dispose();
  expect(() => createAdam({ learningRate: 0.01, weightDecay: -1 })).toThrow(/weightDecay/);
});

it('Adam equals algorithm 1 written out, over several steps and tiny gradients', () => {
  for (const scale of [1, 1e-7]) {
    const gradients = [0.5, -1, 2, 0.25, 0.1].map((g) => g * scale);
    const x = tf.variable(tf.tensor1d([1]));
    const adam = createAdam({ learningRate: 0.01, beta1: 0.5 });
    for (const gradient of gradients) {
      const tensor = tf.tensor1d([gradient]);
      adam.apply({ x: tensor }, { x });
      tensor.dispose();
    }
    expect(Math.abs(value(x)[0]! - slowAdam(1, gradients, 0.5))).toBeLessThan(FLOAT32);
    x.dispose();
    adam.dispose();
  }
});

it('Adam keeps slots by name: the order of the variables does not matter', () => {
  const make = (): { a: tf.Variable; b: tf.Variable } => ({
    a: tf.variable(tf.tensor1d([1])),
    b: tf.variable(tf.tensor1d([2])),
  });
  const one = make();
  const other = make();
  const first = createAdam({ learningRate: 0.1 });
  const second = createAdam({ learningRate: 0.1 });
  for (const [ga, gb] of [
    [1, -3],
    [0.5, 4],
  ] as const) {
    const gradients = { a: tf.tensor1d([ga]), b: tf.tensor1d([gb]) };
    first.apply(gradients, one);
    second.apply({ b: gradients.b, a: gradients.a }, { b: other.b, a: other.a });
    tf.dispose(gradients);
  }
  expect([value(one.a), value(one.b)]).toEqual([value(other.a), value(other.b)]);
  tf.dispose([one, other]);
  first.dispose();
  second.dispose();
});

it('Adam goes on bit by bit from slots that were saved, in another optimizer', async () => {
  const gradient = (i: number): tf.Tensor => tf.tensor2d([[Math.sin(i), Math.cos(i)]]);
  const run = async (stopAt: number | undefined): Promise<number[]> => {
    let w = tf.variable(tf.tensor2d([[0.3, -0.7]]));
    let adam = createAdam({ learningRate: 0.01 });
    for (let i = 0; i < 10; i++) {
      if (i === stopAt) {
        const saved = await adam.slots();
        const weights = tf.variable(w.clone());
        adam.dispose();
        w.dispose();
        w = weights;
        adam = createAdam({ learningRate: 0.01 });
        adam.restore(saved);
        expect(adam.stepCount()).toBe(i);
      }
      const g = gradient(i);
      adam.apply({ w: g }, { w });
      g.dispose();
    }
    return value(w);
  };
  expect(await run(5)).toEqual(await run(undefined));
});

it('Adam leaves no tensor behind but its two slots a variable', () => {
  const x = tf.variable(tf.tensor1d([1, 2]));
  const adam = createAdam({ learningRate: 0.1 });
  const g = tf.tensor1d([1, 1]);
  const before = tf.memory().numTensors;
  adam.apply({ x: g }, { x });
  adam.apply({ x: g }, { x });
  expect(tf.memory().numTensors).toBe(before + 2);
  adam.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

it('Adam names the rule that a bad option or a lone slot breaks', () => {
  expect(() => createAdam({ learningRate: -1 })).toThrow(/learningRate must be 0 or more/);
  expect(() => createAdam({ learningRate: 1, beta1: 1 })).toThrow(/betas from 0 to below 1/);
  const adam = createAdam({ learningRate: 1 });
  expect(() => {
    adam.restore([]);
  }).toThrow(/must include `step`/);
  const step = { name: 'step', shape: [], data: Int32Array.of(1) };
  expect(() => {
    adam.restore([step, { name: 'm/x', shape: [1], data: Float32Array.of(1) }]);
  }).toThrow(/m alone/);
  expect(() => {
    adam.apply({ x: tf.tensor1d([1]) }, {});
  }).toThrow(/none for x/);
});
