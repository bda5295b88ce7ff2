import { expect, it } from 'vitest';
import {
  changeWeightAt,
  epochFactor,
  linearDecay,
  type EpochScheduleOptions,
} from './cyclegan-schedule.js';

const PAPER: EpochScheduleOptions = {
  ...{ schedule: 'linear', constantEpochs: 100, decayEpochs: 100, stepEpochs: 50 },
  earlierLosses: [],
};

it.each([
  [99, 2e-4],
  [100, 2e-4],
  [101, 1.98019802e-4],
  [150, 1.00990099e-4],
  [199, 3.96039604e-6],
  [200, 1.98019802e-6],
])('in epoch %i, counted from 1, the rate of the paper is %d', (epoch, rate) => {
  expect(2e-4 * linearDecay(epoch - 1, PAPER)).toBeCloseTo(rate, 12);
  expect(2e-4 * epochFactor(epoch - 1, PAPER)).toBeCloseTo(rate, 12);
});

it('a cosine has the ends of the straight line, and its middle', () => {
  const of = (epoch: number): number => epochFactor(epoch, { ...PAPER, schedule: 'cosine' });
  expect(of(0)).toBe(1);
  expect(of(99)).toBe(1);
  // (1 + cos(pi 50.5 / 101)) / 2, were there such an epoch.
  expect((of(149) + of(150)) / 2).toBeCloseTo(0.5, 9);
  expect(of(199)).toBeGreaterThan(0);
  expect(of(200)).toBeCloseTo(0, 12);
});

it('steps are tenths', () => {
  const of = (epoch: number): number => epochFactor(epoch, { ...PAPER, schedule: 'step' });
  expect([0, 49, 50, 99, 100].map(of)).toEqual([1, 1, 0.1, 0.1, 0.1 ** 2]);
  expect(() => epochFactor(1, { ...PAPER, schedule: 'step', stepEpochs: 0 })).toThrow(/stepEpochs/);
});

it('a plateau lowers the rate after its patience, and a hundredth less is not better', () => {
  const of = (earlierLosses: readonly number[]): number =>
    epochFactor(earlierLosses.length, { ...PAPER, schedule: 'plateau', earlierLosses });
  const flat = (count: number): number[] => new Array<number>(count).fill(2);
  expect(of([])).toBe(1);
  // The first is the best; five more are waited for, and the sixth is one too many.
  expect(of(flat(6))).toBe(1);
  expect(of(flat(7))).toBeCloseTo(0.2, 12);
  expect(of(flat(13))).toBeCloseTo(0.04, 12);
  expect(of([...flat(6), 1.985])).toBeCloseTo(0.2, 12);
  expect(of([...flat(6), 1.97])).toBe(1);
  // Of a hinge, which may be negative: lower is better.
  expect(of([-1, -1.02, -1.02, -1.02, -1.02, -1.02, -1.02])).toBe(1);
});

it('the weight of the change stays in the constant epochs, then moves evenly with each update', () => {
  const options = { lambdaChange: 7, lambdaChangeEnd: 19, constantEpochs: 1, decayEpochs: 3 };
  const at = (epoch: number, batch: number): number => changeWeightAt({ epoch, batch }, 4, options);
  expect([at(0, 0), at(0, 3), at(1, 0), at(1, 1), at(2, 0), at(3, 3)]).toEqual([
    7, 7, 7, 8, 11, 18,
  ]);
  // A training that goes on past its epochs keeps the last weight.
  expect(at(5, 0)).toBe(19);
  const still = { lambdaChange: 7, constantEpochs: 1, decayEpochs: 3 };
  expect(changeWeightAt({ epoch: 3, batch: 1 }, 4, still)).toBe(7);
});
