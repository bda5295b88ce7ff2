import { wilsonInterval, type ClassifierEvaluation } from '@janus/core';
import { expect, test } from 'vitest';
import { classifierSection } from './classifier-section.js';
import type { ClassifierRun } from './read-runs.js';

const INTERVAL = { value: 0.8, low: 0.7, high: 0.9 };

const EVALUATION: ClassifierEvaluation = {
  kind: 'classifier',
  ...{ target: 'kind', classes: ['a', 'b'], split: 'test', n: 40 },
  ...{ accuracy: INTERVAL, balancedAccuracy: INTERVAL, majority: 0.75 },
  perClass: {
    a: { n: 30, recall: wilsonInterval(25, 30) },
    b: { n: 10, recall: wilsonInterval(7, 10) },
  },
  confusion: [
    [25, 5],
    [3, 7],
  ],
  ...{ intervalMethod: 'Wilson', calibrationError: 0.1, mistakes: [] },
};

const runOf = (evaluation: ClassifierEvaluation): ClassifierRun => ({
  ...{ kind: 'classifier', folder: '/runs/own', name: 'own', id: 'own' },
  record: {
    ...{ format: 2, kind: 'classifier', name: 'own', started: '2026-01-02T10:00:00Z' },
    ...{ options: { target: 'kind' }, seed: 1, versions: {}, gitCommit: undefined },
    ...{ dataHash: '0', engine: 'wasm', status: 'finished' },
  },
  ...{ metrics: [], card: undefined, samples: new Map(), evaluation },
});

test('a classifier has the figures that its evaluation holds, each with a caption, and pairs only in its folder', async () => {
  const frame = (columns: readonly string[]) => ({
    ...{ columns, n: 40 },
    cells: [{ values: columns.map(() => 'x'), n: 40, accuracy: INTERVAL }],
  });
  const { figures, body } = await classifierSection(
    runOf({
      ...EVALUATION,
      slices: { minCell: 20, leftOut: [], frames: [frame(['age']), frame(['age', 'kind'])] },
      robustness: {
        ...{ n: 40, size: 32, unchanged: INTERVAL },
        rows: [{ change: 'jpeg', strength: 5, accuracy: INTERVAL }],
      },
    }),
  );
  expect(figures.map(({ id }) => id)).toEqual([
    ...['own-confusion', 'own-accuracy', 'own-slices', 'own-robustness'],
  ]);
  expect(body.markup).toMatch(/figure-own-slices[^]*<figcaption>The largest difference/);
  const without = await classifierSection(runOf(EVALUATION));
  expect(without.figures.map(({ id }) => id)).toEqual(['own-confusion', 'own-accuracy']);
  expect(without.body.markup).not.toContain('own-robustness');
});
