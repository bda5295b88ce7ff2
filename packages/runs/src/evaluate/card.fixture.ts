/** A classifier's run, data and evaluation, for the tests of its cards. */
import type { ClassifierEvaluation, RunRecord } from '@janus/core';
import type { DatasetRecord } from '@janus/data';
import { CLASSIFIER_DEFAULTS, type ResolvedClassifierOptions } from '../classifier/options.js';

export const RECORD: RunRecord<ResolvedClassifierOptions> = {
  ...{ format: 2, kind: 'classifier', name: 'gender (people)', status: 'finished', seed: 1 },
  ...{ started: '2026-01-02T03:04:05.000Z', versions: { janus: '0.1.0' }, engine: 'js' },
  dataHash: 'abcdef0123456789',
  options: {
    ...CLASSIFIER_DEFAULTS,
    ...{ data: 'people', target: 'gender', cut: 'block4', normalisation: 'sqrt-l2' },
    precision: 'float32',
  },
};

export const DATASET: DatasetRecord = {
  ...{ format: 1, name: 'people', source: 'People', licence: 'CC BY 4.0', options: {}, steps: [] },
  labelling: { kind: 'perceived', how: 'Two people judged each image.' },
};

export const EVALUATION: ClassifierEvaluation = {
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

export const SLICES: NonNullable<ClassifierEvaluation['slices']> = {
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
