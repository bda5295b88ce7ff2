import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { keptRows, openDataset } from '../manifest/dataset.js';
import { datasetOfFold } from './folds.js';
import { newRow } from '../manifest/manifest-row.js';
import { writeDatasetRecord } from '../record/record-step.js';
import { writeManifest } from '../manifest/manifest.js';
import { foldsOf } from './split-options.js';
import { splitDataset } from './split.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-folds-'));
  const rows = Array.from({ length: 90 }, (_, i) =>
    newRow({ id: `r${i}`, path: '', identity: `p${i % 30}`, labels: { kind: i % 3 } }),
  );
  await writeManifest(folder, rows);
  const [name, source, licence] = ['made', 'made', 'none'];
  await writeDatasetRecord(folder, { format: 1, name, source, licence, options: {}, steps: [] });
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

it('a fold cannot be chosen before there are some, or beyond the last', async () => {
  await splitDataset(folder);
  const without = await openDataset(folder);
  expect(foldsOf(without.record)).toBe(0);
  expect(() => datasetOfFold(without, 0)).toThrow(/this one has none\. Run `janus data split/);
  await splitDataset(folder, { folds: 5 });
  const dataset = await openDataset(folder);
  expect(() => datasetOfFold(dataset, 5)).toThrow(/fold must be a whole number from 0 to 4/);
});

it('over all runs every row is tested once and validates once, by the split of fold 0 as written', async () => {
  await splitDataset(folder, { folds: 5, stratify: ['kind'] });
  const dataset = await openDataset(folder);
  const idsOf = (run: number, split: 'train' | 'validation' | 'test'): string[] =>
    keptRows(datasetOfFold(dataset, run), { split }).map((row) => row.id);
  const runs = [0, 1, 2, 3, 4];
  for (const split of ['test', 'validation'] as const) {
    const all = runs.flatMap((run) => idsOf(run, split));
    expect(all.sort()).toEqual(dataset.rows.map((row) => row.id).sort());
  }
  for (const run of runs) {
    expect(idsOf(run, 'train')).toHaveLength(54);
    expect(idsOf(run, 'validation')).toEqual(idsOf((run + 1) % 5, 'test'));
  }
  const first = datasetOfFold(dataset, 0);
  expect(first.rows).toEqual(dataset.rows);
  expect(first.hash).toBe(dataset.hash);
  expect(datasetOfFold(dataset, 1).hash).not.toBe(dataset.hash);
});
