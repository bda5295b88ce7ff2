import { describe, expect, it } from 'vitest';
import {
  balancedAccuracy,
  clusterBootstrap,
  confusionMatrix,
  medianOf,
  wilsonInterval,
} from './statistics.js';

describe('wilsonInterval', () => {
  it('equals the closed form worked out by hand for 7 of 50', () => {
    // p = 0.14, z^2 = 3.8414588; centre = (0.14 + 0.038414588) / 1.076829177,
    // half = 1.959964 / 1.076829177 * sqrt(0.14 * 0.86 / 50 + 3.8414588 / 10000)
    const interval = wilsonInterval(7, 50);
    const scale = 1 + 3.841458820694124 / 50;
    const centre = (0.14 + 3.841458820694124 / 100) / scale;
    const half =
      (1.959963984540054 / scale) * Math.sqrt((0.14 * 0.86) / 50 + 3.841458820694124 / 10000);
    expect(interval.value).toBe(0.14);
    expect(interval.low).toBeCloseTo(centre - half, 12);
    expect(interval.high).toBeCloseTo(centre + half, 12);
    expect(interval.low).toBeCloseTo(0.0695, 3);
    expect(interval.high).toBeCloseTo(0.2619, 3);
  });

  it('stays within 0 and 1 at the ends', () => {
    expect(wilsonInterval(0, 10).low).toBe(0);
    expect(wilsonInterval(10, 10).high).toBe(1);
    expect(wilsonInterval(10, 10).low).toBeGreaterThan(0.7);
  });

  it('refuses an empty count', () => {
    expect(() => wilsonInterval(0, 0)).toThrow(/n above 0, but got 0 of 0/);
  });
});

describe('medianOf', () => {
  it('takes the middle of an odd number and the mean of the middle two of an even one', () => {
    expect(medianOf([9, 1, 2])).toBe(2);
    expect(medianOf([9, 1, 2, 4])).toBe(3);
  });

  it('refuses no values', () => {
    expect(() => medianOf([])).toThrow(/needs a value, but got none/);
  });
});

describe('clusterBootstrap', () => {
  it('is wider than the items alone when clusters agree within themselves', () => {
    const clusters = Array.from({ length: 200 }, (_, i) => `person ${Math.floor(i / 10)}`);
    const right = clusters.map((_, i) => (Math.floor(i / 10) % 4 === 0 ? 0 : 1));
    const statistic = (items: readonly number[]): number =>
      items.reduce((sum, i) => sum + (right[i] ?? 0), 0) / items.length;
    const byPerson = clusterBootstrap({ clusters, statistic });
    const byItem = clusterBootstrap({ clusters: clusters.map((_, i) => `${i}`), statistic });
    expect(byPerson.value).toBe(0.75);
    expect(byPerson.high - byPerson.low).toBeGreaterThan(2 * (byItem.high - byItem.low));
  });

  it('repeats for the same seed', () => {
    const options = {
      clusters: ['a', 'b', 'c', 'd'],
      statistic: (items: readonly number[]) => items.reduce((a, b) => a + b, 0) / items.length,
    };
    expect(clusterBootstrap(options)).toEqual(clusterBootstrap(options));
  });
});

it('confusionMatrix counts true classes in rows', () => {
  expect(confusionMatrix([0, 0, 1, 1, 1], [0, 1, 1, 1, 0], 2)).toEqual([
    [1, 1],
    [1, 2],
  ]);
});

it('balancedAccuracy is the mean recall', () => {
  expect(
    balancedAccuracy([
      [9, 1],
      [1, 1],
    ]),
  ).toBeCloseTo(0.7, 12);
});
