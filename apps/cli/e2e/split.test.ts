import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readManifest } from '@janus/data';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { janus, janusJson } from './janus.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-split-'));
  await janusJson(
    [
      ...['data', 'import', 'synthetic', '40', '--size', '32'],
      ...['--duplicate-rate', '0.1', '--out', 'faces'],
    ],
    folder,
  );
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

it('copies in the train and test of a source fail check and split, until they are dropped', async () => {
  const rows = await readManifest(join(folder, 'faces'));
  for (const { path, labels } of rows) {
    const part = labels['planted'] === 'duplicate' ? 'test' : 'train';
    const target = join(folder, 'parts', part, String(labels['presentation']));
    await mkdir(target, { recursive: true });
    await copyFile(join(folder, 'faces', path), join(target, path.split('/').at(-1) ?? ''));
  }
  await janusJson(['data', 'import', 'folder', 'parts', '--out', 'leaking'], folder);

  const check = await janus(['data', 'split', 'leaking', '--check', '--json'], folder);
  expect(check.status).toBe(1);
  expect(check.err).toMatch(/^janus: leaking: nothing may be in two splits, but 2 images are/m);
  expect(JSON.parse(check.out)).toMatchObject({
    splits: { train: 36, test: 4 },
    leaks: { exact: { clusters: 2, rows: 4 } },
    lines: ['2 images are byte for byte in train and test (4 rows)'],
  });
  expect(existsSync(join(folder, 'leaking/leaks.parquet'))).toBe(true);

  const kept = await janus(['data', 'split', 'leaking', '--keep'], folder);
  expect(kept.status).toBe(1);
  expect(kept.err).toMatch(/Remove them from train with --drop-leaks/);
  expect(
    await janusJson(['data', 'split', 'leaking', '--keep', '--drop-leaks'], folder),
  ).toMatchObject({
    rows: 38,
    reasons: { leak: 2 },
    splits: { train: 34, validation: 0, test: 4 },
  });
  const dropped = await janus(['data', 'split', 'leaking', '--check'], folder);
  expect([dropped.status, dropped.out]).toEqual([
    0,
    expect.stringContaining('no leaks between splits'),
  ]);

  const old = await janus(['data', 'split', 'leaking', '--keep', '--mend', '--json'], folder);
  expect(JSON.parse(old.out)).toMatchObject({ splits: { train: 34, validation: 0, test: 4 } });
  expect(old.err).toMatch(/^--mend is now --drop-leaks; /m);
});

it('a classifier is trained and measured on a fold of its own', async () => {
  const split = ['data', 'split', 'faces', '--stratify', 'presentation', '--folds', '4'];
  const { folds } = (await janusJson(split, folder)) as { folds: readonly number[] };
  expect(folds.reduce((sum, each) => sum + each, 0)).toBe(40);
  const train = [
    ...['train', 'classifier', '--data', 'faces', '--target', 'presentation', '--epochs', '1'],
    ...['--backbone', 'small-vgg', '--size', '32', '--head', '0', '--fold'],
  ];
  const { run } = await janusJson([...train, '2'], folder);
  expect(run).toBe('runs/faces-presentation-small-vgg-fold2');
  expect(await janusJson(['evaluate', String(run)], folder)).toMatchObject({ n: folds[2] });
  const beyond = await janus([...train, '4'], folder);
  expect(beyond.status).toBe(1);
  expect(beyond.err).toMatch(/fold must be a whole number from 0 to 3, but got 4/);
});

it('invalid values of flags are usage errors', async () => {
  for (const [flags, message] of [
    [['--folds', '2'], /must be a whole number of at least 3/],
    [['--keep', 'tests'], /must be one or more of train, validation, test/],
    [['--allow-leaks', 'all'], /must be one or more of exact, near-duplicate, identity/],
  ] as const) {
    const { status, err } = await janus(['data', 'split', 'faces', ...flags], folder);
    expect(status).toBe(2);
    expect(err).toMatch(message);
  }
});
