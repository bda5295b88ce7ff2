import { expect, it } from 'vitest';
import { measureSeeds, type SeedPrediction } from './measure-seeds.js';

/** Returns what a run said of images `0`, `1` and so on of classes a and b, each of two images a person. */
const said = (labels: string, predictions: string): readonly SeedPrediction[] =>
  Array.from(labels, (label, i) => ({
    ...{ id: String(i), person: String(i >> 1), label, predicted: predictions[i] ?? '' },
  }));

it('measureSeeds has the mean over the runs, and how it varies with seeds and with images', () => {
  // Right: 6 of 8 and 7 of 8. Recalls: a 4/6 and 5/6, b 2/2 and 2/2.
  const labels = 'aaaaaabb';
  const { n, measures } = measureSeeds([said(labels, 'aabaabbb'), said(labels, 'aaaaabbb')]);
  expect(n).toBe(8);
  const { accuracy, balancedAccuracy } = measures;
  expect(accuracy?.values).toEqual([6 / 8, 7 / 8]);
  expect(accuracy?.seeds?.value).toBeCloseTo(13 / 16, 12);
  // Deviation of two values: their distance over the root of 2; t of 1 degree of freedom: 12.706.
  expect(accuracy?.seeds?.deviation).toBeCloseTo(1 / 8 / Math.SQRT2, 12);
  expect(accuracy?.seeds?.high).toBeCloseTo(13 / 16 + 12.706204736 / 16, 8);
  expect(accuracy?.images.value).toBeCloseTo(13 / 16, 12);
  expect(accuracy?.images.low).toBeLessThan(13 / 16);
  expect(balancedAccuracy?.values[0]).toBeCloseTo((4 / 6 + 1) / 2, 12);
  expect(measures).not.toHaveProperty('mae');
});

it('measureSeeds compares runs on the images that all have, and has the error of numbers', () => {
  const withError = (run: readonly SeedPrediction[], error: number) =>
    run.map((each) => ({ ...each, error }));
  const runs = [withError(said('aabb', 'aabb'), 2), withError(said('aab', 'aab'), 4)];
  const { n, measures } = measureSeeds(runs);
  expect(n).toBe(3);
  expect(measures['mae']?.images).toEqual({ value: 3, low: 3, high: 3 });
  expect(measureSeeds([said('ab', 'ab')]).measures['accuracy']?.seeds).toBeNull();
});
