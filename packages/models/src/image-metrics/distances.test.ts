import { expect, it } from 'vitest';
import { featureDistances, imageDistances } from './distances.js';

it('imageDistances gives the mean absolute difference of each pair in signed pixels', () => {
  const a = Uint8Array.of(0, 0, 255, 255);
  const b = Uint8Array.of(255, 255, 255, 204);
  expect(imageDistances(a, b, 2)).toEqual([2, 0.2]);
  expect(() => imageDistances(a, b.subarray(1), 2)).toThrow(
    /same number of pixels, but got 4 and 3/,
  );
});

it('featureDistances gives the Euclidean distance of each pair', () => {
  const a = { data: Float32Array.of(0, 0, 1, 1), count: 2, shape: [2] };
  const b = { data: Float32Array.of(3, 4, 1, 1), count: 2, shape: [2] };
  expect(featureDistances(a, b)).toEqual([5, 0]);
  expect(() => featureDistances(a, { ...b, count: 1 })).toThrow(/same shape/);
});
