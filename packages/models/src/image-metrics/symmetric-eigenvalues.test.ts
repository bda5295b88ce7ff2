import { streamOf } from '@janus/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { symmetricEigenvalues } from './symmetric-eigenvalues.js';

const sorted = (values: Float64Array): number[] => [...values].sort((a, b) => a - b);

it('gives the eigenvalues of the second difference, 2 - 2 cos(pi k / (n + 1))', () => {
  const n = 12;
  const values = Float64Array.from({ length: n * n }, (_, at) => {
    const distance = Math.abs(Math.floor(at / n) - (at % n));
    return distance === 0 ? 2 : distance === 1 ? -1 : 0;
  });
  sorted(symmetricEigenvalues({ n, values })).forEach((value, k) => {
    expect(value).toBeCloseTo(2 - 2 * Math.cos((Math.PI * (k + 1)) / (n + 1)), 12);
  });
});

it('gives those of a diagonal, of blocks, of zeros and of a single number', () => {
  expect(sorted(symmetricEigenvalues({ n: 2, values: Float64Array.of(3, 0, 0, -1) }))).toEqual([
    -1, 3,
  ]);
  const blocks = Float64Array.of(0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 2, 1, 0, 0, 1, 2);
  const expected = [-1, 1, 1, 3];
  sorted(symmetricEigenvalues({ n: 4, values: blocks })).forEach((value, k) => {
    expect(value).toBeCloseTo(expected[k] ?? NaN, 12);
  });
  expect([...symmetricEigenvalues({ n: 3, values: new Float64Array(9) })]).toEqual([0, 0, 0]);
  expect([...symmetricEigenvalues({ n: 1, values: Float64Array.of(5) })]).toEqual([5]);
});

it('keeps the trace and the sum of squares of any symmetric matrix, of any rank', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 16 }), fc.nat(8), fc.integer(), (n, rank, seed) => {
      const stream = streamOf(seed, 'matrix');
      const columns = Array.from({ length: rank }, () =>
        Array.from({ length: n }, () => stream.next() - 0.5),
      );
      const values = Float64Array.from({ length: n * n }, (_, at) =>
        columns.reduce((sum, c) => sum + (c[Math.floor(at / n)] ?? 0) * (c[at % n] ?? 0), 0),
      );
      const found = symmetricEigenvalues({ n, values });
      const trace = Array.from({ length: n }, (_, i) => values[i * n + i] ?? 0);
      const sum = (of: Iterable<number>): number => [...of].reduce((a, b) => a + b, 0);
      expect(sum(found)).toBeCloseTo(sum(trace), 10);
      expect(sum(found.map((x) => x * x))).toBeCloseTo(sum(values.map((x) => x * x)), 10);
      expect(Math.min(...found)).toBeGreaterThan(-1e-12);
    }),
  );
});
