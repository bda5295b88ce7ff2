import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wilsonInterval, writeTranslationSweep, type TranslationSweepRecord } from '@janus/core';
import { imageRows } from '@janus/figures';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readableText } from './fixture.js';
import { writeReport } from './write-report.js';

const MEASURES = { n: 100, cycleL1: 0.1, changeL1: 0.2, kid: 0.4, kidOriginals: 0.5 };
const RECORD: TranslationSweepRecord = {
  ...{ format: 1, name: 'table3', scale: 0.01, judge: 'runs/judge' },
  domains: { x: 'feminine', y: 'masculine' },
  rows: [
    {
      ...{ row: 4, name: 'skip', paper: 'good after 20 epochs', images: 500, updates: 7500 },
      ours: { ...wilsonInterval(130, 200), n: 200 },
      xToY: { ...MEASURES, twinErrorFeatures: 0.86, twinErrorPixels: 0.9 },
      yToX: { ...MEASURES, twinErrorFeatures: 1.01, twinErrorPixels: 0.95, kid: 0.3 },
      ...{ seconds: 61.4, run: 'runs/table3/row-04' },
    },
  ],
  sheets: [{ epoch: 20, files: ['epoch-020.png'] }],
  failed: [{ row: 5, name: 'frozen', reason: 'no images' }],
  left: [{ row: 1, name: '155k', seconds: 3 }],
};

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-translations-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('a report shows the rows of a table of translations, and the same images through them', async () => {
  const runs = join(folder, 'runs');
  await writeTranslationSweep(join(runs, 'table3'), RECORD);
  const image = { pixels: new Uint8Array(8 * 8 * 3).fill(90), width: 8, height: 8 };
  const sheet = await imageRows({ rows: [{ label: 'original', images: [image.pixels] }] });
  await writeFile(join(runs, 'table3', 'epoch-020.png'), sheet);
  const { index } = await writeReport({ runs, out: join(folder, 'report') });
  const page = await readFile(index, 'utf8');
  const words = readableText(page);
  expect(words).toContain('Table: table3, feminine and masculine');
  expect(words).toContain(
    '4 skip good after 20 epochs 65.0 % 58.2–71.3 %, n = 200 0.86 / 1.01 0.90 / 0.95 0.40 / 0.30 0.50 / 0.50 500 7,500 61',
  );
  expect(words).toContain('feminine to masculine, epoch 20 of the table');
  expect(words).toContain('Row 5 (frozen) failed: no images');
  expect(words).toContain('Row 1 (155k) is not finished.');
  expect(page).toContain('data:image/webp;base64,');
});
