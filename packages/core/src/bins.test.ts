import { expect, it } from 'vitest';
import { binEdge, binsOf, roundBinWidth } from './bins.js';

it('roundBinWidth is 1, 2, 2.5 or 5 times a power of ten, and wide enough', () => {
  const width = (low: number, high: number, maxBins = 30): number =>
    roundBinWidth(low, high, { maxBins });
  expect(width(0, 80)).toBe(5);
  expect(width(0, 60)).toBe(2);
  expect(width(18, 80)).toBe(2.5);
  expect(width(0, 0.07)).toBeCloseTo(0.0025, 15);
  expect(width(1900, 1999, 20)).toBe(5);
  expect(width(7, 7)).toBe(1);
});

it('roundBinWidth of whole numbers is a whole number, so that no bin holds fewer of them', () => {
  const width = (low: number, high: number): number =>
    roundBinWidth(low, high, { maxBins: 30, whole: true });
  expect(width(18, 80)).toBe(5);
  expect(width(0, 1)).toBe(1);
  expect(width(0, 700)).toBe(25);
});

it('binsOf counts every finite value once; a bin holds its lower edge', () => {
  expect(binsOf([0, 9.99, 10, 10, 25, NaN, Infinity], 3)).toEqual({
    first: 0,
    width: 10,
    counts: [2, 2, 1],
  });
  // Below zero the bins go on: -3 is in the bin from -5.
  expect(binsOf([-3, 4], 2)).toEqual({ first: -1, width: 5, counts: [1, 1] });
});

it('a value that floating point puts just below an edge is on it', () => {
  const bins = binsOf([0, 0.1, 0.2, 0.1 * 3, 0.7 + 0.1], 8);
  expect(bins.width).toBeCloseTo(0.1, 15);
  expect(bins.counts).toEqual([1, 1, 1, 1, 0, 0, 0, 0, 1]);
  expect(binEdge(bins, 3)).toBe(0.3);
});

it('binsOf refuses values without a number', () => {
  expect(() => binsOf([NaN], 5)).toThrow(/must hold a finite number, but got 1 values/);
});
