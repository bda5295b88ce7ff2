import { describe, expect, it } from 'vitest';
import { calibrationRecord, rankingRecord, temperedProbabilities } from './classifier-measures.js';

const logits = [
  [4, 0],
  [4, 0],
  [0, 4],
  [0, 4],
  [4, 0],
  [0, 4],
];
const labels = [0, 0, 1, 1, 1, 0];
const clusters = ['a', 'b', 'c', 'd', 'e', 'f'];

it('temperedProbabilities divides logits before the softmax and keeps the order of classes', () => {
  const [row] = temperedProbabilities([[2, 0]], { value: 2 });
  expect(row?.[0]).toBeCloseTo(Math.E / (Math.E + 1), 12);
  expect(temperedProbabilities([[2, 0]])[0]?.[0]).toBeCloseTo(Math.E ** 2 / (Math.E ** 2 + 1), 12);
});

describe('calibrationRecord', () => {
  it('has the measures before and after the temperature', () => {
    // Two thirds are right: the temperature at which a logit of 4 says so is 4 / ln 2.
    const temperature = { value: 4 / Math.LN2, n: 6, split: 'validation' };
    const found = calibrationRecord(logits, labels, temperature);
    expect(found.error).toBeCloseTo(0, 12);
    expect(found.before?.error).toBeCloseTo(1 / (1 + Math.exp(-4)) - 2 / 3, 12);
    expect(found.logLoss).toBeLessThan(found.before?.logLoss ?? 0);
    expect(calibrationRecord(logits, labels)).toEqual(found.before);
  });
});

describe('rankingRecord', () => {
  it('means areas over the classes, with an interval over people', () => {
    const probabilities = temperedProbabilities(logits);
    const classes = ['no', 'yes', 'never'];
    const found = rankingRecord(probabilities, labels, { classes, clusters });
    // Of 9 pairs of one image of each class, 4 are in order, 4 tie and 1 is not.
    expect(found?.auc.value).toBeCloseTo(6 / 9, 12);
    expect(Object.keys(found?.perClass ?? {})).toEqual(['no', 'yes']);
    expect(found?.perClass['no']?.roc).toEqual([
      [0, 0],
      [1 / 3, 2 / 3],
      [1, 1],
    ]);
    expect(found?.auc.low).toBeLessThan(6 / 9);
    expect(rankingRecord([[1, 0]], [0], { classes, clusters: ['a'] })).toBeUndefined();
  });
});
