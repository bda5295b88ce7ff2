/** Whole runs through the functions that scripts call, as small as they can be. */
import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRun, writeRun, type StepRecord } from '@janus/core';
import { readManifest, splitDataset, writeManifest } from '@janus/data';
import { CYCLEGAN_TEST } from '@janus/models';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CLASSIFIER_SMALL,
  CYCLEGAN_RUN_PAPER,
  evaluateRun,
  generateFaces,
  predictImages,
  readClassifierRun,
  readCycleGanRun,
  trainClassifier,
  trainCycleGan,
  translateImages,
  type ClassifierRunOptions,
  type CycleGanRunOptions,
} from './index.js';

const VALUES = ['feminine', 'masculine'] as const;

let root = '';
let data = '';
let classifier: ClassifierRunOptions;
let translation: CycleGanRunOptions;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-runs-'));
  data = join(root, 'faces');
  await generateFaces(40, { out: data, size: 32 });
  await splitDataset(data, { stratify: ['presentation'] });
  const small = { size: 32, epochs: 2, batchSize: 10, head: '1x8' };
  classifier = { ...CLASSIFIER_SMALL, ...small, data, target: 'presentation' };
  const [x, y] = VALUES.map((value) => `${data}:presentation=${value}`) as [string, string];
  translation = { ...CYCLEGAN_RUN_PAPER, ...CYCLEGAN_TEST, maxSteps: 2, x, y };
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

const engine = 'wasm';

