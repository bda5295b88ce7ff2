import { expect, it } from 'vitest';
import { smoothedLosses, valleyOf } from './rate-finder.js';

/** The curve of tools/oracles/lr_valley.py. */
const curve = (i: number): number =>
  0.7 - 0.5 / (1 + Math.exp(-(i - 50) / 6)) + Math.exp((i - 88) / 3) + 0.02 * Math.sin(i);

const CURVE = Array.from({ length: 95 }, (_, i) => curve(i));

// Reference Python code: tools/oracles/lr_valley.py, which holds fastai's functions.
it('the valley of a curve is that of fastai', () => {
  const of = (losses: readonly number[]): readonly number[] => {
    const { from, to, suggestion } = valleyOf(losses);
    return [from, to, suggestion];
  };
  expect(of(CURVE)).toEqual([35, 74, 54]);
  expect(of(smoothedLosses(CURVE))).toEqual([16, 83, 49]);
  expect(of([3, 4, 2, 5, 1, 6, 0.5])).toEqual([2, 6, 3]);
  expect(of([1, 2, 3, 4])).toEqual([0, 0, 0]);
});

it('smoothed losses are those of fastai', () => {
  const expected = [1, 2.010101010101, 2.006665759761, 2.777827242018];
  smoothedLosses([1, 3, 2, 5]).forEach((loss, i) => {
    expect(loss).toBeCloseTo(expected[i]!, 11);
  });
});

it('a curve of two points suggests one of them', () => {
  expect(valleyOf([2, 1]).suggestion).toBe(0);
});
