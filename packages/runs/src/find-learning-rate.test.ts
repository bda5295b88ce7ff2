/** Sweeps over learning rates, on the smallest trainings. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findLearningRate, writeRateSweep } from './index.js';
import { makeSmallRuns, type SmallRuns } from './small-runs.fixture.js';

let small: SmallRuns;
beforeAll(async () => {
  small = await makeSmallRuns();
});
afterAll(async () => {
  await rm(small.root, { recursive: true });
});

const CONTEXT = { engine: 'wasm' } as const;

it('a sweep begins at the first rate, grows by equal ratios, and repeats exactly', async () => {
  const sweep = { first: 1e-5, last: 1, steps: 20 };
  const result = await findLearningRate(small.classifier, sweep, CONTEXT);
  expect(result).toMatchObject({ phase: 'from-scratch', option: 'learningRate' });
  const rates = result.rows.map(({ learningRate }) => learningRate);
  expect(rates[0]).toBeCloseTo(1e-5, 12);
  rates.slice(1).forEach((rate, i) => {
    expect(rate / (rates[i] ?? NaN)).toBeCloseTo(1e5 ** (1 / 19), 6);
  });
  expect(await findLearningRate(small.classifier, sweep, CONTEXT)).toEqual(result);
});

it('a sweep ends where the loss explodes, and suggests a rate below that', async () => {
  const sweep = { first: 1e-5, last: 1e3, steps: 60 };
  const { rows, suggestion } = await findLearningRate(small.classifier, sweep, CONTEXT);
  expect(rows.length).toBeLessThan(60);
  expect(suggestion).toBeGreaterThan(1e-5);
  expect(suggestion).toBeLessThan(rows.at(-1)?.learningRate ?? 0);
});

it('a sweep of fine-tuning begins after the fit of a linear head, and its files are written', async () => {
  const options = { ...small.fineTuned, head: 'linear', batchSize: 4 };
  const result = await findLearningRate(options, { steps: 20 }, CONTEXT);
  expect(result).toMatchObject({ phase: 'fine-tune', option: 'fineTuneLearningRate' });
  const out = join(small.root, 'sweep');
  await writeRateSweep(result, out);
  expect((await readdir(out)).sort()).toEqual(['lr-find.json', 'lr-find.png', 'lr-find.svg']);
});

it('a linear head alone has no rate to find, and a sweep needs its updates', async () => {
  const linear = { ...small.fineTuned, head: 'linear', unfreeze: 'none' };
  await expect(findLearningRate(linear, {}, CONTEXT)).rejects.toThrow(/fitted exactly and has no/);
  await expect(findLearningRate(small.classifier, { steps: 5 }, CONTEXT)).rejects.toThrow(
    /steps a whole number from 20, but got 1e-7, 10 and 5/,
  );
});
