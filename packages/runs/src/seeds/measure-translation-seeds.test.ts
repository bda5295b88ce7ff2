import type { DirectionEvaluation } from '@janus/core';
import { expect, it } from 'vitest';
import { measureDirectionSeeds } from './measure-translation-seeds.js';

const direction = (
  share: number,
  more: Partial<DirectionEvaluation> = {},
): DirectionEvaluation => ({
  n: 20,
  changeL1: 0.1,
  judgedAsTarget: { value: share, low: 0, high: 1 },
  ...more,
});

it('measureDirectionSeeds has the mean of each measure of the fakes, and how the seeds vary it', () => {
  const { n, measures } = measureDirectionSeeds([direction(0.6), direction(0.8)]);
  expect(n).toBe(20);
  expect(Object.keys(measures)).toEqual(['judgedAsTarget', 'changeL1']);
  const { judgedAsTarget } = measures;
  expect(judgedAsTarget?.values).toEqual([0.6, 0.8]);
  expect(judgedAsTarget?.seeds?.value).toBeCloseTo(0.7, 12);
  // Deviation of two values: their distance over the root of 2; t of 1 degree of freedom: 12.706.
  expect(judgedAsTarget?.seeds?.deviation).toBeCloseTo(0.2 / Math.SQRT2, 12);
  expect(judgedAsTarget?.seeds?.high).toBeCloseTo(0.7 + 12.706204736 * 0.1, 8);
  expect(measures['changeL1']?.seeds?.deviation).toBe(0);
  expect(measureDirectionSeeds([direction(0.6)]).measures['judgedAsTarget']?.seeds).toBeNull();
});

it('measureDirectionSeeds names measures by their place, and leaves out those that a run lacks', () => {
  const drift = { glasses: 0.1, hat: 0.3 };
  const all = direction(0.5, {
    ...{ drift, cycleL1: 0.2, cycle: { ssim: 0.9 } },
    kid: { value: 0.3, originals: 0.5, protocol: '' },
    twinError: { n: 20, pixels: 0.7, ranges: { pixels: { low: 0, high: 1 } } },
  });
  const names = Object.keys(measureDirectionSeeds([all, all]).measures);
  expect(names).toEqual([
    ...['judgedAsTarget', 'kid', 'twinError.pixels', 'drift.glasses', 'drift.hat'],
    ...['changeL1', 'cycleL1', 'cycle.ssim'],
  ]);
  const both = measureDirectionSeeds([all, direction(0.5, { cycleL1: 0.4 })]).measures;
  expect(Object.keys(both)).toEqual(['judgedAsTarget', 'changeL1', 'cycleL1']);
});
