import * as tf from '@tensorflow/tfjs';
import { useEngine } from '@janus/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Optimizer } from './optimizer-contract.js';
import { blockFactors, createOptimizer, numberTensors } from './optimizer.js';
import { createSgd } from './sgd.js';

beforeAll(async () => {
  await useEngine({ engine: 'js' });
});

/** float32 arithmetic on values of order 1. */
const FLOAT32 = 2e-6;

/** Does an update by the same gradient for all numbers of each variable. */
function updateBy(
  optimizer: Optimizer,
  variables: Record<string, tf.Variable>,
  gradient: number,
): void {
  tf.tidy(() => {
    const gradients = Object.fromEntries(
      Object.entries(variables).map(([name, { shape }]) => [name, tf.fill(shape, gradient)]),
    );
    optimizer.update(gradients, variables, numberTensors(optimizer.advance()));
  });
}

const first = (variable: tf.Variable): number => variable.dataSync()[0]!;

describe('gradient descent', () => {
  it('equals its rule written out: momentum, and decay of kernels alone', () => {
    const variables = {
      'a/kernel': tf.variable(tf.tensor2d([[1]])),
      'a/bias': tf.variable(tf.tensor1d([1])),
    };
    const sgd = createSgd({ learningRate: 0.1, momentum: 0.8, weightDecay: 0.5 });
    let [kernel, bias, velocity] = [1, 1, 0];
    for (const gradient of [0.5, -1, 2, 0.25]) {
      velocity = 0.8 * velocity + gradient;
      kernel = kernel * (1 - 0.1 * 0.5) - 0.1 * velocity;
      bias -= 0.1 * velocity;
      updateBy(sgd, variables, gradient);
      expect(Math.abs(first(variables['a/kernel']) - kernel)).toBeLessThan(FLOAT32);
      expect(Math.abs(first(variables['a/bias']) - bias)).toBeLessThan(FLOAT32);
    }
    sgd.dispose();
    tf.dispose(variables);
  });

  it('continues from its slots as if it had not stopped', async () => {
    const start = (): Record<string, tf.Variable> => ({ a: tf.variable(tf.tensor1d([1, 2])) });
    const [whole, parts] = [start(), start()];
    const [one, two, three] = [0, 0, 0].map(() => createSgd({ learningRate: 0.1 }));
    for (const gradient of [1, -2, 3]) updateBy(one!, whole, gradient);
    updateBy(two!, parts, 1);
    three!.prepare(parts);
    three!.restore(await two!.slots());
    for (const gradient of [-2, 3]) updateBy(three!, parts, gradient);
    expect([...parts['a']!.dataSync()]).toEqual([...whole['a']!.dataSync()]);
    expect(() => {
      three!.restore([]);
    }).toThrow(/must include `step`/);
    for (const each of [one, two, three]) each!.dispose();
    tf.dispose([whole, parts]);
  });

  it('refuses numbers out of range', () => {
    expect(() => createSgd({ learningRate: 0.1, momentum: 1 })).toThrow(
      /momentum from 0 to below 1/,
    );
    expect(() => createSgd({ learningRate: 1, weightDecay: 1 })).toThrow(/below 1 \/ learningRate/);
  });
});

it('blocks have a rate that falls from the head down, by block and not by layer', () => {
  const factorOf = blockFactors(
    ['block4_conv1/kernel', 'block4_conv2/kernel', 'block5_conv1/kernel', 'block5_conv1/bias'],
    0.5,
  );
  expect(factorOf('logits/kernel')).toBe(1);
  expect(factorOf('block5_conv1/bias')).toBe(0.5);
  expect(factorOf('block4_conv1/kernel')).toBe(0.25);
  expect(factorOf('block4_conv2/kernel')).toBe(0.25);
});

for (const optimizer of ['adam', 'sgd'] as const) {
  it(`${optimizer} with a factor on a variable equals ${optimizer} with that rate, decay included`, () => {
    const options = { optimizer, weightDecay: 0.5 };
    const make = (): tf.Variable => tf.variable(tf.tensor2d([[1, -2]]));
    const both = { slow: make(), fast: make() };
    const [slow, fast] = [make(), make()];
    const factored = createOptimizer({
      ...options,
      learningRate: 0.1,
      factorOf: (name) => (name === 'slow' ? 0.25 : 1),
    });
    const plainSlow = createOptimizer({ ...options, learningRate: 0.025 });
    const plainFast = createOptimizer({ ...options, learningRate: 0.1 });
    for (const gradient of [1, -0.5, 2]) {
      updateBy(factored, both, gradient);
      updateBy(plainSlow, { x: slow }, gradient);
      updateBy(plainFast, { x: fast }, gradient);
    }
    expect(Math.abs(first(both.slow) - first(slow))).toBeLessThan(FLOAT32);
    expect(first(both.fast)).toBe(first(fast));
    for (const each of [factored, plainSlow, plainFast]) each.dispose();
    tf.dispose([both, slow, fast]);
  });
}
