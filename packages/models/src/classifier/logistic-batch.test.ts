import { NumericalError, OptionsError } from '@janus/core';
import { useEngine } from '@janus/engine';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { fitLogisticRegressions } from './logistic-batch.js';
import { fitLogisticRegression } from './logistic-regression.js';

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
const all = Array.from({ length: ROWS }, (_, i) => i);
const odd = all.filter((i) => i % 2 === 1);

/** What the issue asks of a fit, compared with the one in float64 that scikit-learn's values check. */
const TOLERANCE = 1e-4;

const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.max(...Array.from(a, (each, i) => Math.abs(each - (b[i] ?? NaN))));

beforeAll(async () => {
  await useEngine({ engine: 'js' });
});

describe('fitLogisticRegressions', () => {
  it.each([2, 3])('finds what fits one by one find: %i classes', async (classes) => {
    const labels = labelsOf(classes);
    const classWeights = [2, 0.5, 1].slice(0, classes);
    const fits = [
      { rows: all, penalty: 0.1 },
      { rows: odd, penalty: 0.01, classWeights },
      { rows: [...odd, ...odd, 0], penalty: 1 },
    ];
    const models = await fitLogisticRegressions({ data, columns: COLUMNS, labels }, fits, {
      ...{ classes, tolerance: 1e-6 },
    });
    expect(models).toHaveLength(fits.length);
    fits.forEach(({ rows, ...fit }, i) => {
      const alone = fitLogisticRegression(
        { data, columns: COLUMNS, labels, rows },
        { classes, tolerance: 1e-9, ...fit },
      );
      expect(models[i]?.converged).toBe(true);
      expect(distance(models[i]?.weights ?? [], alone.weights)).toBeLessThan(TOLERANCE);
    });
  });

  it('has nothing to do where it starts at the minimum', async () => {
    const given = { data, columns: COLUMNS, labels: labelsOf(2) };
    const fit = { rows: all, penalty: 0.1 };
    const [first] = await fitLogisticRegressions(given, [fit], { classes: 2 });
    const start = first!;
    const [again] = await fitLogisticRegressions(given, [{ ...fit, start }], { classes: 2 });
    expect(again).toEqual({ ...start, iterations: 0 });
  });

  it('keeps nothing on the engine, also when it throws or a signal stops it', async () => {
    const before = tf.memory().numTensors;
    const given = { data, columns: COLUMNS, labels: labelsOf(2) };
    const stop = new AbortController();
    setImmediate(() => {
      stop.abort('enough');
    });
    const fit = { rows: all, penalty: 0.1 };
    const options = { classes: 2, tolerance: 0, signal: stop.signal };
    await expect(fitLogisticRegressions(given, [fit], options)).rejects.toBe('enough');
    await fitLogisticRegressions(given, [{ rows: all, penalty: 0.1 }], { classes: 2 });
    const broken = data.map((each, at) => (at === 7 ? NaN : each));
    await expect(
      fitLogisticRegressions({ ...given, data: broken }, [{ rows: all, penalty: 0.1 }], {
        classes: 2,
      }),
    ).rejects.toThrow(NumericalError);
    await expect(
      fitLogisticRegressions(given, [{ rows: [], penalty: 0.1 }], { classes: 2 }),
    ).rejects.toThrow(OptionsError);
    expect(tf.memory().numTensors).toBe(before);
  });
});
