import { streamOf } from '@janus/core';
import { describe, expect, it } from 'vitest';
import { fitOrderedLogistic } from './heads-ordered.js';
import { fitLogisticRegression, predictLogistic } from './logistic-regression.js';

/** Digits of a minimum that two optimisers find, whose gradients end below 1e-9. */
const SAME_MINIMUM = 6;

describe('fitOrderedLogistic', () => {
  const data = Float32Array.from([
    ...[0.2, 1, 1.1, -0.3, 0.5, 0.4, 1.9, 0.1, 2.4, -1.2, 1.4, 1.5, 3.1, 0.3, 2.2, 0.9],
  ]);
  const labels = [0, 0, 1, 1, 2, 1, 2, 2];
  const centres = [10, 25, 70];

  it('finds the minimum that scipy finds', () => {
    // tools/oracles/ordered_logistic.py, scipy 1.16
    const expected = [
      ...[16.65606672751971, 23.410934722141047, 18.11105740922229, 42.336565467608736],
      ...[58.624434632767425, 27.28597855755941, 67.37506153000076, 51.1999010523322],
    ];
    const options = { centres, penalty: 0.1, tolerance: 1e-9 };
    const { model, point } = fitOrderedLogistic({ data, columns: 2, labels }, options);
    expect(point[0]).toBeCloseTo(1.3808786113738771, SAME_MINIMUM);
    expect(point[1]).toBeCloseTo(-0.04844075097323333, SAME_MINIMUM);
    const probabilities = predictLogistic(model, { data });
    expected.forEach((value, i) => {
      const told = centres.reduce((sum, c, k) => sum + c * (probabilities[i * 3 + k] ?? 0), 0);
      expect(told).toBeCloseTo(value, SAME_MINIMUM - 2);
    });
  });

  it('of two classes equals a logistic regression whose penalty is that of its direction', () => {
    const two = labels.map((label) => Math.min(1, label));
    const rows = { data, columns: 2, labels: two };
    const exact = { penalty: 0.1, tolerance: 1e-9 };
    const { model } = fitOrderedLogistic(rows, { centres: [3, 9], ...exact });
    // Centres at variance 1 are apart by 1 / sqrt(p q): so is the direction shorter.
    const apart = 1 / Math.sqrt((2 / 8) * (6 / 8));
    const same = fitLogisticRegression(rows, { classes: 2, ...exact, penalty: 0.1 / apart ** 2 });
    model.weights.forEach((weight, j) => {
      expect(weight).toBeCloseTo(same.weights[j] ?? NaN, SAME_MINIMUM);
    });
  });

  it('leaves out the rows that are not named, and begins at another fit', () => {
    const stream = streamOf(2, 'ordered');
    const noisy = Float32Array.from({ length: 20 }, () => stream.normal());
    const longer = Float32Array.from([...data, ...noisy]);
    const rows = [0, 1, 2, 3, 4, 5, 6, 7];
    const options = { centres, penalty: 1, tolerance: 1e-9 };
    const alone = fitOrderedLogistic({ data, columns: 2, labels }, options);
    const among = fitOrderedLogistic(
      { data: longer, columns: 2, labels: [...labels, ...rows.map(() => -1), -1, -1], rows },
      { ...options, start: alone },
    );
    expect([...among.point]).toEqual([...alone.point]);
    expect(among.model.iterations).toBe(0);
  });
});
