import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { trainCycleGan } from '../cyclegan/train.js';
import { listeningContext, makeSmallRuns, type SmallRuns } from '../small-runs.fixture.js';
import { recordOfTranslation } from './finished-translation.js';

let small: SmallRuns;
beforeAll(async () => {
  small = await makeSmallRuns();
});
afterAll(async () => {
  await rm(small.root, { recursive: true });
});

it('finds the run of a training, and names the option or the data in which another differs', async () => {
  const training = { ...small.translation, maxSteps: 1, lambdaChange: 1, lambdaChangeEnd: 3 };
  const context = listeningContext(small.root, 'run');
  const { folder } = context;
  expect(await recordOfTranslation(folder, training)).toBeUndefined();
  await trainCycleGan(training, context);
  expect(await recordOfTranslation(folder, training)).toMatchObject({ status: 'finished' });
  expect(await recordOfTranslation(folder, { ...training, imageWidth: 16 })).toBeDefined();
  expect(await recordOfTranslation(folder, { ...training, precision: 'auto' })).toBeDefined();

  const { lambdaChangeEnd, ...constant } = training;
  for (const [other, difference] of [
    [constant, `lambdaChangeEnd ${lambdaChangeEnd} instead of unset`],
    [{ ...constant, lambdaChangeEnd: 1 }, 'lambdaChangeEnd 3 instead of unset'],
    [{ ...training, trainImages: 2 }, 'trainImages unset instead of 2'],
    [{ ...training, y: small.translation.x }, 'y ".*" instead of ".*"'],
  ] as const) {
    await expect(recordOfTranslation(folder, other)).rejects.toThrow(
      new RegExp(`options and data, but was trained with ${difference}\\. Name another folder`),
    );
  }
  const file = join(folder, 'run.json');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(/"dataHash": "./, '"dataHash": "-'));
  await expect(recordOfTranslation(folder, training)).rejects.toThrow('trained with other data.');
});
