import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wilsonInterval, writeSweep, type SweepRecord } from '@janus/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readableText } from './fixture.js';
import { writeReport } from './write-report.js';

const RECORD: SweepRecord = {
  ...{ format: 1, name: 'table1', data: 'congress', targets: ['party'], scale: 0.5 },
  ...{ majority: 0.545, intervalMethod: 'Wilson, 95 %' },
  rows: [
    {
      ...{ row: 1, name: '1x1024, frozen', paper: 0.568, images: 1353, updates: 1360 },
      validationLoss: 0.6821,
      ours: { ...wilsonInterval(165, 290), n: 290 },
      balancedAccuracy: wilsonInterval(160, 290),
      ...{ againstBest: null, seconds: 76.2, run: 'runs/table1/row-01' },
    },
    {
      ...{ row: 2, name: '2x1024, frozen', paper: null, images: 1353, updates: 1360 },
      validationLoss: null,
      ours: { ...wilsonInterval(140, 290), n: 290 },
      balancedAccuracy: wilsonInterval(140, 290),
      againstBest: { onlyBest: 40, onlyThis: 15, p: 0.001, holm: 0.0015 },
      ...{ seconds: 4.21, run: 'runs/table1/row-02' },
    },
  ],
  failed: [{ row: 3, name: 'no <block>', reason: 'cut: must be a block.' }],
  left: [{ row: 4, name: '1x2048', seconds: 3 }],
};

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-sweep-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('a report shows the table of a sweep, its chart and what failed', async () => {
  const runs = join(folder, 'runs');
  await writeSweep(join(runs, 'table1'), RECORD);
  const { index, figures } = await writeReport({ runs, out: join(folder, 'report') });
  const words = readableText(await readFile(index, 'utf8'));
  expect(words).toContain(
    '1 1x1024, frozen 56.8 % 56.9 % 51.1–62.5 %, n = 290 0.682 best 1,353 1,360 76',
  );
  expect(words).toContain('0.002 15 against 40 1,353 1,360 4.2');
  expect(words).toContain('Row 3 (no &lt;block&gt;) failed: cut: must be a block.');
  expect(words).toContain('Row 4 (1x2048) is not finished.');
  expect(figures).toContain(join(folder, 'report', 'figures', 'sweep-table1-congress.svg'));
});

test('two sweeps of one table on one data set keep their own charts and tables', async () => {
  const runs = join(folder, 'twice');
  await writeSweep(join(runs, 'table1'), RECORD);
  await writeSweep(join(runs, 'table1-gender'), { ...RECORD, targets: ['gender'] });
  const { index, figures, tables } = await writeReport({ runs, out: join(folder, 'both') });
  const page = await readFile(index, 'utf8');
  for (const target of ['party', 'gender']) {
    const id = `table1-congress-${target}`;
    expect(page).toContain(`<section id="sweep-${id}"`);
    expect(page).toContain(`id="data-sweep-${id}"`);
    expect(figures).toContain(join(folder, 'both', 'figures', `sweep-${id}.svg`));
    expect(tables).toContain(join(folder, 'both', 'tables', `${id}.md`));
  }
});

test('a broken table is skipped with its reason', async () => {
  const runs = join(folder, 'broken');
  await writeSweep(join(runs, 'good'), RECORD);
  await writeSweep(join(runs, 'bad'), RECORD);
  await writeFile(join(runs, 'bad', 'sweep.json'), '{');
  const { skipped } = await writeReport({ runs, out: join(folder, 'other') });
  expect(skipped.map(({ name }) => name)).toEqual([join('bad', 'sweep.json')]);
});
