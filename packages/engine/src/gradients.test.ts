import * as tf from '@tensorflow/tfjs';
import { streamOf } from '@janus/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { instanceNorm } from './instance-norm.js';
import { installedAddon } from './install/installed.js';
import { reflectPad } from './reflect-pad.js';
import { useEngine, type EngineName } from './use-engine.js';

/** float32 finite differences with step 1e-2 on sums of order 10: rounding 1e-3, curvature 1e-3. */
const FINITE_DIFFERENCE = 2e-2;
const STEP = 1e-2;

function randomTensor(shape: readonly number[], name: string): tf.Tensor4D {
  const stream = streamOf(1, 'gradient test', name, ...shape);
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor<tf.Rank.R4>(
    Float32Array.from({ length: size }, () => stream.normal()),
    [shape[0] ?? 1, shape[1] ?? 1, shape[2] ?? 1, shape[3] ?? 1],
  );
}

/** Largest difference between the gradient of sum(f(x) * w) and finite differences. */
function gradientError(f: (x: tf.Tensor4D) => tf.Tensor, x: tf.Tensor4D): number {
  return tf.tidy(() => {
    const w = randomTensor(f(x).shape, 'weights');
    const scalar = (each: tf.Tensor4D): tf.Scalar => tf.sum(tf.mul(f(each), w));
    const exact = tf
      .grad((each) => scalar(each as tf.Tensor4D))(x)
      .dataSync();
    const values = Array.from(x.dataSync());
    let worst = 0;
    values.forEach((value, i) => {
      const at = (delta: number): number => {
        const moved = values.slice();
        moved[i] = value + delta;
        return scalar(tf.tensor4d(moved, x.shape)).dataSync()[0] ?? NaN;
      };
      const difference = (at(STEP) - at(-STEP)) / (2 * STEP);
      worst = Math.max(worst, Math.abs(difference - (exact[i] ?? NaN)));
    });
    return worst;
  });
}

const ENGINES: readonly EngineName[] = ['js', 'wasm', 'tensorflow'];

