import { describe, expect, it } from 'vitest';
import { accuracyOf, balancedAccuracyOf } from './share-intervals.js';
import {
  balancedAccuracy,
  clusterBootstrap,
  confusionMatrix,
  wilsonInterval,
} from './statistics.js';

const own = (i: number): string => `person ${i}`;

it('accuracyOf resamples people where they repeat', () => {
  const right = Array.from({ length: 40 }, (_, i) => (i >> 2) % 2 === 0);
  const alone = accuracyOf(
    right,
    right.map((_, i) => own(i)),
  );
  expect(alone).toEqual(wilsonInterval(20, 40));
  const fours = accuracyOf(
    right,
    right.map((_, i) => own(i >> 2)),
  );
  expect(fours.high - fours.low).toBeGreaterThan(1.5 * (alone.high - alone.low));
  // Resamples of nothing but right answers are alike, which says nothing about other people.
  const allRight = accuracyOf(
    right.map(() => true),
    right.map((_, i) => own(i >> 2)),
  );
  expect(allRight).toEqual(wilsonInterval(10, 10));
});

describe('balancedAccuracyOf', () => {
  // 30 of the first class, 10 of the second; the third has none.
  const labels = Array.from({ length: 40 }, (_, i) => (i < 30 ? 0 : 1));
  const clusters = labels.map((_, i) => own(i));
  const classes = 3;

  it('is the mean recall, resampled over people', () => {
    const predicted = labels.map((label, i) => (i % 4 === 0 ? 2 : label));
    const resampled = clusterBootstrap({
      clusters,
      statistic: (items) =>
        balancedAccuracy(
          confusionMatrix(
            items.map((i) => labels[i] ?? 0),
            items.map((i) => predicted[i] ?? 0),
            classes,
          ),
        ),
    });
    expect(balancedAccuracyOf({ labels, predicted, clusters, classes })).toEqual(resampled);
    expect(resampled.value).toBeCloseTo((22 / 30 + 8 / 10) / 2, 12);
  });

  it('has an interval where all are right, which the smaller class decides', () => {
    const found = balancedAccuracyOf({ labels, predicted: labels, clusters, classes });
    const [first, second] = [wilsonInterval(30, 30).low, wilsonInterval(10, 10).low];
    expect(found).toMatchObject({ value: 1, high: 1 });
    expect(found.low).toBeCloseTo(1 - Math.sqrt((1 - first) ** 2 + (1 - second) ** 2) / 2, 12);
    expect(found.low).toBeLessThan(wilsonInterval(40, 40).low);
    // Ten people with four images each are worth ten images, not forty.
    const fours = balancedAccuracyOf({
      ...{ labels, predicted: labels, classes },
      clusters: labels.map((_, i) => own(i >> 2)),
    });
    expect(fours.low).toBeLessThan(found.low);
  });

  it('has one on both sides where one class is all right and the other all wrong', () => {
    const predicted = labels.map(() => 0);
    const found = balancedAccuracyOf({ labels, predicted, clusters, classes });
    expect(found.value).toBe(0.5);
    expect(found.low).toBeCloseTo(0.5 - (1 - wilsonInterval(30, 30).low) / 2, 12);
    expect(found.high).toBeCloseTo(0.5 + wilsonInterval(0, 10).high / 2, 12);
  });
});
