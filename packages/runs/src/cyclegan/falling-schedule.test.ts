import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fallingSchedule, updatesSchedule } from './falling-schedule.js';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-schedule-'));
  for (const [name, count] of [
    ['x', 3],
    ['y', 9],
  ] as const) {
    await mkdir(join(root, name));
    for (let i = 0; i < count; i++) await writeFile(join(root, name, `${i}.jpg`), `${name}${i}`);
  }
});
afterAll(async () => {
  await rm(root, { recursive: true });
});

it('has the epochs that hold the updates, counted on the larger domain', async () => {
  const options = { x: join(root, 'x'), y: join(root, 'y'), batchSize: 2 };
  // 9 images in batches of 2: 4 updates an epoch.
  expect(await fallingSchedule(options, 40)).toEqual({
    constantEpochs: 0,
    decayEpochs: 10,
    maxSteps: 40,
  });
  expect(await fallingSchedule(options, 9)).toEqual({
    constantEpochs: 0,
    decayEpochs: 3,
    maxSteps: 9,
  });
});

it('the rate of options with constant epochs falls over the second half of the updates', async () => {
  const options = { x: join(root, 'x'), y: join(root, 'y'), batchSize: 2 };
  const halved = await updatesSchedule({ ...options, constantEpochs: 100 }, 20);
  expect(halved).toEqual({ constantEpochs: 3, decayEpochs: 2, maxSteps: 20 });
  const falling = await updatesSchedule({ ...options, constantEpochs: 0 }, 20);
  expect(falling).toEqual({ constantEpochs: 0, decayEpochs: 5, maxSteps: 20 });
});
