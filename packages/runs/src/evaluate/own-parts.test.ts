/** Which images a run is measured on, whatever happened to its data since. */
import { cp, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readParts, type ClassifierEvaluation, type CycleGanEvaluation } from '@janus/core';
import {
  cleanDataset,
  readManifest,
  readTable,
  splitDataset,
  updateManifest,
  writeManifest,
} from '@janus/data';
import { CYCLEGAN_TEST } from '@janus/models';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  CLASSIFIER_SMALL,
  CYCLEGAN_RUN_PAPER,
  evaluateRun,
  generateFaces,
  trainClassifier,
  trainCycleGan,
  type EvaluateRunOptions,
} from '../index.js';
import { TEST_ENGINE } from '../test-engine.fixture.js';

const engine = TEST_ENGINE;
const TARGET = 'presentation';

let root = '';
let data = '';
/** A copy of the data as it was when the runs were trained. */
let then = '';
let run = '';
let testIds: readonly string[] = [];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-own-parts-'));
  data = join(root, 'faces');
  await generateFaces(48, { out: data, size: 32 });
  await cleanDataset(data);
  await splitDataset(data, { stratify: [TARGET] });
  then = join(root, 'then');
  await cp(data, then, { recursive: true });
  run = join(root, 'run');
  const small = { size: 32, epochs: 1, batchSize: 10, head: '1x8' };
  const options = { ...CLASSIFIER_SMALL, ...small, data, target: TARGET };
  await trainClassifier(options, { folder: run, engine });
  testIds = (await readManifest(data)).flatMap(({ id, split }) => (split === 'test' ? [id] : []));
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});
beforeEach(async () => {
  await rm(data, { recursive: true, force: true });
  await cp(then, data, { recursive: true });
});

const lines: string[] = [];
const reporter = { log: (line: string) => void lines.push(line), progress: () => undefined };

async function evaluated(
  folder: string,
  options: EvaluateRunOptions = {},
): Promise<ClassifierEvaluation> {
  lines.length = 0;
  const evaluation = await evaluateRun(folder, { engine, figures: false, reporter, ...options });
  if (evaluation.kind !== 'classifier') throw new Error('not a classifier');
  expect(JSON.parse(await readFile(join(folder, 'evaluation.json'), 'utf8'))).toEqual(evaluation);
  return evaluation;
}

const predictedIds = async (folder: string): Promise<readonly string[]> =>
  (await readTable(join(folder, 'predictions.parquet'))).map(({ id }) => String(id)).sort();

