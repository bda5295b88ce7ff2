/** What is made of a run that was evaluated: pages, cards, exports. */
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readTable } from '@janus/data';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { trainClassifier } from './classifier/train.js';
import { evaluateRun } from './evaluate/evaluate-run.js';
import { makeSmallRuns, type SmallRuns } from './small-runs.fixture.js';
import { exportRun } from './export/export-run.js';
import { lookAtRun } from './look/look-at-run.js';

let small: SmallRuns;
let run = '';
beforeAll(async () => {
  small = await makeSmallRuns();
  run = join(small.root, 'run');
  await trainClassifier({ ...small.classifier, epochs: 1 }, { folder: run, engine: 'wasm' });
});
afterAll(async () => {
  await rm(small.root, { recursive: true, force: true });
});

it('shows the images of an evaluation, which must have been made', async () => {
  await expect(lookAtRun(run, {}, { engine: 'wasm' })).rejects.toThrow(
    /needs predictions\.parquet.*Evaluate the run first/,
  );
  await evaluateRun(run, { engine: 'wasm', figures: false });
  const result = await lookAtRun(run, { count: 3 }, { engine: 'wasm' });
  const rows = await readTable(join(run, 'predictions.parquet'));
  expect(result).toMatchObject({ n: rows.length, target: 'presentation', run });
  expect(result.topLosses).toHaveLength(Math.min(3, rows.length));
  const losses = rows.map((row) => -Math.log(Number(row[`p_${String(row['label'])}`])));
  expect(result.topLosses[0]?.loss).toBeCloseTo(Math.max(...losses), 6);
  const wrong = rows.filter((row) => row['label'] !== row['predicted']).length;
  expect(result.mostConfused.reduce((sum, { count }) => sum + count, 0)).toBe(wrong);
  // Five poolings leave one place of 32 pixels: there is nothing to compare, and the page says so.
  expect(result.sanity).toMatchObject({ n: 0 });
  const page = await readFile(result.page, 'utf8');
  expect(page).toContain('its last block has one place');
  // Each image beside its map.
  const tiles = page.match(/class="card /g)?.length ?? 0;
  expect(tiles).toBeGreaterThan(0);
  expect(page.match(/<img /g)).toHaveLength(2 * tiles);
  expect((await readFile(result.sheet)).subarray(1, 4).toString()).toBe('PNG');
  // A row of images and a row of their maps.
  const { width, height } = await sharp(result.maps ?? '').metadata();
  expect(width).toBeGreaterThan(3 * 96);
  expect(height).toBeGreaterThan(2 * 96);
  const without = await lookAtRun(run, { count: 3, gradCam: false }, { engine: 'wasm' });
  expect(without).toMatchObject({ sanity: null, maps: null, topLosses: result.topLosses });
  await expect(lookAtRun(run, { count: 0 })).rejects.toThrow(/count must be a whole number from 1/);
});

it('an export holds the model and its cards, and says what its format costs', async () => {
  const out = join(small.root, 'export');
  const context = { engine: 'wasm' } as const;
  const whole = await exportRun(run, { format: 'tfjs', out }, context);
  expect(whole.files).toEqual(['model.json', 'weights.bin', 'janus.json', 'card.md', 'card.json']);
  expect(whole.loss).toMatchObject({ split: 'test', changed: 0, largestDifference: 0 });
  expect(whole.loss?.exported).toEqual(whole.loss?.original);
  const quarter = await exportRun(run, { format: 'tfjs-uint8', out }, context);
  expect(quarter.bytes * 4).toBe(whole.bytes);
  expect((await stat(join(out, 'weights.bin'))).size).toBe(quarter.bytes);
  expect(quarter.loss?.largestDifference).toBeGreaterThan(0);
  expect(quarter.loss?.largestDifference).toBeLessThan(0.2);
  expect(JSON.parse(await readFile(join(out, 'export.json'), 'utf8'))).toEqual(quarter);
  const unmeasured = { format: 'tfjs-float16', out, measure: false } as const;
  expect(await exportRun(run, unmeasured, context)).toMatchObject({ loss: null });
  await expect(exportRun(run, { format: 'safetensors', out })).rejects.toThrow(
    "export: safetensors has torchvision's names of VGG-16, but the run's backbone is small-vgg.",
  );
  const other = join(small.root, 'other');
  await mkdir(other);
  await writeFile(join(other, 'notes.txt'), '');
  await expect(exportRun(run, { format: 'tfjs', out: other })).rejects.toThrow(
    /an export needs an empty folder/,
  );
});
