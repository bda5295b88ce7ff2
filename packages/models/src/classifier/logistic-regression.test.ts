import { NumericalError, OptionsError } from '@janus/core';
import { describe, expect, it } from 'vitest';
import { fitLogisticRegression, predictLogistic } from './logistic-regression.js';
import { minimise } from './lbfgs.js';

const ROWS = 60;
const COLUMNS = 5;
const data = Float32Array.from({ length: ROWS * COLUMNS }, (_, at) => {
  const [i, j] = [Math.floor(at / COLUMNS), at % COLUMNS];
  return Math.sin(7 * i + 13 * j * j + 1);
});
const labelsOf = (classes: number): number[] =>
  Array.from({ length: ROWS }, (_, i) =>
    Math.floor(((Math.sin(7 * i + 1) + Math.cos(5 * i) + 2) / 4) * classes * 0.999),
  );

/** What tools/oracles/logistic_regression.py prints, scikit-learn 1.9.1. */
const ORACLE = [
  {
    ...{ classes: 2, penalty: 0.01, classWeights: undefined },
    weights: [0.76095778, 0.5170634, -0.53135676, -0.26626669, 0.35207657, -0.27125954],
    probabilities: [0.21700815, 0.78299185, 0.18463357, 0.81536643, 0.30517209, 0.69482791],
  },
  {
    ...{ classes: 2, penalty: 0.1, classWeights: [2, 0.5] },
    weights: [0.42136139, 0.32360952, -0.20664183, -0.20866358, 0.24902109, -1.51817822],
    probabilities: [0.6158146, 0.3841854, 0.6143622, 0.3856378, 0.72662843, 0.27337157],
  },
  {
    ...{ classes: 3, penalty: 0.003, classWeights: undefined },
    weights: [
      ...[-0.71894057, -0.51946571, 0.42933473, 0.30237255, -0.37750464, -0.1988472],
      ...[-0.16290919, -0.10803916, 0.11999244, 0.05264375, -0.07152389, 1.00150515],
      ...[0.88184975, 0.62750487, -0.54932717, -0.3550163, 0.44902853, -0.80265795],
    ],
    probabilities: [
      ...[0.03072851, 0.37564129, 0.5936302, 0.02573085, 0.33145566, 0.64281349],
      ...[0.0775811, 0.54041634, 0.38200256],
    ],
  },
];

/** The largest difference of two lists. */
const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.max(...Array.from(a, (each, i) => Math.abs(each - (b[i] ?? NaN))));

describe('fitLogisticRegression', () => {
  it.each(ORACLE)(
    "finds scikit-learn's weights: $classes classes, penalty $penalty",
    ({ classes, penalty, classWeights, weights, probabilities }) => {
      const labels = labelsOf(classes);
      const model = fitLogisticRegression(
        { data, columns: COLUMNS, labels },
        { classes, penalty, tolerance: 1e-9, ...(classWeights && { classWeights }) },
      );
      expect(model.converged).toBe(true);
      expect(distance(model.weights, weights)).toBeLessThan(1e-6);
      const found = predictLogistic(model, { data, rows: [0, 1, 2] });
      expect(distance(found, probabilities)).toBeLessThan(1e-6);
    },
  );

  it('counts only the rows that it is given, as often as they are named', () => {
    const rows = [...Array.from({ length: 40 }, (_, i) => i), 3, 4];
    const options = { classes: 2, penalty: 0.01 } as const;
    const labels = labelsOf(2);
    const some = fitLogisticRegression({ data, columns: COLUMNS, labels, rows }, options);
    const copied = fitLogisticRegression(
      {
        data: Float32Array.from(
          rows.flatMap((row) => [...data.subarray(row * COLUMNS, (row + 1) * COLUMNS)]),
        ),
        columns: COLUMNS,
        labels: rows.map((row) => labels[row] ?? 0),
      },
      options,
    );
    expect(some.weights).toEqual(copied.weights);
  });

  it('goes on from another fit, in fewer iterations', () => {
    const rows = { data, columns: COLUMNS, labels: labelsOf(3) };
    const start = fitLogisticRegression(rows, { classes: 3, penalty: 0.01 });
    const alone = fitLogisticRegression(rows, { classes: 3, penalty: 0.008 });
    const warm = fitLogisticRegression(rows, { classes: 3, penalty: 0.008, start });
    expect(warm.iterations).toBeLessThan(alone.iterations);
    expect(distance(warm.weights, alone.weights)).toBeLessThan(1e-3);
  });

  it('names what is wrong with its rows and options', () => {
    const labels = labelsOf(2);
    const fit = (given: object, penalty = 0.1) =>
      fitLogisticRegression({ data, columns: COLUMNS, labels, ...given }, { classes: 2, penalty });
    expect(() => fit({ rows: [] })).toThrow(OptionsError);
    expect(() => fit({}, -1)).toThrow(/penalty must be at least 0, but got -1/);
    expect(() => fit({ labels: [0, 1, 2] })).toThrow(/from 0 to 1, but row 2 has 2/);
    expect(() => fit({ data: data.map((each, i) => (i === 7 ? NaN : each)) })).toThrow(
      NumericalError,
    );
  });
});

describe('minimise', () => {
  it('walks down the valley of Rosenbrock', () => {
    const found = minimise(
      (point, gradient) => {
        const [x = 0, y = 0] = point;
        gradient.set([-400 * x * (y - x * x) - 2 * (1 - x), 200 * (y - x * x)]);
        return 100 * (y - x * x) ** 2 + (1 - x) ** 2;
      },
      Float64Array.of(-1.2, 1),
      { tolerance: 1e-8 },
    );
    expect(found.converged).toBe(true);
    expect(distance(found.point, [1, 1])).toBeLessThan(1e-7);
  });

  it('says when its iterations ran out', () => {
    const found = minimise(
      (point, gradient) => {
        gradient[0] = 4 * (point[0] ?? 0) ** 3;
        return (point[0] ?? 0) ** 4;
      },
      Float64Array.of(3),
      { maxIterations: 2 },
    );
    expect(found).toMatchObject({ iterations: 2, converged: false });
  });
});
