import { existsSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keptRows, openDataset } from '@janus/data';
import { dataSetFigures } from '@janus/figures';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { prepareFaces } from './prepare-faces.js';
import { dataSetCounts } from './summary.js';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-prepare-'));
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

const OPTIONS = { count: 60, target: 'presentation', size: 64, cropSize: 32, seed: 3 } as const;

it('makes a data folder that was drawn, cropped, cleaned and split, once for the same options', async () => {
  const lines: string[] = [];
  const reporter = { log: (line: string) => lines.push(line), progress: () => undefined };
  const folder = await prepareFaces(join(root, 'faces'), OPTIONS, { reporter });
  expect(lines.map((line) => line.split(/[ :]/)[0])).toEqual([
    'Drew',
    'Cropped',
    'Cleaned',
    'Split',
  ]);
  const rows = keptRows(await openDataset(folder));
  expect(new Set(rows.map(({ split }) => split))).toEqual(new Set(['train', 'validation', 'test']));
  expect(rows.every(({ path }) => path.startsWith('crops/'))).toBe(true);
  const counts = await dataSetCounts(folder);
  expect(counts.kept).toBe(rows.length);
  expect(counts.steps.map(({ step }) => step)).toEqual(['import', 'crop', 'clean', 'split']);
  expect(dataSetFigures(counts, { maxColumns: 1 }).map(({ about }) => about)).toContain('steps');

  const made = statSync(join(folder, 'manifest.parquet')).mtimeMs;
  await prepareFaces(folder, OPTIONS, { reporter });
  expect(statSync(join(folder, 'manifest.parquet')).mtimeMs).toBe(made);
  expect(lines.at(-1)).toContain('was made before with the same options');
  await prepareFaces(folder, { ...OPTIONS, cropSize: null, wrongLabels: 0.5 }, { reporter });
  expect(existsSync(join(folder, 'crops'))).toBe(false);
  const wrong = keptRows(await openDataset(folder)).filter(
    ({ labels }) => labels['presentation'] !== labels['presentation_truth'],
  );
  // Half of 60, less those of them that a planted fault spoiled.
  expect(wrong.length).toBeGreaterThan(20);
});
