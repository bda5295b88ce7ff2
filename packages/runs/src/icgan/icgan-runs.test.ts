/** IcGAN runs, from options to what is made of them. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEvaluation, readMetrics } from '@janus/core';
import { splitDataset } from '@janus/data';
import { ICGAN_TEST } from '@janus/models';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { generateFaces } from '../dataset/generate-faces.js';
import { evaluateRun } from '../evaluate/evaluate-run.js';
import { translateImages } from '../translate/translate-images.js';
import { ICGAN_RUN_PAPER, type IcGanRunOptions } from './options.js';
import { trainIcGan } from './train.js';

const engine = 'wasm';
let root = '';
let options: IcGanRunOptions;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-icgan-'));
  const data = join(root, 'faces');
  await generateFaces(40, { out: data, size: 32 });
  await splitDataset(data, { stratify: ['presentation'] });
  options = {
    ...{ ...ICGAN_RUN_PAPER, ...ICGAN_TEST, data, attributes: ['glasses', 'presentation'] },
    ...{ batchSize: 14, precision: 'float32' },
  };
});
afterAll(async () => {
  await rm(root, { recursive: true });
});

const made = async (folder: string): Promise<unknown> => ({
  models: await Promise.all(
    ['G', 'Ez', 'Ey'].map(async (name) =>
      (await readFile(join(folder, 'model', name, 'weights.bin'))).toString('hex'),
    ),
  ),
  records: (await readMetrics(folder)).map((record) => ({ ...record, seconds: 0 })),
});

it('a run that is stopped and resumed is the run that was not, to the bit', async () => {
  const [whole, parts] = [join(root, 'whole'), join(root, 'parts')];
  expect(await trainIcGan(options, { folder: whole, engine })).toMatchObject({
    ...{ finished: true, steps: 4 },
  });
  const stopped = new AbortController();
  // The record of an epoch's end: the generator is finished, the encoders have not begun.
  const onRecord = (): void => {
    stopped.abort();
  };
  const context = { folder: parts, engine, signal: stopped.signal, onRecord } as const;
  expect(await trainIcGan(options, context)).toMatchObject({ finished: false, steps: 2 });
  await trainIcGan(options, { folder: parts, engine, existing: 'resume' });
  expect(await made(parts)).toEqual(await made(whole));
  expect(await readdir(join(whole, 'samples'))).toContain('step-000004.png');
  await rm(parts, { recursive: true });
});

it('makes a photo again with attributes set, and is measured attribute by attribute', async () => {
  const folder = join(root, 'whole');
  const image = join(options.data, 'images', 'face-00000.jpg');
  const out = join(root, 'fakes');
  const set = { glasses: '1', presentation: 'masculine' };
  const { rows, what, fit } = await translateImages(folder, [image], { out, engine, set });
  expect(rows).toMatchObject([{ file: image, width: 16, height: 16 }]);
  expect([what, fit]).toEqual(['glasses=1, presentation=masculine', 'the middle square at 16 px']);
  await expect(translateImages(folder, [image], { out, engine, set, fit: 'tile' })).rejects.toThrow(
    /makes whole images of 16 px/,
  );
  const searched = { out, engine, set, search: 'pixels' } as const;
  expect((await translateImages(folder, [image], searched)).what).toMatch(/searched by pixels$/);
  const evaluation = await evaluateRun(folder, { engine, split: 'validation' });
  if (evaluation.kind !== 'icgan') throw new Error('not an IcGAN');
  const names = evaluation.changes.map(({ attribute, from, to }) =>
    [attribute, from, to].join(' '),
  );
  expect(names).toContain('presentation feminine masculine');
  const { n = 0, ways = [], twoPeople } = evaluation.reconstructions ?? {};
  // The engine wasm cannot search by identity.
  expect(ways.map(({ latent }) => latent)).toEqual(['encoder', 'pixels']);
  expect(ways.every(({ face }) => face !== undefined)).toBe(true);
  const [told = NaN, found = NaN] = ways.map(({ differenceL1 }) => differenceL1);
  expect([n, twoPeople === undefined, found < told]).toEqual([7, false, true]);
  expect(await readEvaluation(join(folder, 'evaluation.json'), 'icgan')).toEqual(evaluation);
  expect(await readFile(join(folder, 'card.md'), 'utf8')).toMatch(
    /: IcGAN[^]*Made again without a change, n = 7/,
  );
});
