import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newRow } from '../manifest/manifest-row.js';
import { readManifest } from '../manifest/manifest.js';
import type { SplitName } from '../manifest/split-name.js';
import { makeDataFolder } from './data-folder.fixture.js';
import { splitDataset } from './split.js';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-split-notes-'));
});
afterAll(async () => {
  await rm(root, { recursive: true });
});

const partOf = (i: number): SplitName | null =>
  i < 20 ? 'train' : i < 26 ? 'validation' : i < 36 ? 'test' : null;

const SOURCE = Array.from({ length: 40 }, (_, i) =>
  newRow({ id: `r${i}`, path: '', split: partOf(i), labels: { kind: i % 2 === 0 ? 'a' : 'b' } }),
);

it('the parts that came with the source are counted where they are replaced, once', async () => {
  const folder = await makeDataFolder(join(root, 'source'), SOURCE);
  const first = await splitDataset(folder);
  expect(first.replaced).toEqual({ train: 20, validation: 6, test: 10 });
  // Now they are this program's own.
  expect((await splitDataset(folder, { seed: 2 })).replaced).toBeNull();
});

it('parts that are kept are not replaced, and rows without one are dealt', async () => {
  const folder = await makeDataFolder(join(root, 'kept'), SOURCE);
  const all = await splitDataset(folder, { keep: ['train', 'validation', 'test'] });
  expect(all.replaced).toBeNull();
  const rows = await readManifest(folder);
  expect(
    rows.filter(({ id, split }, i) => partOf(i) !== null && id !== '' && split !== partOf(i)),
  ).toEqual([]);
  expect(rows.every(({ split }) => split !== null)).toBe(true);
  // The kept ones are still the source's: a later split that drops them says so.
  const test = await splitDataset(folder, { keep: ['test'] });
  const { train = 0, validation = 0, test: tested = -1 } = test.replaced ?? {};
  expect([train + validation, tested]).toEqual([
    rows.filter(({ split }) => split !== 'test').length,
    0,
  ]);
});

it('a class that a part has no image of is named, with the part and its images', async () => {
  const rows = Array.from({ length: 40 }, (_, i) =>
    newRow({
      id: `r${i}`,
      path: '',
      labels: { kind: i === 0 ? 'rare' : i % 2 === 0 ? 'a' : 'b', name: `n${i}`, score: i + 0.5 },
    }),
  );
  const folder = await makeDataFolder(join(root, 'rare'), rows);
  for (const options of [{}, { stratify: ['kind'] }]) {
    const { absent } = await splitDataset(folder, options);
    expect(absent).toHaveLength(1);
    const [own] = absent;
    expect(own).toMatchObject({ column: 'kind', value: 'rare', images: 1 });
    expect(own?.parts).toHaveLength(2);
  }
});

it('a part that is to be empty lacks no class', async () => {
  const rows = Array.from({ length: 20 }, (_, i) =>
    newRow({ id: `r${i}`, path: '', labels: { kind: i % 2 } }),
  );
  const folder = await makeDataFolder(join(root, 'empty'), rows);
  const { splits, absent } = await splitDataset(folder, {
    stratify: ['kind'],
    validation: 0,
    test: 0.2,
  });
  expect(splits.validation).toBe(0);
  expect(absent).toEqual([]);
});

it('a column of whole numbers holds classes too', async () => {
  const rows = Array.from({ length: 60 }, (_, i) =>
    newRow({ id: `r${i}`, path: '', labels: { age: i < 2 ? 1 : 2 } }),
  );
  const folder = await makeDataFolder(join(root, 'numbers'), rows);
  const { absent } = await splitDataset(folder, { seed: 1 });
  expect(absent.map(({ column, value, images }) => [column, value, images])).toEqual([
    ['age', '1', 2],
  ]);
});
