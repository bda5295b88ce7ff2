import { describe, expect, it } from 'vitest';
import { associationOf, chiSquareTail } from './association.js';

/** Printed tables give critical values with three decimals. */
const TABLE = 5e-5;

describe('chiSquareTail', () => {
  it('gives the levels of the printed critical values', () => {
    // Abramowitz and Stegun 1964, table 26.8.
    for (const [x, degrees, level] of [
      [3.841, 1, 0.05],
      [10.828, 1, 0.001],
      [5.991, 2, 0.05],
      [18.307, 10, 0.05],
      [29.588, 10, 0.001],
      [124.342, 100, 0.05],
      [82.358, 100, 0.9],
    ] as const) {
      expect(Math.abs(chiSquareTail(x, degrees) - level), `${x} at ${degrees}`).toBeLessThan(TABLE);
    }
  });

  it('equals the closed form for two and for four degrees', () => {
    for (const x of [0.01, 1, 3, 5, 40, 300]) {
      const two = Math.exp(-x / 2);
      expect(Math.abs(chiSquareTail(x, 2) / two - 1)).toBeLessThan(1e-10);
      expect(Math.abs(chiSquareTail(x, 4) / (two * (1 + x / 2)) - 1)).toBeLessThan(1e-10);
    }
    expect(chiSquareTail(0, 3)).toBe(1);
  });
});

describe('associationOf', () => {
  it('equals what is worked out by hand for a table of two by two', () => {
    // Expected: 20, 20, 20, 20; chi-square = 4 * 10^2 / 20 = 20; n = 80.
    const found = associationOf([
      [30, 10],
      [10, 30],
    ]);
    expect(found).toMatchObject({ n: 80, chiSquare: 20, degreesOfFreedom: 1 });
    // (20/80 - 1/79) / (2 - 1/79 - 1)
    expect(found.cramersV).toBeCloseTo(Math.sqrt((0.25 - 1 / 79) / (1 - 1 / 79)), 12);
    expect(found.p).toBeCloseTo(7.744e-6, 9);
  });

  it('is 1 when one column determines the other, and 0 when it says nothing', () => {
    const same = associationOf([
      [500, 0, 0],
      [0, 300, 0],
      [0, 0, 200],
    ]);
    expect(same.cramersV).toBeCloseTo(1, 2);
    const nothing = associationOf([
      [20, 40],
      [10, 20],
    ]);
    expect(nothing).toMatchObject({ chiSquare: 0, p: 1, cramersV: 0 });
  });

  it('leaves out values that do not occur, and a single value says nothing', () => {
    const table = [
      [30, 0, 10],
      [0, 0, 0],
      [10, 0, 30],
    ];
    expect(associationOf(table)).toMatchObject({ chiSquare: 20, degreesOfFreedom: 1 });
    expect(associationOf([[5, 7]])).toEqual({
      n: 12,
      chiSquare: 0,
      degreesOfFreedom: 0,
      p: 1,
      cramersV: 0,
    });
    expect(associationOf([]).n).toBe(0);
  });
});
