import { wilsonInterval, type DirectionEvaluation } from '@janus/core';
import { expect, it } from 'vitest';
import { judgedOf } from './translation-measures.js';

const way = (n: number, more: Partial<DirectionEvaluation> = {}): DirectionEvaluation => ({
  ...{ n, changeL1: 0, judgedAsTarget: wilsonInterval(n / 2, n), ...more },
});

it("the shares of both directions are pooled with Wilson's interval where nobody repeats", () => {
  expect(judgedOf([way(20), way(60)])).toEqual({ ...wilsonInterval(40, 80), n: 80 });
  expect(judgedOf([way(20), way(60, { judgedAsTarget: undefined })])).toBeNull();
});

it('the intervals of resampled people are put together as those of independent shares', () => {
  const more: Partial<DirectionEvaluation> = {
    judgedAsTarget: { value: 0.5, low: 0.2, high: 0.9 },
    intervalMethod: 'bootstrap over people',
  };
  // Half of each: sqrt(2) / 2 of the reach of one.
  const { value = NaN, low = NaN, high = NaN } = judgedOf([way(20, more), way(20, more)]) ?? {};
  expect(value).toBe(0.5);
  expect(low).toBeCloseTo(0.5 - 0.3 * Math.SQRT1_2, 12);
  expect(high).toBeCloseTo(0.5 + 0.4 * Math.SQRT1_2, 12);
});
