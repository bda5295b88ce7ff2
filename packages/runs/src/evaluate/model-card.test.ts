import type { ClassifierEvaluation, RunRecord } from '@janus/core';
import type { DatasetRecord } from '@janus/data';
import { expect, it } from 'vitest';
import { CLASSIFIER_DEFAULTS, type ResolvedClassifierOptions } from '../classifier/options.js';
import { classifierCard } from './model-card.js';
import { classifierCardJson } from './model-card-json.js';

const RECORD: RunRecord<ResolvedClassifierOptions> = {
  ...{ format: 2, kind: 'classifier', name: 'gender (people)', status: 'finished', seed: 1 },
  ...{ started: '2026-01-02T03:04:05.000Z', versions: { janus: '0.1.0' }, engine: 'js' },
  dataHash: 'abcdef0123456789',
  options: {
    ...CLASSIFIER_DEFAULTS,
    ...{ data: 'people', target: 'gender', cut: 'block4', normalisation: 'sqrt-l2' },
    precision: 'float32',
  },
};

const DATASET: DatasetRecord = {
  ...{ format: 1, name: 'people', source: 'People', licence: 'CC BY 4.0', options: {}, steps: [] },
  labelling: { kind: 'perceived', how: 'Two people judged each image.' },
};

const EVALUATION: ClassifierEvaluation = {
  ...{ kind: 'classifier', target: 'gender', classes: ['female', 'male'], split: 'test', n: 50 },
  accuracy: { value: 0.9, low: 0.79, high: 0.96 },
  balancedAccuracy: { value: 0.85, low: 0.7, high: 0.95 },
  majority: 0.8,
  perClass: {
    female: { n: 10, recall: { value: 0.8, low: 0.49, high: 0.94 } },
    male: { n: 40, recall: { value: 0.925, low: 0.8, high: 0.97 }, precision: 0.95 },
  },
  confusion: [
    [8, 2],
    [3, 37],
  ],
  ...{ intervalMethod: 'accuracy: Wilson', calibrationError: 0.04, mistakes: [] },
};

const SLICES: NonNullable<ClassifierEvaluation['slices']> = {
  minCell: 20,
  leftOut: [],
  frames: [
    {
      columns: ['age'],
      n: 42,
      cells: [
        { values: ['young'], n: 30, accuracy: { value: 0.95, low: 0.8, high: 0.99 } },
        { values: ['old'], n: 12 },
      ],
    },
  ],
};

it('every figure of the card for programs has its interval, and groups have theirs', () => {
  const { quantitative_analysis, ...card } = classifierCardJson({
    ...{ record: RECORD, dataset: DATASET },
    evaluation: { ...EVALUATION, slices: SLICES },
  });
  const metrics = quantitative_analysis.performance_metrics;
  expect(metrics[0]).toEqual({
    ...{ type: 'accuracy (test split, n = 50)', value: 0.9 },
    confidence_interval: { lower_bound: 0.79, upper_bound: 0.96 },
  });
  expect(metrics.map(({ slice }) => slice).filter((slice) => slice !== undefined)).toEqual([
    ...['gender=female', 'gender=male', 'predicted male', 'age=young'],
  ]);
  expect(card.model_details).toMatchObject({
    version: { name: 'Janus 0.1.0', date: '2026-01-02' },
    licenses: [{ custom_text: 'Of the data: CC BY 4.0.' }],
  });
  expect(card.model_parameters.data[0]?.description).toContain('perceived. Two people judged');
  const limits = card.considerations.limitations.map(({ description }) => description).join('\n');
  expect(limits).toContain('Labels are perceived');
  expect(limits).toContain('Lowest accuracy of a group: age=young, 95.0 % [80.0, 99.0], n = 30.');
  expect(limits).toContain('Not for: Deciding anything about a person');
});

it('the card for people has the same, and marks groups of too few images', () => {
  const given = { record: RECORD, dataset: DATASET };
  const card = classifierCard({ ...given, evaluation: { ...EVALUATION, slices: SLICES } });
  expect(card).toContain('| age=young | 30 | 95.0 % [80.0, 99.0] |');
  expect(card).toContain('| age=old | 12 | fewer than 20 images |');
  for (const heading of ['Figures', 'Groups', 'Made with', 'For', 'Limits', 'Not for']) {
    expect(card).toContain(`\n## ${heading}\n`);
  }
  expect(card).toContain(
    'Always naming the commonest class would have 80.0 %, where the model has 90.0 % [79.0, 96.0].',
  );
  const plain = classifierCard({ ...given, evaluation: EVALUATION });
  expect(plain).not.toContain('## Groups');
  expect(plain).toContain('Accuracy by groups of people was not measured.');
});
