/** CUT runs, from options to what is made of them. */
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEvaluation, readMetrics } from '@janus/core';
import { writeImage } from '@janus/images';
import { CUT_TEST } from '@janus/models';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { evaluateRun } from '../evaluate/evaluate-run.js';
import { translateImages } from '../translate/translate-images.js';
import { CUT_RUN_PAPER, readCutRun, type CutRunOptions } from './options.js';
import { trainCut } from './train.js';
import { abortingAt } from '../small-runs.fixture.js';

const SIZE = 16;
const engine = 'wasm';
let root = '';
let options: CutRunOptions;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-cut-'));
  for (const [domain, base] of [
    ['dark', 30],
    ['bright', 190],
  ] as const) {
    await mkdir(join(root, domain));
    for (let n = 0; n < 4; n++) {
      const pixels = Uint8Array.from(
        { length: SIZE * SIZE * 3 },
        (_, i) => base + ((i * 31 + n * 7) % 50),
      );
      await writeImage(join(root, domain, `${n}.png`), { pixels, width: SIZE, height: SIZE });
    }
  }
  options = {
    ...{ ...CUT_RUN_PAPER, ...CUT_TEST, x: join(root, 'dark'), y: join(root, 'bright') },
    ...{ constantEpochs: 2, decayEpochs: 1, averageDecay: 0.9, precision: 'float32' },
  };
});
afterAll(async () => {
  await rm(root, { recursive: true });
});

const made = async (folder: string): Promise<unknown> => ({
  model: (await readFile(join(folder, 'model', 'G', 'weights.bin'))).toString('hex'),
  records: (await readMetrics(folder)).map((record) => ({ ...record, seconds: 0 })),
});

it('a run that is stopped and resumed is the run that was not, to the bit', async () => {
  const whole = join(root, 'whole');
  const parts = join(root, 'parts');
  expect(await trainCut(options, { folder: whole, engine })).toMatchObject({
    ...{ finished: true, steps: 6 },
  });
  const stopped = await trainCut(options, { folder: parts, engine, ...abortingAt(2) });
  expect(stopped).toMatchObject({ finished: false, steps: 2 });
  await trainCut(options, { folder: parts, engine, existing: 'resume' });
  expect(await made(parts)).toEqual(await made(whole));
  expect((await readCutRun(whole)).options).toMatchObject({ lambdaNce: 1, projection: 8 });
  expect(await readdir(join(whole, 'samples', 'fakes'))).toEqual(['step-000006.png']);
});

it('is evaluated one way, and translates that way alone', async () => {
  const folder = join(root, 'used');
  await trainCut({ ...options, maxSteps: 2 }, { folder, engine });
  const evaluation = await evaluateRun(folder, { engine });
  expect(evaluation).toMatchObject({
    ...{ kind: 'cut', domains: { x: 'dark', y: 'bright' }, xToY: { n: 4 } },
  });
  expect(evaluation).not.toHaveProperty('yToX');
  expect(evaluation).not.toHaveProperty('xToY.cycleL1');
  expect(await readEvaluation(join(folder, 'evaluation.json'), 'cut')).toEqual(evaluation);
  expect(await readFile(join(folder, 'card.md'), 'utf8')).toMatch(/^# dark to bright: CUT/);
  const image = join(root, 'dark', '0.png');
  const out = join(root, 'fakes');
  const { rows } = await translateImages(folder, [image], { out, engine });
  expect(rows).toMatchObject([{ file: image, width: SIZE, height: SIZE }]);
  const back = translateImages(folder, [image], { out, engine, direction: 'y-to-x' });
  await expect(back).rejects.toThrow(/other direction needs a cyclegan run/);
});