describe('a classifier run', () => {
  let folder = '';
  const records: StepRecord[] = [];
  beforeAll(async () => {
    folder = join(root, 'classifier');
    const onRecord = (record: StepRecord): void => void records.push(record);
    const finished = await trainClassifier(classifier, { folder, engine, onRecord });
    expect(finished).toMatchObject({ folder, finished: true });
  });

  it('has a record that it can be repeated from, and passes on every line of its metrics', async () => {
    const { format, status, options } = await readClassifierRun(folder);
    expect([format, status]).toEqual([2, 'finished']);
    expect(options).toEqual({ ...classifier, precision: 'float32' }); // auto, on wasm
    const lines = (await readFile(join(folder, 'metrics.jsonl'), 'utf8')).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as StepRecord)).toEqual(records);
    expect(records.at(-1)).toMatchObject({ kind: 'epoch', phase: 'from-scratch' });
  });

  it('interrupted and resumed equals one that was not', async () => {
    const resumed = join(root, 'resumed');
    const controller = new AbortController();
    const stopped = await trainClassifier(classifier, {
      ...{ folder: resumed, engine, signal: controller.signal },
      onRecord: ({ step }) => {
        if (step === 2) controller.abort();
      },
    });
    expect(stopped).toMatchObject({ finished: false, steps: 2 });
    await trainClassifier(classifier, { folder: resumed, engine, existing: 'resume' });
    const weights = async (run: string): Promise<Buffer> =>
      await readFile(join(run, 'model', 'weights.bin'));
    expect((await weights(resumed)).equals(await weights(folder))).toBe(true);
  });

  it('is refused, resumed or replaced as asked, and only with the options that it began with', async () => {
    const again = trainClassifier(classifier, { folder, engine });
    await expect(again).rejects.toThrow(/holds a run already\. Resume it/);
    const other = { ...classifier, learningRate: 0.5 };
    await expect(trainClassifier(other, { folder, engine, existing: 'resume' })).rejects.toThrow(
      /learningRate must be what the run began with \(0\.001\), but got 0\.5/,
    );
  });

  it('of the former format can be read, and not resumed', async () => {
    const old = join(root, 'old');
    const record = { ...(await readRun(folder)), format: 1 as const };
    const former = { ...classifier, classWeights: undefined, balanced: false };
    await writeRun(old, { ...record, options: former });
    expect((await readClassifierRun(old)).options.classWeights).toBe('none');
    const resumed = trainClassifier(classifier, { folder: old, engine, existing: 'resume' });
    await expect(resumed).rejects.toThrow(/must be a run of format 2.*has format 1/);
  });

  it('is evaluated: counts, intervals, and the share of the commonest class', async () => {
    const evaluation = await evaluateRun(folder, { split: 'train', engine, figures: false });
    if (evaluation.kind !== 'classifier') throw new Error('not a classifier');
    const { n, majority, perClass } = evaluation;
    const counts = Object.values(perClass).map((each) => each.n);
    expect(counts.reduce((a, b) => a + b, 0)).toBe(n);
    expect(majority).toBe(Math.max(...counts) / n);
    expect(await readFile(join(folder, 'card.md'), 'utf8')).toContain('presentation: classifier');
  });

  it('predicts images in their order, and reports one that is none', async () => {
    const broken = join(root, 'broken.jpg');
    await writeFile(broken, 'no image');
    const file = (i: number): string => join(data, 'images', `face-0000${i}.jpg`);
    const { rows, unreadable, target } = await predictImages(folder, [file(0), broken, file(1)], {
      engine,
    });
    expect(target).toBe('presentation');
    expect(rows.map((row) => row.file)).toEqual([file(0), file(1)]);
    for (const { prediction, probabilities } of rows) {
      const shares = Object.values(probabilities);
      expect(shares.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 6);
      expect(probabilities[prediction]).toBe(Math.max(...shares));
    }
    expect(unreadable.map((each) => each.file)).toEqual([broken]);
    expect(unreadable[0]?.reason).toMatch(
      /broken\.jpg: must be a complete image, but .*Leave it out, or save it again\./,
    );
  });

  it('predicts folders and patterns, each image once, and names what it cannot find', async () => {
    const photos = join(root, 'photos');
    await mkdir(join(photos, 'more'), { recursive: true });
    const copy = async (i: number, name: string): Promise<void> => {
      await cp(join(data, 'images', `face-0000${i}.jpg`), join(photos, name));
    };
    for (const [i, name] of ['a.jpg', 'b.jpg', 'more/c.jpg'].entries()) await copy(i, name);
    await writeFile(join(photos, 'notes.txt'), 'no image, and not named');
    const given = [
      join(photos, 'absent.jpg'),
      photos,
      join(photos, '*.jpg'),
      join(photos, '*.gif'),
    ];
    const { rows, unreadable, classes } = await predictImages(folder, given, { engine });
    expect(classes).toEqual(VALUES);
    expect(rows.map(({ file }) => file)).toEqual([
      ...['a.jpg', 'b.jpg', 'more/c.jpg'].map((name) => join(photos, name)),
    ]);
    expect(unreadable.map(({ file }) => file)).toEqual([given[0], given[3]]);
    const alone = await predictImages(folder, [join(photos, 'more', 'c.jpg')], { engine });
    expect(alone.rows[0]?.prediction).toBe(rows[2]?.prediction);
  });

  it('is refused before there is a run when train lacks a class', async () => {
    const lacking = join(root, 'lacking');
    await cp(data, lacking, { recursive: true });
    const rows = await readManifest(lacking);
    await writeManifest(
      lacking,
      rows.map((row) =>
        row.labels['presentation'] === 'masculine' ? { ...row, split: 'validation' } : row,
      ),
    );
    const never = join(root, 'never-made');
    const training = trainClassifier({ ...classifier, data: lacking }, { folder: never, engine });
    await expect(training).rejects.toThrow(
      /needs an image in train.*masculine \(\d+ in validation/,
    );
    expect(existsSync(never)).toBe(false);
  });
});

