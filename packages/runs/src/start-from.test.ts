import { expect, it } from 'vitest';
import { checkSameStart, hashOfArrays } from './start-from.js';

const arrays = [{ name: 'a', shape: [2], data: Float32Array.of(1, 2) }];

it('weights that are read again must be those that a run started from', () => {
  const recorded = { run: '/runs/first', step: 4, sha256: hashOfArrays(arrays) };
  const startOf = (data: Float32Array) => {
    const again = [{ name: 'a', shape: [2], data }];
    return { arrays: again, source: { ...recorded, sha256: hashOfArrays(again) } };
  };
  expect(() => {
    checkSameStart(startOf(Float32Array.of(1, 2)), recorded);
  }).not.toThrow();
  expect(() => {
    checkSameStart(startOf(Float32Array.of(1, 3)), recorded);
  }).toThrow(
    /\/runs\/first: must have the weights that the run started from \([0-9a-f]{12}\), but/,
  );
});
