import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readMetrics, SILENT, type Progress } from '@janus/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSmallRuns, type SmallRuns } from '../small-runs.fixture.js';
import { CLASSIFIER_DEFAULTS, cutOf, normalisationOf } from '../classifier/options.js';
import { compareWithBest } from './compare-rows.js';
import { planRow } from './plan-row.js';
import { readSweepRows } from './read-rows.js';
import { runSweep, type SweepOptions } from './run-sweep.js';
import {
  areClassifiers,
  areTranslations,
  rowName,
  rowsOnTarget,
  type ClassifierSweepRow,
} from './sweep-row.js';

const GIVEN = { data: 'd', available: 2000, classes: 2, scale: 0.1, overrides: {} };
const ROW: ClassifierSweepRow = { kind: 'classifier', target: 'presentation', options: {} };

describe('planRow', () => {
  it('shrinks images and updates in proportion, in as many epochs as the updates take', () => {
    const row: ClassifierSweepRow = {
      ...ROW,
      images: 9000,
      batches: 5000,
      options: { batchSize: 20 },
    };
    expect(planRow(row, GIVEN)).toMatchObject({
      images: 900,
      options: { trainImages: 900, maxSteps: 500, epochs: 12, head: '1x1024', pooling: 'flatten' },
    });
  });

  it('counts the images of an update, of all its batches, in an epoch', () => {
    const options = { batchSize: 20, accumulate: 3 };
    const row: ClassifierSweepRow = { ...ROW, images: 9000, batches: 5000, options };
    // 900 images are 15 updates of 60.
    expect(planRow(row, GIVEN).options).toMatchObject({ maxSteps: 500, epochs: 34 });
  });

  it('gives half of the updates of an unfrozen row to its head', () => {
    const row: ClassifierSweepRow = { ...ROW, batches: 5000, options: { unfreeze: 'block5' } };
    expect(planRow(row, GIVEN).options).toMatchObject({ maxSteps: 250, fineTuneEpochs: 25 });
  });

  it('takes all images where there are no more, and two a class at least', () => {
    const large = planRow({ ...ROW, images: 855_000 }, GIVEN);
    expect(large.images).toBe(2000);
    expect(large.options).not.toHaveProperty('trainImages');
    expect(planRow({ ...ROW, images: 10 }, GIVEN).images).toBe(4);
    expect(planRow({ ...ROW, images: 10 }, { ...GIVEN, overrides: { size: 64 } }).options).toEqual(
      expect.objectContaining({ size: 64, epochs: 20 }),
    );
  });
});

it('compareWithBest tests each row against the one that got the most right, corrected by Holm', () => {
  const rights = (text: string): ReadonlyMap<string, boolean> =>
    new Map(Array.from(text, (each, i) => [String(i), each === '1']));
  const [first, best, third] = compareWithBest([
    rights('0000001111'),
    rights('1111111111'),
    rights('0111111111'),
  ]);
  expect(best).toBeNull();
  // Two-sided binomial of 0 of 6, 2 / 2^6, times 2 comparisons; then of 0 of 1.
  expect(first).toMatchObject({ onlyBest: 6, onlyThis: 0 });
  expect(first?.p).toBeCloseTo(2 / 64, 12);
  expect(first?.holm).toBeCloseTo(4 / 64, 12);
  expect(third).toMatchObject({ p: 1, holm: 1 });
});

it("rows on another target leave the paper's accuracies behind", () => {
  const rows = [{ ...ROW, paper: 0.57 } as ClassifierSweepRow];
  expect(rowsOnTarget(rows, rows[0]?.target ?? '')).toEqual(rows);
  expect(rowsOnTarget(rows, 'other')).toEqual([{ ...ROW, target: 'other' }]);
});

it("the paper's tables have its rows, and the first row of the defaults has them", async () => {
  const folder = fileURLToPath(new URL('../../../../experiments', import.meta.url));
  const table1 = await readSweepRows(join(folder, 'table1.ts'));
  const table2 = await readSweepRows(join(folder, 'table2.ts'));
  expect(table1.map(({ paper }) => paper)).toEqual([0.568, 0.536, 0.566, 0.57, 0.518, 0.566]);
  expect(table2).toHaveLength(14);
  expect(table2.map(({ paper }) => paper).at(12)).toBe(0.952);
  const table3 = await readSweepRows(join(folder, 'table3.ts'));
  expect(areTranslations(table3)).toBe(true);
  expect(table3).toHaveLength(5);
  const defaults = await readSweepRows(join(folder, 'defaults.ts'));
  expect(defaults[0]?.options).toMatchObject({
    pooling: CLASSIFIER_DEFAULTS.pooling,
    head: CLASSIFIER_DEFAULTS.head,
    classWeights: CLASSIFIER_DEFAULTS.classWeights,
    cut: cutOf(CLASSIFIER_DEFAULTS),
    normalisation: normalisationOf(CLASSIFIER_DEFAULTS),
  });
  for (const table of [table1, table2, defaults]) {
    if (!areClassifiers(table)) throw new Error('a row is no classifier');
    expect(new Set(table.map(rowName)).size).toBe(table.length);
  }
});

let small: SmallRuns;
beforeAll(async () => {
  small = await makeSmallRuns();
});
afterAll(async () => {
  await rm(small.root, { recursive: true });
});

