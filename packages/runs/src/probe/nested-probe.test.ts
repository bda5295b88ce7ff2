import { useEngine } from '@janus/engine';
import { beforeAll, expect, it } from 'vitest';
import { predictNested, type Candidate } from './nested-probe.js';

beforeAll(async () => {
  await useEngine({ engine: 'wasm' });
});

const N = 60;
const FOLDS = 3;
const folds = Array.from({ length: N }, (_, i) => i % FOLDS);
const labels = Array.from({ length: N }, (_, i) => Math.floor(i / FOLDS) % 2);
/** The label as a sign; of two rows in each fold the opposite, so that weak penalties do not help. */
const sign = (i: number): number => ((labels[i] === 1) === i >= 6 ? 1 : -1);

/** Features of one folder: a single column, standardised. */
function candidate(data: string, column: (row: number) => number): Candidate {
  return {
    data,
    input: {
      data: Float32Array.from({ length: N }, (_, i) => column(i)),
      ...{ columns: 1, classes: 2, labels, folds },
      clusters: labels.map((_, i) => String(i)),
    },
    choice: {
      part: { cut: 'block1', pooling: 'average', from: 0, length: 1 },
      normalisation: 'standard',
    },
  };
}

/** Returns the share of a fold's images whose own class has the higher probability. */
function accuracyOf(fold: number, probabilities: Float64Array): number {
  const rows = labels.flatMap((_, i) => (folds[i] === fold ? [i] : []));
  const isRight = (i: number): boolean => (probabilities[2 * i + (labels[i] ?? 0)] ?? 0) > 0.5;
  return rows.filter(isRight).length / rows.length;
}

const useless = candidate('useless', (i) => (Math.sin(i * 12.9898) * 43758.5453) % 1);
const telling = candidate('telling', (i) => sign(i) + 0.1 * Math.sin(i));

it('chooses what tells the classes, for each fold', async () => {
  const { choices, probabilities } = await predictNested([useless, telling]);
  expect(choices.map(({ fold, data, n }) => [fold, data, n])).toEqual([
    [0, 'telling', N / FOLDS],
    [1, 'telling', N / FOLDS],
    [2, 'telling', N / FOLDS],
  ]);
  expect(accuracyOf(1, probabilities)).toBe(1 - 2 / (N / FOLDS));
});

it('chooses and fits without the fold that is predicted', async () => {
  // In fold 0 alone this column says the opposite: over all images it is the better one for folds 1 and 2 only,
  // and what is fitted on them gets all of fold 0 wrong.
  const inverted = candidate('inverted', (i) => (folds[i] === 0 ? -sign(i) : sign(i)));
  const { choices, probabilities } = await predictNested([useless, inverted]);
  expect(choices[0]?.data).toBe('inverted');
  expect(choices[0]?.loss).toBeLessThan(0.5);
  expect(accuracyOf(0, probabilities)).toBe(2 / (N / FOLDS));
});
