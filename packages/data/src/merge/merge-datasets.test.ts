import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDataset } from '../manifest/dataset.js';
import { newRow, type ManifestRow } from '../manifest/manifest-row.js';
import { finishImport } from '../sources/importing.js';
import { mergeDatasets } from './merge-datasets.js';

let root = '';
const at = (name: string): string => join(root, name);

async function make(
  name: string,
  rows: readonly (Pick<ManifestRow, 'id' | 'labels'> & Partial<ManifestRow>)[],
  kind: 'recorded' | 'perceived' = 'recorded',
): Promise<void> {
  await finishImport(at(name), {
    rows: rows.map((row) => newRow({ path: `images/${row.id}.jpg`, ...row })),
    ...{ rejects: [], source: name, licence: `licence of ${name}`, options: {} },
    labelling: { kind, how: `As ${name} says.` },
  });
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-merge-'));
  await make('first', [
    { id: 'a', labels: { gender: 'f', party: 'x' }, identity: 'p1', split: 'train', x1: 0.1 },
    { id: 'b', labels: { gender: 'm', party: 'y' }, split: 'test' },
    { id: 'c', labels: { gender: 'm', party: 'y' }, status: 'removed', reason: 'blank' },
  ]);
  await make(
    'second',
    [{ id: 'a', labels: { gender: 'm', age: 3 }, identity: 'p1', split: 'train' }],
    'perceived',
  );
  await make('unsplit', [{ id: 'z', labels: { gender: 'f' } }]);
});
afterAll(async () => {
  await rm(root, { recursive: true });
});

it('a merge keeps the kept images of both, their splits, and the labels that both have', async () => {
  const result = await mergeDatasets([at('first'), at('second')], { out: at('both') });
  expect(result.rows).toBe(3);
  const { rows, labels, record } = await openDataset(at('both'));
  expect(labels).toEqual(['gender', 'dataset']);
  expect(rows.map(({ id, split, identity }) => [id, split, identity])).toEqual([
    ['first/a', 'train', 'first/p1'],
    ['first/b', 'test', null],
    ['second/a', 'train', 'second/p1'],
  ]);
  expect(rows[2]).toMatchObject({
    path: join(at('second'), 'images/a.jpg'),
    labels: { gender: 'm', dataset: 'second' },
  });
  expect(rows[0]?.x1).toBeNull();
  expect(record.source).toBe('first + second');
  expect(record.labelling).toMatchObject({ kind: 'perceived' });
});

it('a merge keeps other labels where they are asked for, empty where a data set lacks them', async () => {
  const options = { out: at('more'), labels: ['gender', 'age'] };
  await mergeDatasets([at('first'), at('second')], options);
  const { rows } = await openDataset(at('more'));
  expect(rows.map(({ labels }) => labels['age'])).toEqual([null, null, 3]);
});

it('a merge refuses equal names, unknown labels and data of which only a part is split', async () => {
  const out = at('none');
  await expect(mergeDatasets([at('first'), at('first')], { out })).rejects.toThrow(
    /of different names, but got first, first/,
  );
  await expect(
    mergeDatasets([at('first'), at('second')], { out, labels: ['hat'] }),
  ).rejects.toThrow(/among gender, party, age, but got hat/);
  await expect(mergeDatasets([at('first'), at('unsplit')], { out })).rejects.toThrow(
    /must be split, or none, but .*unsplit is not/,
  );
});
