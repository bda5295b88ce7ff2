/** StarGAN runs, from options to what is made of them. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEvaluation, readMetrics, readParts, SILENT, writeParts } from '@janus/core';
import { readManifest, splitDataset, updateManifest } from '@janus/data';
import { STARGAN_TEST } from '@janus/models';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CLASSIFIER_SMALL } from '../classifier/options.js';
import { trainClassifier } from '../classifier/train.js';
import { generateFaces } from '../dataset/generate-faces.js';
import { evaluateRun } from '../evaluate/evaluate-run.js';
import { translateImages } from '../translate/translate-images.js';
import { STARGAN_RUN_PAPER, type StarGanRunOptions } from './options.js';
import { trainStarGan } from './train.js';
import { TEST_ENGINE } from '../test-engine.fixture.js';

const engine = TEST_ENGINE;
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

it('is measured on its own images, and says which of them it and its judge were trained on', async () => {
  const [folder, judge] = [join(root, 'own'), join(root, 'judge')];
  const data = join(root, 'unsplit');
  await generateFaces(12, { out: data, size: 32 });
  const attributes = ['presentation'];
  await trainStarGan({ ...options, data, attributes, maxSteps: 1 }, { folder, engine });
  const small = { size: 32, epochs: 1, batchSize: 24, head: '1x8' };
  const judging = { ...CLASSIFIER_SMALL, ...small, data: options.data, target: 'presentation' };
  await trainClassifier(judging, { folder: judge, engine });

  const lines: string[] = [];
  const reporter = { ...SILENT, log: (line: string) => void lines.push(line) };
  const [gone] = (await readManifest(data)).map(({ id }) => id);
  await updateManifest(data, [
    { id: gone ?? '', status: 'removed', reason: 'by hand', removedBy: 'clean' },
  ]);
  const evaluation = await evaluateRun(folder, { engine, judge, reporter });
  if (evaluation.kind !== 'stargan') throw new Error('not a StarGAN');
  const judged = (await readParts(judge))?.domains['images']?.parts.train ?? [];
  const known = new Set(judged.map(([, sha256]) => sha256));
  const rows = (await readManifest(data)).filter(({ id }) => id !== gone);
  expect(evaluation.changes.map(({ from }) => from).sort()).toEqual(['feminine', 'masculine']);
  for (const { n, from, images, judgeTrainedOn } of evaluation.changes) {
    const own = rows.filter(({ labels }) => labels['presentation'] === from);
    expect(n).toBe(own.length);
    expect(images).toEqual({ source: 'run', gone: 1, changed: 0, trainedOn: n, sameData: false });
    expect(judgeTrainedOn).toBe(own.filter(({ sha256 }) => known.has(sha256)).length);
  }
  expect(lines.join('\n')).toMatch(/trained on 11 of the 11 images that are measured/);
  expect(lines.join('\n')).toMatch(/1 are gone and 0 have another content/);
  await rm(data, { recursive: true });
  await expect(evaluateRun(folder, { engine })).rejects.toThrow(/does not exist.*--data/);
});

it('throws where the part to measure has no images, or none of another class', async () => {
  const folder = join(root, 'whole');
  const { domains = {} } = (await readParts(folder)) ?? {};
  const { title = '', parts = { train: [], validation: [], test: [] } } = domains['images'] ?? {};
  const alone = { ...parts, test: parts.train.slice(0, 1) };
  await writeParts(folder, { format: 1, domains: { images: { title, parts: alone } } });
  const before = await readFile(join(folder, 'evaluation.json'));
  await expect(evaluateRun(folder, { engine })).rejects.toThrow(
    /no change can be measured: .*presentation=\w+ has no image of the split test.*--split/,
  );
  expect(await readFile(join(folder, 'evaluation.json'))).toEqual(before);
  await writeParts(folder, {
    ...{ format: 1, domains: { images: { title, parts: { ...parts, test: [] } } } },
  });
  await expect(evaluateRun(folder, { engine })).rejects.toThrow(/but the test part has none/);
});
