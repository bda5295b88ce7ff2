import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeSmallRuns, type SmallRuns } from '../small-runs.fixture.js';
import { trainPaper, type TrainPaperOptions } from './train-paper.js';

let small: SmallRuns;
beforeAll(async () => {
  small = await makeSmallRuns();
});
afterAll(async () => {
  await rm(small.root, { recursive: true });
});

const optionsOf = ({ fineTuned, root }: SmallRuns): TrainPaperOptions => {
  const options = { head: '1x8', epochs: 1, batchSize: 8 };
  const row = { kind: 'classifier', options } as const;
  return {
    ...{ data: fineTuned.data, out: join(root, 'paper'), scale: 1 },
    columns: { gender: fineTuned.target },
    overrides: { backbone: 'squeezenet', weights: fineTuned.weights, size: 32 },
    tables: [
      { name: 'table1', rows: [{ ...row, target: 'party' }] },
      { name: 'table2', rows: [{ ...row, target: 'gender' }] },
      { name: 'table3', rows: { reason: 'translations are not there yet' } },
    ],
  };
};

it('trains the tables that the data has labels for, and says why the others are left out', async () => {
  const lines: string[] = [];
  const reporter = { log: (line: string) => void lines.push(line), progress: () => undefined };
  const options = optionsOf(small);
  const trained = await trainPaper(options, { engine: 'wasm', reporter });
  expect(trained.finished).toBe(true);
  expect(trained.tables).toMatchObject([{ name: 'table2', rows: 1, failed: [], left: [] }]);
  expect(trained.skipped.map(({ name }) => name)).toEqual(['table1', 'table3']);
  expect(trained.skipped[0]?.reason).toMatch(/has no label column party/);
  expect(lines).toContain('paper: table3 is left out: translations are not there yet');
  expect(existsSync(join(options.out, 'table2', 'row-01', 'evaluation.json'))).toBe(true);
});

it('refuses data without a label for any table', async () => {
  const options = optionsOf(small);
  Reflect.deleteProperty(options, 'columns');
  await expect(trainPaper(options)).rejects.toThrow(
    /must have labels for at least one table.*--columns/,
  );
});
