import { streamOf } from '@janus/core';
import { describe, expect, test } from 'vitest';
import type { Features } from '../features.js';
import { unitFeatures } from './embedding.js';
import { kernelDistance, kernelDistanceInterval } from './kernel-distance.js';

function featuresOf(rows: readonly (readonly number[])[]): Features {
  return {
    data: Float32Array.from(rows.flat()),
    count: rows.length,
    shape: [rows[0]?.length ?? 0],
  };
}

describe('kernelDistance', () => {
  // By hand, d = 2: within X the kernel is 1 for every pair (all products are 0), so its mean is 1.
  // Within Y: (1,1).(2,0) = 2 -> 8, (1,1).(0,2) = 2 -> 8, (2,0).(0,2) = 0 -> 1, mean 17/3.
  // Across: x = (0,0) gives 1 three times; (1,0) gives 1.5^3, 2^3, 1; (0,1) the same: the mean is
  // (3 + 2 (3.375 + 8 + 1)) / 9 = 3.0833.... So 1 + 17/3 - 2 * 3.08333 = 0.5.
  const x = featuresOf([
    [0, 0],
    [1, 0],
    [0, 1],
  ]);
  const y = featuresOf([
    [1, 1],
    [2, 0],
    [0, 2],
  ]);

  test('gives the value worked out by hand', () => {
    expect(kernelDistance(x, y)).toBeCloseTo(0.5, 12);
  });

  test('does not depend on which set comes first', () => {
    expect(kernelDistance(y, x)).toBeCloseTo(kernelDistance(x, y), 12);
  });

  test('is unbiased: the mean over samples of one distribution is 0, the values fall on both sides', () => {
    const stream = streamOf(3, 'samples');
    const sample = (): Features =>
      featuresOf(Array.from({ length: 12 }, () => [stream.next(), stream.next(), stream.next()]));
    const values = Array.from({ length: 200 }, () => kernelDistance(sample(), sample()));
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const deviation = Math.sqrt(
      values.reduce((a, b) => a + (b - mean) ** 2, 0) / (values.length - 1),
    );
    expect(Math.abs(mean)).toBeLessThan((3 * deviation) / Math.sqrt(values.length));
    expect(Math.min(...values)).toBeLessThan(0);
  });

  test('grows as one set moves away', () => {
    const moved = (by: number): Features => ({ ...x, data: x.data.map((value) => value + by) });
    expect(kernelDistance(x, moved(2))).toBeGreaterThan(kernelDistance(x, moved(1)));
  });

  test('requires two images and features of the same length', () => {
    expect(() => kernelDistance(featuresOf([[0, 0]]), y)).toThrow(/at least 2 images/);
    expect(() => kernelDistance(featuresOf([[0], [1]]), y)).toThrow(/of the same length.*1 and 2/);
  });
});

describe('kernelDistanceInterval', () => {
  const stream = streamOf(5, 'interval');
  const sample = (count: number, by = 0): Features =>
    featuresOf(Array.from({ length: count }, () => [by + stream.next(), stream.next()]));

  test('has the value of the distance, and the deviation of leaving out each image in turn', () => {
    const a = sample(6);
    const b = sample(5, 1);
    const without = (set: Features, out: number): Features => ({
      ...set,
      count: set.count - 1,
      data: set.data.filter((_, k) => Math.floor(k / 2) !== out),
    });
    const spread = (values: readonly number[]): number => {
      const mean = values.reduce((x, y) => x + y, 0) / values.length;
      const squares = values.reduce((x, y) => x + (y - mean) ** 2, 0);
      return ((values.length - 1) / values.length) * squares;
    };
    const ofA = [0, 1, 2, 3, 4, 5].map((i) => kernelDistance(without(a, i), b));
    const ofB = [0, 1, 2, 3, 4].map((i) => kernelDistance(a, without(b, i)));
    const { value, low, high } = kernelDistanceInterval(a, b);
    expect(value).toBe(kernelDistance(a, b));
    expect((high - low) / 2).toBeCloseTo(
      1.959963984540054 * Math.sqrt(spread(ofA) + spread(ofB)),
      10,
    );
  });

  test('covers the true distance of most samples', () => {
    // Of x uniform in [0, 1)^2 and y moved by 1 along the first axis, from 600 images of each.
    const truth = kernelDistance(sample(600), sample(600, 1));
    const covered = Array.from({ length: 100 }, () => {
      const { low, high } = kernelDistanceInterval(sample(30), sample(30, 1));
      return low <= truth && truth <= high;
    });
    // 95 % of 100 with a deviation of 2.2, and a jackknife that is a little too narrow at 30 images.
    expect(covered.filter(Boolean).length).toBeGreaterThanOrEqual(87);
  });

  test('requires three images', () => {
    expect(() => kernelDistanceInterval(sample(2), sample(3))).toThrow(/at least 3.*2 and 3/);
  });
});

test('unitFeatures gives every image the length sqrt(d) and keeps its direction', () => {
  const { data } = unitFeatures(
    featuresOf([
      [3, 4],
      [0, 0],
      [0, 2],
    ]),
  );
  const root = Math.SQRT2;
  [0.6 * root, 0.8 * root, 0, 0, 0, root].forEach((value, i) => {
    expect(data[i]).toBeCloseTo(value, 6);
  });
});
