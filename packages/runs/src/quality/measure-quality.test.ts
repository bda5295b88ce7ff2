import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readQuality, SILENT } from '@janus/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trainCycleGan } from '../cyclegan/train.js';
import { makeSmallRuns, modelBytes, type SmallRuns } from '../small-runs.fixture.js';
import { measureQuality, secondsOf } from './measure-quality.js';
import { presetRecipe, trainingOf } from './quality-recipe.js';
import { TEST_ENGINE } from '../test-engine.fixture.js';

it('secondsOf adds the parts of a training that was stopped', () => {
  expect(secondsOf([1, 5, 9, 2, 4, 1].map((seconds) => ({ seconds })))).toBe(14);
  expect(secondsOf([])).toBe(0);
});

describe('presetRecipe', () => {
  it('takes a preset and its updates', () => {
    const recipe = presetRecipe('attribute:900', { imageSize: 32 });
    expect(recipe).toMatchObject({ name: 'attribute', updates: 900 });
    expect(recipe.options).toMatchObject({
      imageSize: 32,
      lambdaChange: 6,
      lambdaChangeEnd: 18,
      lambdaCycle: 0,
    });
  });

  it.each(['attribute', 'attribute:0', 'attribute:1.5', 'texture-of-mine:5', 'toString:5'])(
    'refuses %s',
    (text) => {
      expect(() => presetRecipe(text)).toThrow(/Write it as attribute:1200/);
    },
  );
});

let small: SmallRuns;
beforeAll(async () => {
  small = await makeSmallRuns();
});
afterAll(async () => {
  await rm(small.root, { recursive: true });
});

it('ends where a measurement is stopped, and has no point of it', async () => {
  const { x, y, ...preset } = small.translation;
  const stop = new AbortController();
  let engines = 0;
  const log = (line: string): void => {
    // The training says which engine it has, then the evaluation does.
    if (line.startsWith('Engine: ') && ++engines === 2) stop.abort();
  };
  const recipes = [{ name: 'short', updates: 2, options: preset }];
  const options = { ...{ x, y, recipes, out: join(small.root, 'stopped') }, seeds: 1, points: 1 };
  const result = await measureQuality(options, {
    ...{ engine: TEST_ENGINE, signal: stop.signal, reporter: { ...SILENT, log } },
  });
  expect([result.finished, result.points, engines]).toEqual([false, [], 2]);
});

it('stops trainings to measure them, which ends with the weights of one that was not stopped', async () => {
  const { x, y, ...preset } = small.translation;
  const recipes = [
    { name: 'falling', updates: 20, options: { ...preset, constantEpochs: 0 } },
    { name: 'halved', updates: 20, options: preset },
  ] as const;
  const out = join(small.root, 'quality');
  const options = { ...{ x, y, out, recipes }, seeds: 1, points: 2 };
  const result = await measureQuality(options, { engine: TEST_ENGINE });
  expect(result.finished).toBe(true);
  expect(result.points.map(({ recipe, seed, updates }) => [recipe, seed, updates])).toEqual([
    ...[
      ['falling', 1, 10],
      ['halved', 1, 10],
    ],
    ...[
      ['falling', 1, 20],
      ['halved', 1, 20],
    ],
  ]);
  const [first, , last] = result.points;
  expect(last?.minutes).toBeGreaterThan(first?.minutes ?? Infinity);
  expect(last?.xToY.changeL1).not.toBe(first?.xToY.changeL1);
  const svg = await readFile(join(out, 'kernel-distance-there.svg'), 'utf8');
  expect(svg).toContain('falling, 20 updates');

  const [recipe] = recipes;
  const whole = join(small.root, 'whole');
  const training = await trainingOf(recipe, { x, y, seed: 1 });
  expect(training).toMatchObject({ maxSteps: 20, constantEpochs: 0, decayEpochs: 7 });
  await trainCycleGan(training, { folder: whole, engine: TEST_ENGINE });
  expect(await modelBytes(join(out, 'falling-1'), 'cyclegan')).toEqual(
    await modelBytes(whole, 'cyclegan'),
  );

  // Repeated, nothing is measured again; of other recipes it is refused.
  const again = await measureQuality(options, { engine: TEST_ENGINE });
  expect(again.points).toEqual((await readQuality(out))?.points);
  expect(again.points).toEqual(result.points);
  const other = { ...options, recipes: [{ ...recipe, updates: 30 }] };
  await expect(measureQuality(other)).rejects.toThrow(/holds measurements with recipes/);
  const [falling, halved] = recipes;
  const stronger = { ...falling, options: { ...falling.options, lambdaChange: 3 } };
  await expect(measureQuality({ ...options, recipes: [stronger, halved] })).rejects.toThrow(
    /falling-1: must hold a run of the same options and data, but was trained with lambdaChange 0 instead of 3/,
  );
});
