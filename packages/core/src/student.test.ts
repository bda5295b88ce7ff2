import { expect, it } from 'vitest';
import { meanInterval, studentQuantile95 } from './student.js';

/** Bisection ends where neighbouring float64 numbers give the same share, whose slope is above 0.001. */
const QUANTILE = 1e-10;

it("studentQuantile95 equals scipy's for odd and even degrees of freedom", () => {
  // tools/oracles/student_interval.py
  const oracle = [
    [1, 12.706204736174694],
    [2, 4.302652729749462],
    [3, 3.1824463052837078],
    [4, 2.7764451051977934],
    [5, 2.5705818356363146],
    [9, 2.262157162798205],
    [10, 2.228138851986274],
    [30, 2.0422724563012378],
    [100, 1.9839715185235518],
    [1001, 1.9623367052808798],
  ] as const;
  for (const [freedom, quantile] of oracle) {
    expect(Math.abs(studentQuantile95(freedom) - quantile)).toBeLessThan(QUANTILE);
  }
  expect(() => studentQuantile95(0)).toThrow(/whole number from 1, but got 0/);
});

it("meanInterval equals scipy's t interval, and needs two values", () => {
  // tools/oracles/student_interval.py
  const three = meanInterval([0.91, 0.925, 0.913]);
  expect(three.value).toBeCloseTo(0.916, 12);
  expect(three.deviation).toBeCloseTo(0.00793725393319378, 12);
  expect(three.low).toBeCloseTo(0.8962827681768147, 10);
  expect(three.high).toBeCloseTo(0.9357172318231853, 10);
  const five = meanInterval([4.1, 4.5, 3.9, 4.0, 4.6]);
  expect(five.low).toBeCloseTo(3.833285945445179, 10);
  expect(five.high).toBeCloseTo(4.606714054554822, 10);
  expect(() => meanInterval([0.9])).toThrow(/needs two values, but got 1/);
});
