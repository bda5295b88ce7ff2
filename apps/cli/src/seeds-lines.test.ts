import { expect, it } from 'vitest';
import { seedsLines } from './seeds-lines.js';

const IMAGES = { value: 0.91, low: 0.88, high: 0.94 };

it('seedsLines says of each measure what other seeds and other images would change', () => {
  const lines = seedsLines({
    ...{
      format: 1,
      data: 'faces',
      target: 'age',
      split: 'test',
      finished: false,
      folder: 'runs/a',
    },
    runs: [1, 2].map((seed) => ({ seed, run: `runs/a/seed-${seed}`, seconds: 1, updates: 2 })),
    targets: {
      age: {
        n: 50,
        measures: {
          accuracy: {
            values: [0.9, 0.92],
            seeds: { value: 0.91, deviation: 0.014, low: 0.78, high: 1.04 },
            images: IMAGES,
          },
          mae: { values: [4], seeds: null, images: { value: 4, low: 3.5, high: 4.5 } },
        },
      },
    },
    intervalMethod: 'both',
    left: [{ seed: 3, seconds: 0 }],
  });
  expect(lines).toEqual([
    'age, 2 seeds, n = 50:',
    '  accuracy 91.0 % (by seed 90.0, 92.0; standard deviation 1.4, other seeds [78.0, 104.0], other images [88.0, 94.0])',
    '  mean absolute error 4.00 (other images [3.50, 4.50])',
    'Seed 3 is not finished.',
    'Stopped. To go on, repeat the command.',
  ]);
});

it('seedsLines names the folds of a cross-validation', () => {
  const lines = seedsLines({
    ...{ format: 1, data: 'faces', target: 'glasses', split: 'test', folds: 5, finished: false },
    ...{
      folder: 'runs/b',
      intervalMethod: 'both',
      runs: [],
      left: [{ seed: 2, fold: 4, seconds: 0 }],
    },
    targets: {
      glasses: { n: 50, measures: { accuracy: { values: [0.9], seeds: null, images: IMAGES } } },
    },
  });
  expect(lines.slice(0, 3)).toEqual([
    'glasses, 1 seed, each of 5 folds, n = 50:',
    '  accuracy 91.0 % (other images [88.0, 94.0])',
    'Fold 4 of seed 2 is not finished.',
  ]);
});
