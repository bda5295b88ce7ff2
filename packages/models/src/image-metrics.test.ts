import { streamOf } from '@janus/core';
import { describe, expect, test } from 'vitest';
import type { Features } from './features.js';
import { kernelDistance, unitFeatures } from './image-metrics.js';

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
