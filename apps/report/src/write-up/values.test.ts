import { wilsonInterval, type RunRecord, type SweepRecord } from '@janus/core';
import { expect, test } from 'vitest';
import type { ReportRun } from '../read-runs.js';
import { reportTables } from './report-tables.js';
import { reportValues } from './values.js';

const record: RunRecord = {
  ...{ format: 2, kind: 'classifier', name: 'gender', started: '2026-01-02T10:00:00Z' },
  ...{ seed: 3, versions: { node: '20' }, dataHash: 'x', engine: 'js', status: 'finished' },
  options: { dropout: 0.5, head: '1x8', averageRate: 0.25 },
  result: { steps: 1200 },
};

const run: ReportRun = {
  ...{ kind: 'classifier', folder: '/runs/a', name: 'a', id: 'a', record, metrics: [] },
  ...{ card: undefined, samples: new Map() },
  evaluation: {
    ...{ kind: 'classifier', target: 'gender', classes: ['f', 'm'], split: 'test', n: 10 },
    ...{ accuracy: wilsonInterval(9, 10), balancedAccuracy: wilsonInterval(9, 10), majority: 0.5 },
    ...{ perClass: { f: { n: 4, recall: wilsonInterval(4, 4) } }, confusion: [] },
    ...{ intervalMethod: 'Wilson', calibrationError: 0.1, mistakes: [] },
  },
};

const row = (number: number, hits: number): SweepRecord['rows'][number] => ({
  ...{ row: number, name: `row ${number}`, paper: 0.568, balancedAccuracy: wilsonInterval(1, 2) },
  ...{ ours: { ...wilsonInterval(hits, 100), n: 100 }, againstBest: null, images: 50 },
  ...{ updates: 1200, seconds: 3.6, run: 'r', validationLoss: null },
});

const sweep: SweepRecord = {
  ...{ format: 1, name: 'table1', data: 'congress', targets: ['party'], scale: 0.01 },
  ...{ majority: 0.545, intervalMethod: 'Wilson', rows: [row(1, 50), row(2, 57)] },
  ...{ failed: [], left: [{ row: 3, name: 'row 3', seconds: 0 }] },
};

const report = { runs: [run], sweeps: [sweep], translations: [], seeds: [], data: undefined };

test('an interval has the n that it stands on, and parts to be named alone', () => {
  const metrics = reportValues(report, new Date('2026-01-03')).get('a');
  expect(metrics?.get('accuracy')).toBe('90.0 % (59.6–98.2 %, n = 10)');
  expect(metrics?.get('accuracy.value')).toBe('90.0 %');
  expect(metrics?.get('perClass.f.recall')).toBe('100.0 % (51.0–100.0 %, n = 4)');
  expect(metrics?.get('calibrationError')).toBe('10.0 %');
  expect(metrics?.get('options.dropout')).toBe('0.5');
  expect(metrics?.get('result.steps')).toBe('1,200');
  expect(metrics?.get('classes')).toBe('f, m');
});

test('a sweep has its rows by number, its best and its worst', () => {
  const metrics = reportValues(report, new Date('2026-01-03')).get('table1');
  expect(metrics?.get('best.name')).toBe('row 2');
  expect(metrics?.get('best.ours')).toBe('57.0 % (47.2–66.3 %, n = 100)');
  expect(metrics?.get('row-1.ours.value')).toBe('50.0 %');
  expect(metrics?.get('row-1.paper')).toBe('56.8 %');
  expect(metrics?.get('row-1.images')).toBe('50');
  expect(metrics?.get('scale')).toBe('0.01');
  expect(metrics?.get('left')).toBe('1');
});

test('reportTables has the runs, each sweep by its name, and the measures of each run', () => {
  const tables = reportTables(report);
  expect(tables.map(({ id }) => id)).toEqual(['runs', 'table1', 'a-measures']);
  expect(tables[1]?.rows[0]).toEqual([
    ...['1', 'row 1', '56.8 %', '50.0 % (40.4–59.6 %, n = 100)', 'best', '50', '1,200'],
  ]);
  expect(tables[1]?.values[0]).toMatchObject({ row: 1, paper: 0.568, value: 0.5, n: 100, p: null });
});
