import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  writeSeeds,
  writeTranslationSeeds,
  type SeedsRecord,
  type TranslationSeedsRecord,
} from '@janus/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readableText } from './fixture.js';
import { readAllSeeds } from './seeds-section.js';
import { reportValues } from './write-up/values.js';
import { writeReport } from './write-report.js';

const runs = [1, 2].map((seed) => ({ seed, run: `runs/a/seed-${seed}`, seconds: 1, updates: 2 }));

const CLASSIFIER: SeedsRecord = {
  ...{ format: 1, data: 'faces', target: 'glasses', split: 'test', runs },
  targets: {
    glasses: {
      n: 50,
      measures: {
        accuracy: {
          values: [0.9, 0.92],
          seeds: { value: 0.91, deviation: 0.014, low: 0.78, high: 1.04 },
          images: { value: 0.91, low: 0.88, high: 0.94 },
        },
      },
    },
  },
  intervalMethod: 'Student and people.',
  left: [{ seed: 3, seconds: 0 }],
};

const TRANSLATION: TranslationSeedsRecord = {
  ...{
    format: 1,
    kind: 'cyclegan',
    domains: { x: 'cats', y: '<dogs>' },
    judge: null,
    split: 'test',
  },
  runs,
  xToY: {
    n: 30,
    measures: {
      judgedAsTarget: {
        values: [0.5, 0.7],
        seeds: { value: 0.6, deviation: 0.14, low: 0.1, high: 0.9 },
      },
      'twinError.pixels': { values: [0.62], seeds: null },
    },
  },
  ...{ intervalMethod: 'Student.', left: [] },
};

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-seeds-'));
  await writeSeeds(join(folder, 'runs', 'a-seeds'), CLASSIFIER);
  await writeTranslationSeeds(join(folder, 'runs', 'b-seeds'), TRANSLATION);
});
afterAll(() => rm(folder, { recursive: true }));

test('a report shows what seeds vary, of classifiers and of translations', async () => {
  const { index, tables } = await writeReport({
    ...{ runs: join(folder, 'runs'), out: join(folder, 'report') },
  });
  const words = readableText(await readFile(index, 'utf8'));
  expect(words).toContain(
    'glasses n = 50 accuracy 91.0 % 90.0, 92.0 1.4 78.0 to 104.0 88.0 to 94.0',
  );
  expect(words).toContain('Seed 3 is not finished.');
  expect(words).not.toContain('No run is evaluated');
  expect(words).toContain(
    'cats to &lt;dogs&gt; n = 30 judged as &lt;dogs&gt; 60.0 % 50.0, 70.0 14.0 10.0 to 90.0',
  );
  expect(words).toContain('twin error, pixels 0.62 0.62');
  const csv = tables.find((path) => path.endsWith('seeds-b-seeds.csv'));
  expect(await readFile(csv ?? '', 'utf8')).toContain('judgedAsTarget,30,0.6,0.5 0.7,0.1,0.9');
});

test('a write-up may ask for what seeds vary', async () => {
  const seeds = await readAllSeeds(join(folder, 'runs'), []);
  const report = { runs: [], sweeps: [], translations: [], seeds, data: undefined };
  const values = reportValues(report, new Date());
  expect(values.get('seeds-a-seeds')?.get('glasses.accuracy.otherImages')).toBe(
    '91.0 % (88.0–94.0 %, n = 50)',
  );
  expect(values.get('seeds-b-seeds')?.get('xToY.judgedAsTarget.mean')).toBe('60.0 %');
});

test('a file that is neither is skipped with its reason', async () => {
  const broken = join(folder, 'broken');
  await writeSeeds(join(broken, 'c-seeds'), { ...CLASSIFIER, format: 2 as 1 });
  const skipped: { name: string; reason: string }[] = [];
  expect(await readAllSeeds(broken, skipped)).toEqual([]);
  expect(skipped[0]?.reason).toContain('seeds.json');
  expect(skipped[0]?.reason).toContain('Repeat the training with --seeds');
});
