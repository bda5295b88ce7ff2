import * as tf from '@tensorflow/tfjs';
import { useEngine } from '@janus/engine';
import { beforeAll, expect, it } from 'vitest';
import {
  adversarialLoss,
  ADVERSARIAL_MODES,
  cycleConsistencyLoss,
  discriminatorLoss,
  undecidedLoss,
  type AdversarialMode,
} from './cyclegan-losses.js';

beforeAll(async () => {
  await useEngine({ engine: 'js' });
});

/** float32 over a few numbers. */
const FLOAT32 = 1e-6;

const numberOf = (loss: () => tf.Scalar): number =>
  tf.tidy(() => loss().dataSync<'float32'>()[0] ?? NaN);
const generator = (logits: readonly number[], mode?: AdversarialMode): number =>
  numberOf(() => adversarialLoss(tf.tensor1d([...logits]), mode));
const discriminator = (
  [real, fake]: readonly [readonly number[], readonly number[]],
  options?: Parameters<typeof discriminatorLoss>[2],
): number =>
  numberOf(() => discriminatorLoss(tf.tensor1d([...real]), tf.tensor1d([...fake]), options));

it('least squares are those of the tests of cyclegan-1', () => {
  // leehomyc/cyclegan-1, test/test_losses.py
  expect(generator([0, 1, 0])).toBeCloseTo(0.6667, 4);
  expect(generator([1, 1, 0])).toBeCloseTo(0.3333, 4);
  expect(discriminator([[0.4], [0.7]])).toBeCloseTo(0.425, 6);
  expect(
    discriminator([
      [1, 1, 0],
      [1, 0, 0],
    ]),
  ).toBeCloseTo(0.3333, 4);
});

it('the log loss is the cross-entropy of the logits, with a label below 1 where it is smoothed', () => {
  const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit));
  const entropy = (logit: number, label: number): number =>
    -label * Math.log(sigmoid(logit)) - (1 - label) * Math.log(1 - sigmoid(logit));
  const [real, fake] = [
    [0.3, -2],
    [1.5, -0.25],
  ] as const;
  const expected = (label: number): number =>
    (entropy(real[0], label) +
      entropy(real[1], label) +
      entropy(fake[0], 0) +
      entropy(fake[1], 0)) /
    4;
  expect(generator(fake, 'log')).toBeCloseTo((entropy(1.5, 1) + entropy(-0.25, 1)) / 2, 6);
  expect(discriminator([real, fake], { mode: 'log' })).toBeCloseTo(expected(1), 6);
  const smooth = discriminator([real, fake], { mode: 'log', labelSmoothing: 0.1 });
  expect(smooth).toBeCloseTo(expected(0.9), 6);
});

it('a smoothed label of least squares is 1 less the smoothing, for real images alone', () => {
  const options = { labelSmoothing: 0.25 };
  expect(discriminator([[0.75], [0]], options)).toBeLessThan(FLOAT32);
  expect(discriminator([[1], [0.5]], options)).toBeCloseTo((0.0625 + 0.25) / 2, 6);
});

it('the hinge asks the discriminator for a margin of 1 and the generator for more without end', () => {
  // (0 + 0.5 + 3) / 3 and (0 + 1 + 1.5) / 3
  const loss = discriminator(
    [
      [2, 0.5, -2],
      [-3, 0, 0.5],
    ],
    { mode: 'hinge' },
  );
  expect(loss).toBeCloseTo((3.5 / 3 + 2.5 / 3) / 2, 6);
  expect(generator([2, -1, 8], 'hinge')).toBeCloseTo(-3, 6);
});

it('a discriminator whose logits are 0 has the loss of an undecided one', () => {
  for (const mode of ADVERSARIAL_MODES) {
    expect(discriminator([[0, 0], [0]], { mode })).toBeCloseTo(undecidedLoss(mode), 6);
  }
});

it('a cycle that adds 1 loses 1, whichever the sign', () => {
  const of = (by: number): number =>
    numberOf(() => cycleConsistencyLoss(tf.tensor1d([by, 1 + by]), tf.tensor1d([0, 1])));
  expect(of(1)).toBeCloseTo(1, 6);
  expect(of(-2)).toBeCloseTo(2, 6);
});