for (const engine of ENGINES) {
  const absent = engine === 'tensorflow' && installedAddon() === undefined;
  const title = absent ? `${engine} (skipped: the native engine is not installed)` : engine;
  describe.skipIf(absent)(title, () => {
    let before = 0;
    beforeAll(async () => {
      await useEngine({ engine });
      before = tf.memory().numTensors;
    });
    afterAll(() => {
      expect(tf.memory().numTensors).toBe(before);
    });
    const check = (name: string, f: (x: tf.Tensor4D) => tf.Tensor, shape: number[]): void => {
      it(`${name} ${shape.join('x')} has the gradient of finite differences`, () => {
        tf.tidy(() => {
          expect(gradientError(f, randomTensor(shape, name))).toBeLessThan(FINITE_DIFFERENCE);
        });
      });
    };
    check('reflectPad by 1', (x) => reflectPad(x, 1), [1, 4, 4, 2]);
    check('reflectPad by 3', (x) => reflectPad(x, 3), [2, 4, 5, 1]);
    check(
      'symmetric mirrorPad',
      (x) =>
        tf.mirrorPad(
          x,
          [
            [0, 0],
            [2, 1],
            [0, 3],
            [0, 0],
          ],
          'symmetric',
        ),
      [1, 4, 4, 1],
    );
    const places = (shape: number[]): tf.Tensor =>
      tf.tensor([0, 2, 2, 0].slice(0, tf.util.sizeFromShape(shape)), shape, 'int32');
    for (const axis of [0, 1, 2, 3]) {
      check(`gather along axis ${axis}`, (x) => tf.gather(x, places([4]), axis), [3, 4, 3, 3]);
    }
    check(
      'gather of a matrix of places',
      (x) => tf.gather(tf.reshape(x, [2, 3, 2]), places([2, 2]), 1),
      [2, 3, 2, 1],
    );
    check('gather in batches', (x) => tf.gather(x, places([2, 2]), 1, 1), [2, 3, 2, 1]);
    check(
      'unsortedSegmentSum',
      (x) => tf.unsortedSegmentSum(x, tf.tensor1d([1, 0, 1], 'int32'), 2),
      [3, 2, 2, 1],
    );
    check('instanceNorm', (x) => instanceNorm(x), [2, 3, 3, 2]);
    check('instanceNorm of many channels', (x) => instanceNorm(x), [1, 3, 2, 19]);
    for (const slope of [0, 0.2]) {
      check(
        `instanceNorm with slope ${slope}, away from its corner`,
        // Normalised, each number is far from 0: pushed from it first.
        (x) => instanceNorm(tf.add(tf.mul(x, 0.1), tf.sign(x)), { slope }),
        [2, 4, 3, 2],
      );
    }
    check(
      'relu away from its corner',
      (x) => tf.relu(tf.add(tf.mul(x, 3), tf.sign(x))),
      [1, 3, 3, 2],
    );
    check('leakyRelu', (x) => tf.leakyRelu(tf.add(x, tf.sign(x)), 0.2), [1, 3, 3, 2]);
    for (const [stride, pad] of [
      [1, 'same'],
      [1, 'valid'],
      [2, 'same'],
      [2, 'valid'],
      [2, 1],
    ] as const) {
      // The native library takes no padding in numbers; nothing here asks it to.
      if (pad === 1 && engine === 'tensorflow') continue;
      const kernel = (): tf.Tensor4D => randomTensor([3, 3, 2, 3], 'kernel');
      const image = (): tf.Tensor4D => randomTensor([2, 6, 5, 2], 'image');
      check(
        `conv2d stride ${stride} ${pad}, input`,
        (x) => tf.conv2d(x, kernel(), stride, pad, 'NHWC', 1, pad === 1 ? 'floor' : undefined),
        [2, 6, 5, 2],
      );
      check(
        `conv2d stride ${stride} ${pad}, kernel`,
        (w) => tf.conv2d(image(), w, stride, pad, 'NHWC', 1, pad === 1 ? 'floor' : undefined),
        [3, 3, 2, 3],
      );
    }
    check(
      'conv2dTranspose, input',
      (x) => tf.conv2dTranspose(x, randomTensor([3, 3, 2, 3], 'up'), [1, 7, 9, 2], 2, 'valid'),
      [1, 3, 4, 3],
    );
    check(
      'conv2dTranspose, kernel',
      (w) => tf.conv2dTranspose(randomTensor([1, 3, 4, 3], 'low'), w, [1, 7, 9, 2], 2, 'valid'),
      [3, 3, 2, 3],
    );
    check('maxPool 2 by 2', (x) => tf.maxPool(x, 2, 2, 'valid'), [2, 4, 5, 2]);
    check('maxPool 3 by 2, overlapping', (x) => tf.maxPool(x, 3, 2, 'valid'), [1, 7, 8, 3]);
    check('maxPool with a border', (x) => tf.maxPool(x, 3, 2, 'same'), [1, 5, 6, 2]);
    it('maxPool gives the gradient of a tie to the first of the window', () => {
      tf.tidy(() => {
        const gradient = tf.grad((x) => tf.sum(tf.maxPool(x as tf.Tensor4D, 2, 2, 'valid')));
        expect(Array.from(gradient(tf.zeros([1, 2, 4, 1])).dataSync())).toEqual([
          1, 0, 1, 0, 0, 0, 0, 0,
        ]);
      });
    });
    check('global average', (x) => tf.mean(x, [1, 2]), [2, 3, 3, 2]);
    check(
      'dense layer',
      (x) =>
        tf.matMul(tf.reshape(x, [2, 18]), tf.reshape(randomTensor([1, 1, 18, 4], 'd'), [18, 4])),
      [2, 3, 3, 2],
    );
    check(
      'softmax cross-entropy',
      (x) =>
        tf.losses.softmaxCrossEntropy(
          tf.tensor2d([
            [1, 0, 0],
            [0, 0, 1],
          ]),
          tf.reshape(x, [2, 3]),
        ),
      [1, 1, 2, 3],
    );
    check('tanh', (x) => tf.tanh(x), [1, 2, 2, 2]);
  });
}

it("tfjs's own mirrorPad gradient drops the mirrored border, which is why ours replaces it", async () => {
  await useEngine({ engine: 'js' });
  tf.tidy(() => {
    const dy = tf.ones([1, 6, 6, 1]);
    // What tfjs 4.22 registers: the middle of dy and nothing else.
    const dropped = tf.slice(dy, [0, 1, 1, 0], [1, 4, 4, 1]).dataSync();
    const ours = tf.grad((x) => tf.sum(reflectPad(x as tf.Tensor4D, 1)))(tf.ones([1, 4, 4, 1]));
    // Row 1 and column 1 are mirrored outwards: each of their pixels counts twice, crossings four times.
    expect(Array.from(ours.dataSync())).toEqual([1, 2, 2, 1, 2, 4, 4, 2, 2, 4, 4, 2, 1, 2, 2, 1]);
    expect(Array.from(dropped)).toEqual(new Array(16).fill(1));
  });
});