describe('a CycleGAN run', () => {
  let folder = '';
  beforeAll(async () => {
    folder = join(root, 'cyclegan');
    expect(await trainCycleGan(translation, { folder, engine })).toMatchObject({
      ...{ finished: true, steps: 2 },
    });
  });

  it('makes exactly the updates of maxSteps, in the middle of an epoch too', async () => {
    const images = { x: join(root, 'six-x'), y: join(root, 'six-y') };
    for (const [i, out] of [images.x, images.y].entries()) {
      await mkdir(out);
      for (let n = 0; n < 6; n++) {
        const name = `face-${String(6 * i + n).padStart(5, '0')}.jpg`;
        await copyFile(join(data, 'images', name), join(out, name));
      }
    }
    const done: string[] = [];
    const finished = await trainCycleGan(
      { ...translation, ...images, batchSize: 1, maxSteps: 3 },
      {
        ...{ folder: join(root, 'three'), engine },
        reporter: {
          log: () => undefined,
          progress: (each) => {
            if (each.label === 'cyclegan') done.push(`${each.done}/${each.total}`);
          },
        },
      },
    );
    expect(finished).toMatchObject({ finished: true, steps: 3 });
    expect(done).toEqual(['3/3']);
    expect(await readdir(join(root, 'three', 'checkpoints'))).toEqual(['step-000003']);
  });

  it('has a record that it can be repeated from; the former name of an option is read', async () => {
    const record = await readCycleGanRun(folder);
    expect(record.options).toEqual(translation);
    const old = join(root, 'old-gan');
    const former = { ...translation, discriminatorLrFactor: undefined, discriminatorRate: 4 };
    await writeRun(old, { ...record, format: 1, options: former });
    expect((await readCycleGanRun(old)).options.discriminatorLrFactor).toBe(4);
  });

  it('is evaluated both ways, and translates images to files, but for one that is none', async () => {
    const evaluation = await evaluateRun(folder, { engine });
    if (evaluation.kind !== 'cyclegan') throw new Error('not a CycleGAN');
    expect(evaluation.domains).toEqual({ x: 'feminine', y: 'masculine' });
    expect(evaluation.xToY.n).toBeGreaterThan(0);
    const image = join(data, 'images', 'face-00003.jpg');
    const missing = join(root, 'missing.jpg');
    const out = join(root, 'fakes');
    const { rows, unreadable } = await translateImages(folder, [missing, image], { out, engine });
    expect(rows).toMatchObject([{ file: image, out: join(out, 'face-00003.png') }]);
    expect((await readFile(join(out, 'face-00003.png'))).subarray(1, 4).toString()).toBe('PNG');
    expect(unreadable.map(({ file }) => file)).toEqual([missing]);
    expect((await translateImages(folder, [image, image], { out, engine })).rows).toHaveLength(1);
    const other = join(root, 'other', 'face-00003.jpg');
    await cp(image, other);
    const twice = translateImages(folder, [image, other], { out, engine });
    await expect(twice).rejects.toThrow(/face-00003\.jpg\.png would be written twice/);
  });

  it('translates a folder into a folder of the same form, and never over its images', async () => {
    const photos = join(root, 'to-translate');
    for (const name of ['a.jpg', 'a.png', 'more/b.png']) {
      await cp(join(data, 'images', 'face-00001.jpg'), join(photos, name));
    }
    const out = join(root, 'all-fakes');
    const { rows } = await translateImages(folder, [photos], { out, engine });
    expect(rows.map((row) => row.out)).toEqual([
      ...['a.jpg.png', 'a.png.png', 'more/b.png'].map((name) => join(out, name)),
    ]);
    expect(rows.every((row) => existsSync(row.out))).toBe(true);
    const over = translateImages(folder, [join(photos, 'more')], {
      ...{ out: join(photos, 'more'), engine },
    });
    await expect(over).rejects.toThrow(/--out must not hold the images.*more\/b\.png/);
  });

  it('is not taken for a classifier', async () => {
    await expect(readClassifierRun(folder)).rejects.toThrow(/must be a classifier run, but is a/);
    await expect(predictImages(folder, [], { engine })).rejects.toThrow(/must be a classifier run/);
  });
});
