import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readTable } from '@janus/data';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { trainClassifier } from '../classifier/train.js';
import { evaluateRun } from '../evaluate/evaluate-run.js';
import { makeSmallRuns, type SmallRuns } from '../small-runs.fixture.js';
import { lookAtRun } from './look-at-run.js';

let small: SmallRuns;
let run = '';
beforeAll(async () => {
  small = await makeSmallRuns();
  run = join(small.root, 'run');
  await trainClassifier({ ...small.classifier, epochs: 1 }, { folder: run, engine: 'wasm' });
}, 60_000);
afterAll(async () => {
  await rm(small.root, { recursive: true, force: true });
});

it(
  'shows the images of an evaluation, which must have been made',
  { timeout: 60_000 },
  async () => {
    await expect(lookAtRun(run, {}, { engine: 'wasm' })).rejects.toThrow(
      /needs predictions\.parquet.*Evaluate the run first/,
    );
    await evaluateRun(run, { engine: 'wasm' });
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
    const without = await lookAtRun(run, { count: 3, gradCam: false }, { engine: 'wasm' });
    expect(without).toMatchObject({ sanity: null, topLosses: result.topLosses });
    await expect(lookAtRun(run, { count: 0 })).rejects.toThrow(
      /count must be a whole number from 1/,
    );
  },
);