describe('readSweepRows', () => {
  const write = async (name: string, text: string): Promise<string> => {
    const path = join(await mkdtemp(join(small.root, 'rows-')), name);
    await writeFile(path, text);
    return path;
  };

  it('reads modules and JSON', async () => {
    const rows = JSON.stringify([{ ...ROW, paper: 0.5 }]);
    expect(await readSweepRows(await write('own.json', rows))).toHaveLength(1);
    const commonJs = `const own = { rows: ${rows} };\nmodule.exports = own;`;
    expect(await readSweepRows(await write('own.js', commonJs))).toHaveLength(1);
    expect(await readSweepRows(await write('own.mjs', `export const rows = ${rows};`))).toEqual(
      await readSweepRows(await write('again.json', rows)),
    );
  });

  it('says which row breaks which rule', async () => {
    const bad = async (row: unknown): Promise<unknown> =>
      readSweepRows(await write('bad.json', JSON.stringify([ROW, row])));
    await expect(bad({ ...ROW, kind: 'gan' })).rejects.toThrow(
      /row 2: kind must be classifier or cyclegan/,
    );
    await expect(bad({ ...ROW, paper: 57 })).rejects.toThrow(/row 2: paper must be .* but got 57/);
    await expect(bad({ ...ROW, options: { heads: 1 } })).rejects.toThrow(/but got "heads"/);
    await expect(readSweepRows('none.json')).rejects.toThrow(/no such file/);
    await expect(readSweepRows(await write('a.txt', ''))).rejects.toThrow(/ends in .txt/);
  });
});

describe('runSweep', () => {
  const sweepOf = ({ fineTuned, root }: SmallRuns): SweepOptions => {
    const { data, target, weights } = fineTuned;
    const row = { kind: 'classifier', target } as const;
    const common = { epochs: 2, learningRate: 1e-2, batchSize: 8 };
    return {
      ...{ name: 'own', data, out: join(root, 'sweep') },
      rows: [
        { ...row, paper: 0.6, options: { ...common, head: '1x8' } },
        { ...row, batches: 3, options: { ...common, head: '1x4' } },
        { ...row, name: 'no such block', options: { ...common, cut: 'block99' } },
      ],
      overrides: { backbone: 'squeezenet', weights, size: 32 },
    };
  };

  it('runs the chosen rows, tells of a bad one, and skips finished ones later', async () => {
    const options = sweepOf(small);
    const context = { engine: 'wasm' } as const;
    const first = await runSweep({ ...options, only: [2] }, context);
    expect(first.rows.map(({ row, updates }) => [row, updates])).toEqual([[2, 3]]);
    expect(first.left.map(({ row }) => row)).toEqual([1, 3]);
    const lines: string[] = [];
    const reporter = { log: (line: string) => void lines.push(line), progress: () => undefined };
    const whole = await runSweep(options, { ...context, reporter });
    expect(whole.rows.map(({ row }) => row)).toEqual([1, 2]);
    expect(whole.rows[1]?.seconds).toBe(first.rows[0]?.seconds);
    expect(whole.rows.filter(({ againstBest }) => againstBest === null)).toHaveLength(1);
    expect(whole.failed).toEqual([expect.objectContaining({ row: 3, name: 'no such block' })]);
    expect(lines.some((line) => line.includes('row 1 of 3'))).toBe(true);
    expect(lines.some((line) => line.includes('row 2 of 3'))).toBe(false);
    const losses = (await readMetrics(join(options.out, 'row-01'))).flatMap((record) =>
      record.kind === 'epoch' && record.split === 'validation' ? [record.losses] : [],
    );
    expect(losses).toHaveLength(2);
    expect(whole.rows[0]?.validationLoss).toBe(
      Math.min(...losses.map(({ crossEntropy = NaN }) => crossEntropy)),
    );
    const csv = await readFile(join(options.out, 'sweep.csv'), 'utf8');
    expect(csv.split('\n')[1]).toContain('1,"1x8, dropout 50 %, batch 8, frozen",0.6,');
    expect(await readFile(join(options.out, 'sweep.md'), 'utf8')).toContain(
      'Row 3 (no such block) failed',
    );
  });

  it('lists a row whose evaluation is stopped as left', async () => {
    const options = { ...sweepOf(small), out: join(small.root, 'stopped-sweep'), only: [2] };
    const stop = new AbortController();
    const progress = ({ label }: Progress): void => {
      if (label.includes('predicting')) stop.abort();
    };
    const { rows, left, failed, finished } = await runSweep(options, {
      ...{ engine: 'wasm', signal: stop.signal, reporter: { ...SILENT, progress } },
    });
    expect([rows, failed, finished]).toEqual([[], [], false]);
    expect(left.map(({ row }) => row)).toEqual([1, 2, 3]);
  });

  it('does not take the run of another row for its own', async () => {
    const options = { ...sweepOf(small), only: [1] };
    const [row, ...others] = options.rows;
    const changed = { ...ROW, ...row, options: { ...row?.options, epochs: 3 } };
    const { failed } = await runSweep(
      { ...options, rows: [changed, ...others] },
      { engine: 'wasm' },
    );
    expect(failed[0]?.reason).toMatch(/trained with epochs 2 instead of 3.*--overwrite/);
  });

  it('refuses rows that the table lacks, and a scale of 0', async () => {
    const options = sweepOf(small);
    await expect(runSweep({ ...options, only: [4] })).rejects.toThrow(/from 1 to 3.*but got 4/);
    await expect(runSweep({ ...options, scale: 0 })).rejects.toThrow(/above 0, but got 0/);
  });
});
