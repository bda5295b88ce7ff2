import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readTranslationSweep } from '@janus/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampledDomain } from '../cyclegan/domains.js';
import { makeSmallRuns, type SmallRuns } from '../small-runs.fixture.js';
import { sheetGroups, type SheetOptions } from './epoch-sheets.js';
import { planTranslation, shownEpochs } from './plan-translation.js';
import { runTranslationSweep } from './run-translation-sweep.js';
import type { CycleGanSweepRow } from './sweep-row.js';
import { translationCsv } from './translation-table.js';
import { TEST_ENGINE } from '../test-engine.fixture.js';

const ROW: CycleGanSweepRow = {
  ...{ kind: 'cyclegan', name: 'one', paper: 'fast', images: 20_000, epochs: 100, options: {} },
};
const GIVEN = { x: 'x', y: 'y', available: [5000, 4000], scale: 0.01, overrides: {} } as const;

describe('planTranslation', () => {
  it('shrinks images and updates in proportion, and keeps the epochs', () => {
    expect(planTranslation(ROW, GIVEN)).toMatchObject({
      ...{ trainImages: 100, maxSteps: 10_000, constantEpochs: 50, decayEpochs: 50 },
    });
  });

  it('takes what there is, and eight images at least, in as many epochs as the updates take', () => {
    expect(planTranslation(ROW, { ...GIVEN, scale: 1 })).toMatchObject({
      ...{ trainImages: 5000, maxSteps: 1_000_000, constantEpochs: 100, decayEpochs: 100 },
    });
    expect(planTranslation({ ...ROW, images: 400 }, GIVEN)).toMatchObject({
      ...{ trainImages: 8, maxSteps: 200, constantEpochs: 13, decayEpochs: 12 },
    });
  });

  it('shows the same epochs of the table, whatever the updates are', () => {
    expect(shownEpochs({ ...ROW, epochs: 5 }, { maxSteps: 1000 })).toEqual([
      { epoch: 1, step: 200 },
      { epoch: 2, step: 400 },
      { epoch: 5, step: 1000 },
    ]);
    expect(shownEpochs({ ...ROW, epochs: 1 }, { maxSteps: 7 })).toEqual([{ epoch: 1, step: 7 }]);
  });
});

it('a smaller sample of a domain is the beginning of a larger one', () => {
  const items = Array.from({ length: 9 }, (_, i) => ({ id: `${i}`, path: `${i}`, sha256: null }));
  const domain = { source: 'x', title: 'x', hash: '', items };
  const of = (trainImages: number): readonly string[] =>
    sampledDomain(domain, { trainImages, seed: 1 }).items.map(({ id }) => id);
  expect(of(3)).toEqual(of(9).slice(0, 3));
  expect([...of(20)].sort()).toEqual(items.map(({ id }) => id));
  expect(() => of(0)).toThrow(/trainImages must be a whole number of at least 1/);
});

it('only rows of one size and seed watch the same images, and share a sheet', () => {
  const of = (
    number: number,
    training: SheetOptions,
  ): { readonly number: number; readonly training: SheetOptions } => ({ number, training });
  const rows = [
    of(1, { imageSize: 64, seed: 1 }),
    of(2, { imageSize: 32, seed: 1 }),
    of(3, { imageSize: 64, imageWidth: 64, seed: 1 }),
    of(4, { imageSize: 64, imageWidth: 48, seed: 1 }),
    of(5, { imageSize: 64, seed: 2 }),
  ];
  const groups = sheetGroups(rows).map(({ note, group }) => [
    note,
    group.map(({ number }) => number),
  ]);
  expect(groups).toEqual([
    [undefined, [1, 3]],
    ['32 px, seed 1', [2]],
    ['48 x 64 px, seed 1', [4]],
    ['64 px, seed 2', [5]],
  ]);
});

let small: SmallRuns;
beforeAll(async () => {
  small = await makeSmallRuns();
});
afterAll(async () => {
  await rm(small.root, { recursive: true });
});

it('trains each row once, measures it, and puts the same images side by side', async () => {
  const { x, y } = small.translation;
  const options = {
    ...{ name: 'two', x, y, out: join(small.root, 'sweep') },
    // A pull that ends where it begins is a constant one.
    overrides: { ...small.translation, lambdaChange: 2, lambdaChangeEnd: 2 },
    rows: [
      { ...ROW, name: 'plain', images: 6, epochs: 1 },
      { ...ROW, name: 'frozen', images: 6, epochs: 2 },
    ],
  };
  const first = await runTranslationSweep({ ...options, only: [1] }, { engine: TEST_ENGINE });
  expect(first.rows.map(({ name }) => name)).toEqual(['plain']);
  const result = await runTranslationSweep(options, { engine: TEST_ENGINE });
  expect(result.failed).toEqual([]);
  expect(result.finished).toBe(true);
  expect(result.rows).toMatchObject([
    { row: 1, name: 'plain', images: 6, updates: 3, ours: null },
    { row: 2, name: 'frozen', images: 6, updates: 6 },
  ]);
  // Row 1 was kept as it was.
  expect(result.rows[0]?.seconds).toBe(first.rows[0]?.seconds);
  expect(result.sheets).toEqual([
    { epoch: 1, files: ['epoch-001.png', 'epoch-001-back.png'] },
    { epoch: 2, files: ['epoch-002.png', 'epoch-002-back.png'] },
  ]);
  const record = await readTranslationSweep(options.out);
  expect(record?.rows).toEqual(result.rows);
  expect(translationCsv(result).trim().split('\n')).toHaveLength(5);
  const other = await runTranslationSweep({ ...options, scale: 0.5 }, { engine: TEST_ENGINE });
  expect(other.failed[0]?.reason).toMatch(/must hold a run of the same options/);
});
