import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exponentialSweep, SCHEDULE_NAMES, SCHEDULES } from './schedules.js';

const at = (name: keyof typeof SCHEDULES, steps: number): readonly number[] =>
  Array.from({ length: steps }, (_, step) => SCHEDULES[name](step, steps));

it('every schedule stays above 0 and at most 1', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...SCHEDULE_NAMES),
      fc.integer({ min: 1, max: 500 }),
      (name, steps) => {
        for (const factor of at(name, steps)) {
          if (!(factor > 0 && factor <= 1)) return false;
        }
        return true;
      },
    ),
  );
});

it('the smooth schedules never jump by more than their steepest slope', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('linear' as const, 'cosine' as const, 'one-cycle' as const),
      fc.integer({ min: 100, max: 500 }),
      (name, steps) => {
        const factors = at(name, steps);
        // The steepest is the warm-up of cosine: all of the rate in 5 % of the updates.
        const most = 1 / Math.round(0.05 * steps);
        return factors.every((each, i) => i === 0 || Math.abs(each - factors[i - 1]!) <= most);
      },
    ),
  );
});

describe('values at known places', () => {
  it('of linear fall in equal parts', () => {
    expect(at('linear', 4)).toEqual([1, 0.75, 0.5, 0.25]);
  });

  it('of cosine rise over a twentieth, and are a half in the middle of the fall', () => {
    const factors = at('cosine', 40);
    expect(factors.slice(0, 3)).toEqual([1 / 3, 2 / 3, 1]);
    expect(factors[2 + 19]).toBeCloseTo(0.5, 12);
  });

  it('of one-cycle are those of fastai: combined_cos(0.25, 1/25, 1, 1/1e5)', () => {
    // From fastai 2.7: start + (1 + cos(pi (1 - pos))) (end - start) / 2 on each side of 0.25.
    const factors = at('one-cycle', 8);
    expect(factors[0]).toBeCloseTo(0.04, 12);
    expect(factors[1]).toBeCloseTo(0.52, 12);
    expect(factors[2]).toBe(1);
    expect(factors[5]).toBeCloseTo((1 + 1e-5) / 2, 12);
  });

  it('of step are a tenth and a hundredth from the thirds on', () => {
    const factors = at('step', 6);
    [1, 1, 0.1, 0.1, 0.01, 0.01].forEach((factor, i) => {
      expect(factors[i]).toBeCloseTo(factor, 12);
    });
  });

  it('of a sweep have the same ratio from one update to the next, and end at the last rate', () => {
    const rates = [0, 1, 2, 3].map((step) => exponentialSweep({ first: 1e-3, last: 1 }, step, 4));
    [1e-3, 1e-2, 1e-1, 1].forEach((rate, i) => {
      expect(rates[i]).toBeCloseTo(rate, 12);
    });
  });
});