describe('a classifier', () => {
  it('keeps the images of its parts, with their content', async () => {
    const rows = await readManifest(data);
    const kept = (await readParts(run))?.domains['images']?.parts;
    for (const split of ['train', 'validation', 'test'] as const) {
      const own = rows.flatMap((row) => (row.split === split ? [[row.id, row.sha256]] : []));
      expect(kept?.[split]).toEqual(own);
    }
  });

  it('is measured on its own test images after the data was split again', async () => {
    await splitDataset(data, { stratify: [TARGET], seed: 7 });
    const now = (await readManifest(data)).flatMap(({ id, split }) =>
      split === 'test' ? [id] : [],
    );
    expect([...now].sort()).not.toEqual([...testIds].sort());
    const { n, images } = await evaluated(run);
    expect(n).toBe(testIds.length);
    expect(await predictedIds(run)).toEqual([...testIds].sort());
    expect(images).toEqual({ source: 'run', gone: 0, changed: 0, trainedOn: 0, sameData: false });
    expect(lines.join('\n')).toMatch(/changed since the run was trained; measuring the run's own/);
  });

  it('leaves out images that are gone or changed, and says how many', async () => {
    const [gone, changed, lost] = testIds;
    await updateManifest(data, [
      { id: gone ?? '', status: 'removed', reason: 'by hand', removedBy: 'clean' },
      { id: changed ?? '', sha256: '0'.repeat(64) },
    ]);
    const path = (await readManifest(data)).find(({ id }) => id === lost)?.path ?? '';
    await rm(join(data, path));
    const { n, images } = await evaluated(run);
    expect(n).toBe(testIds.length - 3);
    expect(images).toMatchObject({ gone: 2, changed: 1, trainedOn: 0 });
    expect(lines.join('\n')).toMatch(/2 are gone and 1 have another content/);
  });

  it('finds its images in a folder that has moved, once that is named', async () => {
    const moved = join(root, 'moved');
    await rename(data, moved);
    await expect(evaluateRun(run, { engine })).rejects.toThrow(/does not exist.*with --data/);
    const { n, images } = await evaluated(run, { data: moved });
    expect([n, images?.sameData]).toEqual([testIds.length, true]);
    await rm(moved, { recursive: true });
  });

  it('is measured on other data beside its own evaluation', async () => {
    const other = join(root, 'other');
    const own = await evaluated(run);
    await generateFaces(12, { out: other, size: 32, seed: 9 });
    const evaluation = await evaluateRun(run, { engine, figures: false, data: other });
    expect(evaluation).toMatchObject({ n: 12, images: { source: 'other', trainedOn: 0 } });
    expect(JSON.parse(await readFile(join(run, 'evaluation.json'), 'utf8'))).toEqual(own);
    await rm(other, { recursive: true });
  });

  it('of an earlier version is measured on its own images while the data is the same, else says so', async () => {
    const old = join(root, 'old');
    await cp(run, old, { recursive: true });
    await rm(join(old, 'parts.json'));
    expect((await evaluated(old)).images).toMatchObject({ source: 'run', trainedOn: 0 });
    await splitDataset(data, { stratify: [TARGET], seed: 7 });
    expect((await evaluated(old)).images).toEqual({
      ...{ source: 'data', gone: 0, changed: 0, sameData: false },
    });
    expect(lines.join('\n')).toMatch(/does not say on which images: some of the \d+ measured/);
  });
});

describe('a CycleGAN', () => {
  const options = { ...CYCLEGAN_RUN_PAPER, ...CYCLEGAN_TEST, maxSteps: 1 };

  async function judged(folder: string, more: EvaluateRunOptions): Promise<CycleGanEvaluation> {
    lines.length = 0;
    const evaluation = await evaluateRun(folder, { engine, reporter, ...more });
    if (evaluation.kind !== 'cyclegan') throw new Error('not a CycleGAN');
    return evaluation;
  }

  it('counts the images of its judge by content, also where its data is another folder', async () => {
    const copy = join(root, 'copy');
    await cp(data, copy, { recursive: true });
    // Other names for the same files: only their content tells.
    await writeManifest(
      copy,
      (await readManifest(copy)).map((row) => ({ ...row, id: `copy-${row.id}` })),
    );
    await splitDataset(copy, { stratify: [TARGET], seed: 7 });
    const [x, y] = ['feminine', 'masculine'].map((value) => `${copy}:${TARGET}=${value}`);
    const folder = join(root, 'gan');
    await trainCycleGan({ ...options, x: x ?? '', y: y ?? '' }, { folder, engine });
    const trained = new Set(
      (await readManifest(data)).flatMap((row) => (row.split === 'train' ? [row.sha256] : [])),
    );
    const tested = (await readManifest(copy)).filter(({ split }) => split === 'test');
    const known = (value: string): number =>
      tested.filter((row) => row.labels[TARGET] === value && trained.has(row.sha256)).length;
    expect(known('feminine') + known('masculine')).toBeGreaterThan(0);
    const evaluation = await judged(folder, { judge: run });
    expect(evaluation.xToY).toMatchObject({
      judgeTrainedOn: known('feminine'),
      images: { source: 'run', gone: 0, changed: 0, trainedOn: 0, sameData: true },
    });
    expect(evaluation.yToX.judgeTrainedOn).toBe(known('masculine'));

    // Split again: still on its own test images.
    await splitDataset(copy, { stratify: [TARGET], seed: 11 });
    const again = await judged(folder, {});
    expect(again.xToY.n).toBe(evaluation.xToY.n);
    expect(again.xToY.images).toMatchObject({ source: 'run', trainedOn: 0, sameData: false });
    const moved = join(root, 'copy-moved');
    await rename(copy, moved);
    await expect(evaluateRun(folder, { engine })).rejects.toThrow(/--data or --x/);
    expect((await judged(folder, { data: moved })).yToX.n).toBe(evaluation.yToX.n);
  });

  it('of plain folders says that it is measured on what it was trained on', async () => {
    const [x, y] = ['a', 'b'].map((name) => join(root, 'plain', name));
    const [a, b] = [data, then].map((folder) => join(folder, 'images'));
    await cp(a ?? '', x ?? '', { recursive: true });
    await cp(b ?? '', y ?? '', { recursive: true });
    const folder = join(root, 'plain-gan');
    await trainCycleGan({ ...options, x: x ?? '', y: y ?? '' }, { folder, engine });
    const { xToY } = await judged(folder, {});
    expect(xToY.images).toEqual({ source: 'run', gone: 0, changed: 0, trainedOn: xToY.n });
    expect(lines.join('\n')).toMatch(/trained on 48 of the 48 images that are measured/);
  });
});
