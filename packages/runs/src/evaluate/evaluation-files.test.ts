import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { wilsonInterval, type ClassifierEvaluation } from '@janus/core';
import { writeEvaluationFigures } from './evaluation-files.js';

let run = '';
beforeEach(async () => {
  run = await mkdtemp(join(tmpdir(), 'janus-evaluation-files-'));
});
afterEach(() => rm(run, { recursive: true }));

const EVALUATION: ClassifierEvaluation = {
  kind: 'classifier',
  ...{ target: 'kind', classes: ['a', 'b'], split: 'test', n: 4 },
  accuracy: wilsonInterval(3, 4),
  balancedAccuracy: wilsonInterval(3, 4),
  majority: 0.75,
  perClass: {
    a: { n: 3, recall: wilsonInterval(2, 3) },
    b: { n: 1, recall: wilsonInterval(1, 1) },
  },
  confusion: [
    [2, 1],
    [0, 1],
  ],
  ...{ intervalMethod: 'Wilson', calibrationError: 0.1, mistakes: [] },
};

const ROBUSTNESS = {
  ...{ n: 4, size: 32, unchanged: wilsonInterval(3, 4) },
  rows: [{ change: 'blur', strength: 0.01, accuracy: wilsonInterval(2, 4) }],
};

it('writeEvaluationFigures draws what the evaluation holds, and removes what it has no numbers for', async () => {
  await writeEvaluationFigures(run, { ...EVALUATION, robustness: ROBUSTNESS });
  const names = ['confusion.png', 'confusion.svg', 'robustness.png', 'robustness.svg'];
  expect((await readdir(join(run, 'figures'))).sort()).toEqual(names);
  expect(await readFile(join(run, 'figures', 'robustness.svg'), 'utf8')).toContain('Blur');
  const files = await writeEvaluationFigures(run, EVALUATION);
  expect(files).toEqual(
    names
      .slice(0, 2)
      .map((name) => join(run, 'figures', name))
      .reverse(),
  );
  expect((await readdir(join(run, 'figures'))).sort()).toEqual(names.slice(0, 2));
});

it('writeEvaluationFigures keeps the figures of another data set apart', async () => {
  await writeEvaluationFigures(run, { ...EVALUATION, robustness: ROBUSTNESS });
  await writeEvaluationFigures(run, EVALUATION, 'fairface');
  const names = await readdir(join(run, 'figures'));
  expect(names).toContain('robustness.png');
  expect(names).toContain('confusion-fairface.svg');
});
