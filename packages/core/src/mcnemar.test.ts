import { describe, expect, it } from 'vitest';
import { discordantPairs, holm, mcnemar } from './mcnemar.js';

/** A sum of up to 900 terms in float64. */
const RELATIVE = 1e-10;

describe('mcnemar', () => {
  it('equals twice the binomial tail of pairs of which only one is right', () => {
    // b = 1, c = 5: 2 * (C(6,0) + C(6,1)) / 2^6 = 14 / 64
    const first = [true, false, false, false, false, false, true];
    const second = [false, true, true, true, true, true, true];
    const pairs = discordantPairs(first, second);
    expect(pairs).toEqual({ onlyFirst: 1, onlySecond: 5 });
    expect(mcnemar(pairs).p).toBeCloseTo(14 / 64, 12);
    expect(mcnemar(discordantPairs([true], [true])).p).toBe(1);
  });

  it("equals scipy's binomtest and statsmodels' exact test, also for thousands of pairs", () => {
    // tools/oracles/paired_tests.py
    const oracle = [
      [10, 25, 0.016673847800120715],
      [0, 7, 0.015625],
      [40, 40, 1],
      [900, 1100, 8.45708953550381e-6],
    ] as const;
    for (const [onlyFirst, onlySecond, p] of oracle) {
      expect(Math.abs(mcnemar({ onlyFirst, onlySecond }).p / p - 1)).toBeLessThan(RELATIVE);
    }
  });

  it('refuses lists of different lengths and counts that are none', () => {
    expect(() => discordantPairs([true], [])).toThrow(/same items, but got 1 and 0/);
    expect(() => mcnemar({ onlyFirst: 1.5, onlySecond: 0 })).toThrow(/but got 1.5/);
  });
});

describe('holm', () => {
  it("equals statsmodels' multipletests in any order", () => {
    // tools/oracles/paired_tests.py
    const close = (found: readonly number[], expected: readonly number[]): void => {
      found.forEach((p, i) => {
        expect(p).toBeCloseTo(expected[i] ?? NaN, 12);
      });
    };
    close(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02]);
    close(holm([0.2, 0.001, 0.2, 0.9, 0.04]), [0.6, 0.005, 0.6, 0.9, 0.16]);
    expect(holm([])).toEqual([]);
  });

  it('refuses what is no probability', () => {
    expect(() => holm([0.5, 1.2])).toThrow(/but got 1.2/);
  });
});
