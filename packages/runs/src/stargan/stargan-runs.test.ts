/** StarGAN runs, from options to what is made of them. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEvaluation, readMetrics } from '@janus/core';
import { splitDataset } from '@janus/data';
import { STARGAN_TEST } from '@janus/models';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { generateFaces } from '../dataset/generate-faces.js';
import { evaluateRun } from '../evaluate/evaluate-run.js';
import { translateImages } from '../translate/translate-images.js';
import { STARGAN_RUN_PAPER, type StarGanRunOptions } from './options.js';
import { trainStarGan } from './train.js';

const engine = 'wasm';
let root = '';
let options: StarGanRunOptions;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-stargan-'));
  const data = join(root, 'faces');
  await generateFaces(40, { out: data, size: 32 });
  await splitDataset(data, { stratify: ['presentation'] });
  options = {
    ...{ ...STARGAN_RUN_PAPER, ...STARGAN_TEST, data, attributes: ['glasses', 'presentation'] },
    ...{ batchSize: 4, precision: 'float32', maxSteps: 4, entry: 'norms' },
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
  const [whole, parts] = [join(root, 'whole'), join(root, 'parts')];
  expect(await trainStarGan(options, { folder: whole, engine })).toMatchObject({
    ...{ finished: true, steps: 4 },
  });
  await trainStarGan({ ...options, maxSteps: 2 }, { folder: parts, engine });
  await trainStarGan(options, { folder: parts, engine, existing: 'resume' });
  expect(await made(parts)).toEqual(await made(whole));
  await rm(parts, { recursive: true });
});

it('sets attributes of a photo, and is measured attribute by attribute', async () => {
  const folder = join(root, 'whole');
  const image = join(options.data, 'images', 'face-00000.jpg');
  const out = join(root, 'fakes');
  const { rows, what } = await translateImages(folder, [image], {
    ...{ out, engine, set: { glasses: '1', presentation: 'masculine' } },
  });
  expect(rows).toMatchObject([{ file: image, width: 32, height: 32 }]);
  expect(what).toBe('glasses=1, presentation=masculine');
  await expect(translateImages(folder, [image], { out, engine })).rejects.toThrow(/Add --set/);
  const search = { out, engine, set: { glasses: '1' }, search: 'pixels' } as const;
  await expect(translateImages(folder, [image], search)).rejects.toThrow(/needs an icgan run/);
  const evaluation = await evaluateRun(folder, { engine, split: 'train' });
  if (evaluation.kind !== 'stargan') throw new Error('not a StarGAN');
  const names = evaluation.changes.map(({ attribute, from, to }) =>
    [attribute, from, to].join(' '),
  );
  expect(names).toContain('presentation feminine masculine');
  expect(names).toContain('glasses none clear');
  expect(evaluation.changes.every(({ n, twins }) => n > 0 && twins !== undefined)).toBe(true);
  expect(await readEvaluation(join(folder, 'evaluation.json'), 'stargan')).toEqual(evaluation);
  expect(await readFile(join(folder, 'card.md'), 'utf8')).toMatch(/: StarGAN/);
});
