import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readEvaluation, type ClassifierEvaluation } from './evaluation-record.js';
import { wilsonInterval } from './statistics.js';

let path = '';
beforeEach(async () => {
  path = join(await mkdtemp(join(tmpdir(), 'janus-evaluation-')), 'evaluation.json');
});
afterEach(async () => {
  await rm(join(path, '..'), { recursive: true });
});

const FOUND: ClassifierEvaluation = {
  kind: 'classifier',
  target: 'gender',
  classes: ['a', 'b'],
  split: 'test',
  n: 4,
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
  intervalMethod: 'Wilson',
  calibrationError: 0.1,
  mistakes: [{ id: 'x', label: 'a', predicted: 'b', confidence: 0.9 }],
};

it('readEvaluation returns what was written, and undefined where nothing was', async () => {
  expect(await readEvaluation(path, 'classifier')).toBeUndefined();
  await writeFile(path, JSON.stringify(FOUND));
  expect(await readEvaluation(path, 'classifier')).toEqual(FOUND);
});

it('readEvaluation counts the share of the commonest class where an older file lacks it', async () => {
  await writeFile(path, JSON.stringify({ ...FOUND, majority: undefined }));
  expect(await readEvaluation(path, 'classifier')).toEqual(FOUND);
});

it('readEvaluation names the field that is wrong, and the way out', async () => {
  await writeFile(path, JSON.stringify({ ...FOUND, confusion: [[1]] }));
  await expect(readEvaluation(path, 'classifier')).rejects.toThrow(
    /evaluation\.json: confusion .*one row and one column per class.*janus evaluate/,
  );
  await expect(readEvaluation(path, 'cyclegan')).rejects.toThrow(/evaluation\.json: kind /);
});
