import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newRow, type ManifestRow, judgedBy } from './manifest-row.js';
import { manifestChunks, updateManifest, writeManifestStream } from './manifest-stream.js';
import { readManifest } from './manifest.js';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-manifest-'));
});
afterAll(async () => {
  await rm(root, { recursive: true });
});

const row = (id: string, labels: ManifestRow['labels'] = {}): ManifestRow =>
  newRow({ id, path: `${id}.jpg`, labels });

function* many(count: number): Generator<ManifestRow> {
  for (let i = 0; i < count; i++) yield row(`r${i}`, { age: i, sex: i % 2 === 0 ? 'f' : 'm' });
}

it('manifestChunks yields rows in the order in which they were written, in pieces', async () => {
  const folder = join(root, 'order');
  await writeManifestStream(folder, many(10_000));
  let pieces = 0;
  let next = 0;
  for await (const chunk of manifestChunks(folder)) {
    pieces += 1;
    for (const { id, labels } of chunk) {
      expect(id).toBe(`r${next}`);
      expect(labels).toEqual({ age: next, sex: next % 2 === 0 ? 'f' : 'm' });
      next += 1;
    }
  }
  expect(next).toBe(10_000);
  expect(pieces).toBeGreaterThan(2);
});

it('manifestChunks reads chosen columns of the rows that meet a condition', async () => {
  const folder = join(root, 'chosen');
  await writeManifestStream(folder, many(10));
  const found: ManifestRow[] = [];
  const chunks = manifestChunks(folder, { where: "sex = 'm' AND age > 4", columns: ['id', 'age'] });
  for await (const chunk of chunks) found.push(...chunk);
  expect(found.map(({ id, path, labels }) => [id, path, labels])).toEqual([
    ['r5', '', { age: 5 }],
    ['r7', '', { age: 7 }],
    ['r9', '', { age: 9 }],
  ]);
});

it('updateManifest changes what is named and nothing else, in the order before', async () => {
  const folder = join(root, 'update');
  await writeManifestStream(folder, many(6000));
  await updateManifest(folder, [
    { id: 'r5999', path: '', width: 7, labels: { age: null } },
    { id: 'r3', status: 'removed', reason: 'blank', removedBy: 'clean', labels: { fold: 2 } },
  ]);
  const rows = await readManifest(folder);
  expect(rows.map(({ id }) => id)).toEqual([...many(6000)].map(({ id }) => id));
  expect(rows[5999]).toEqual({
    ...row('r5999', { age: null, sex: 'm', fold: null }),
    path: '',
    width: 7,
  });
  expect(rows[3]).toEqual({
    ...row('r3', { age: 3, sex: 'm', fold: 2 }),
    status: 'removed',
    reason: 'blank',
    removedBy: 'clean',
  });
  expect(rows[4]).toEqual(row('r4', { age: 4, sex: 'f', fold: null }));
});

it('a label is whole, fractional or text by what its values are, and changes with them', async () => {
  const folder = join(root, 'types');
  const rows = [
    row('a', { whole: 1, part: 1, mixed: 12, big: 3e9, empty: null }),
    row('b', { whole: null, part: 0.5, mixed: 'x', late: 'seen', big: 1, empty: null }),
  ];
  await writeManifestStream(folder, rows);
  const before = await readManifest(folder);
  expect(before.map(({ labels }) => labels)).toEqual([
    { whole: 1, part: 1, mixed: '12', big: 3e9, empty: null, late: null },
    { whole: null, part: 0.5, mixed: 'x', big: 1, empty: null, late: 'seen' },
  ]);
  await updateManifest(folder, [{ id: 'b', labels: { whole: 2.5, part: 'none' } }]);
  const after = await readManifest(folder);
  expect(after.map(({ labels }) => [labels['whole'], labels['part']])).toEqual([
    [1, '1'],
    [2.5, 'none'],
  ]);
});

it('a refused change leaves the manifest and the folder as they were', async () => {
  const folder = join(root, 'refused');
  await writeManifestStream(folder, many(3));
  await expect(updateManifest(folder, [{ id: 'nobody', width: 1 }])).rejects.toThrow(
    /there is no row nobody to change/,
  );
  await expect(
    updateManifest(folder, [
      { id: 'r1', width: 1 },
      { id: 'r1', width: 2 },
    ]),
  ).rejects.toThrow(/ids must be unique, but r1 occurs twice/);
  await expect(updateManifest(folder, [{ id: 'r1', labels: { Path: 'x' } }])).rejects.toThrow(
    /a label column must not be called Path/,
  );
  expect(await readdir(folder)).toEqual(['manifest.parquet']);
  expect(await readManifest(folder)).toEqual([...many(3)]);
});

it('a torn manifest and a missing one are told apart', async () => {
  const folder = join(root, 'torn');
  await writeManifestStream(folder, many(3));
  await writeFile(join(folder, 'manifest.parquet'), 'PAR1 and then nothing');
  await expect(readManifest(folder)).rejects.toThrow(/must be a whole Parquet file/);
  await expect(readManifest(join(root, 'absent'))).rejects.toThrow(/has manifest.parquet, but/);
});

it('judgedBy lets a step judge rows in use and its own, never those of an earlier step', () => {
  const removed = (removedBy: ManifestRow['removedBy']): boolean[] =>
    (['fetch', 'crop', 'clean'] as const).map((step) =>
      judgedBy({ status: 'removed', removedBy }, step),
    );
  expect(removed('fetch')).toEqual([true, false, false]);
  expect(removed('clean')).toEqual([true, true, true]);
  // Written before the column existed: only `clean` removed rows then.
  expect(removed(null)).toEqual([true, true, true]);
  expect(judgedBy({ status: 'kept', removedBy: null }, 'clean')).toBe(true);
});
