import { describe, expect, it } from 'vitest';
import {
  binOfNumber,
  expectedNumber,
  rangesOf,
  scaleOfNumbers,
  scaleOfRanges,
} from './heads-scale.js';

const repeated = (values: readonly number[], times: number): readonly number[] =>
  values.flatMap((value) => Array.from({ length: times }, () => value));

describe('scaleOfNumbers', () => {
  it('has edges at multiples of the width, centres at means, and the median', () => {
    const values = repeated([18, 19, 22, 27], 3);
    const { scale, classes } = scaleOfNumbers(values, { width: 5 });
    expect(classes).toEqual(['15-19', '20-29']); // 25 to 29 alone has three values
    expect(scale).toEqual({ edges: [20], centres: [18.5, 24.5], median: 20.5 });
  });

  it('joins a bin of fewer than five values to the next, the last one to the one before', () => {
    const values = [...repeated([1, 3], 5), 5, 7, 7, 7, 7, 9];
    const { scale, classes } = scaleOfNumbers(values, { width: 2 });
    expect(classes).toEqual(['0-1', '2-3', '4-9']);
    expect(scale.edges).toEqual([2, 4]);
    expect(scale.centres[2]).toBeCloseTo(7, 12); // (5 + 4 * 7 + 9) / 6
  });

  it('chooses a round width for at most 16 bins, a whole one for whole numbers', () => {
    const ages = Array.from({ length: 630 }, (_, i) => 18 + (i % 63));
    const { classes } = scaleOfNumbers(ages);
    expect(classes.slice(0, 2)).toEqual(['15-19', '20-24']);
    const shares = Array.from({ length: 200 }, (_, i) => i / 200);
    expect(scaleOfNumbers(shares).classes.slice(0, 2)).toEqual(['0 to 0.1', '0.1 to 0.2']);
  });

  it('refuses values of one bin, and a width of 0', () => {
    expect(() => scaleOfNumbers([3, 3, 3, 3, 3, 3])).toThrow(/at least two bins/);
    expect(() => scaleOfNumbers([1, 2], { width: 0 })).toThrow(/width must be above 0, but got 0/);
  });
});

describe('rangesOf', () => {
  it('orders ranges by their numbers; an open one is as wide as its neighbour', () => {
    const ranges = rangesOf(['more than 70', '10-19', '0-2', '3-9', '20-70']);
    expect(ranges?.map(({ text, middle }) => [text, middle])).toEqual([
      ['0-2', 1],
      ['3-9', 6],
      ['10-19', 14.5],
      ['20-70', 45],
      ['more than 70', 95],
    ]);
  });

  it('is undefined for words, numbers alone, and ranges that overlap', () => {
    expect(rangesOf(['young', '20-29'])).toBeUndefined();
    expect(rangesOf(['1', '2', '3'])).toBeUndefined();
    expect(rangesOf(['0-20', '10-29'])).toBeUndefined();
  });

  it('gives a scale whose bins hold their own middles', () => {
    const ranges = rangesOf(['0-9', '10-19', '20+']) ?? [];
    const { scale, classes } = scaleOfRanges(ranges, [4.5, 14.5, 14.5]);
    expect(classes).toEqual(['0-9', '10-19', '20+']);
    expect(scale).toEqual({ edges: [10, 20], centres: [4.5, 14.5, 24.5], median: 14.5 });
    expect(ranges.map(({ middle }) => binOfNumber(middle, scale))).toEqual([0, 1, 2]);
  });
});

describe('a scale', () => {
  const scale = { edges: [20, 30], centres: [15, 25, 35] };

  it('has numbers beyond its ends in its end bins', () => {
    expect([-5, 19.9, 20, 29, 30, 99].map((value) => binOfNumber(value, scale))).toEqual([
      ...[0, 0, 1, 1, 2, 2],
    ]);
  });

  it('expects the mean of its centres, weighted by probability', () => {
    expect(expectedNumber([0.5, 0.25, 0.25], scale)).toBe(22.5);
  });
});
