import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { newRow, writeDatasetRecord, writeManifest } from '@janus/data';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { earlierHashesOfDomains, findDomain, hashOfDomains } from './domains.js';
import { trainingSides, type TrainingSidesOptions } from './pairs.js';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-pairs-'));
  for (const [folder, names] of Object.entries({
    a: ['1.jpg', '2.jpg', '3.jpg'],
    b: ['3.png', '1.png'],
  })) {
    await mkdir(join(root, folder));
    for (const name of names) await writeFile(join(root, folder, name), '');
  }
  const rows = [
    ['m1', 'm', 'one', 'train'],
    ['m2', 'm', 'two', 'train'],
    ['f1', 'f', 'two', 'train'],
    ['f2', 'f', 'one', 'train'],
    ['f3', 'f', 'one', 'test'],
  ].map(([id = '', sex = '', pair = '', split]) =>
    newRow({ id, path: `${id}.jpg`, labels: { sex, pair }, split: split as 'train' | 'test' }),
  );
  await writeManifest(join(root, 'data'), rows);
  const record = { format: 1, name: 'made', source: 'made', licence: 'none' } as const;
  await writeDatasetRecord(join(root, 'data'), { ...record, options: {}, steps: [] });
});
afterAll(async () => {
  await rm(root, { recursive: true });
});

const idsOf = async (
  options: Pick<TrainingSidesOptions, 'pairs' | 'trainImages'>,
  [x, y]: readonly [string, string] = ['a', 'b'],
): Promise<readonly string[]> => {
  const sides = await trainingSides({
    ...{ x: join(root, x), y: join(root, y), seed: 1, paired: true, ...options },
  });
  return sides.x.items.map(({ id }, i) => `${id} ${sides.y.items[i]?.id ?? '?'}`);
};

it('files of one name are pairs, whatever their format, and others are left out', async () => {
  expect(await idsOf({ pairs: 'name' })).toEqual(['1.jpg 1.png', '3.jpg 3.png']);
  expect(await idsOf({ pairs: 'name', trainImages: 1 })).toHaveLength(1);
});

it('a column or a list pairs the images of one part', async () => {
  const domains = ['data:sex=m', 'data:sex=f'] as const;
  expect(await idsOf({ pairs: 'pair' }, domains)).toEqual(['m1 f2', 'm2 f1']);
  const list = join(root, 'pairs.csv');
  await writeFile(list, 'y,x\n3.png,"2.jpg"\n1.png,1.jpg\nnone.png,3.jpg\n');
  expect(await idsOf({ pairs: list })).toEqual(['2.jpg 3.png', '1.jpg 1.png']);
  // An image may be of several pairs.
  await writeFile(list, 'x,y\n1.jpg,3.png\n1.jpg,1.png\n');
  const both = ['1.jpg 3.png', '1.jpg 1.png'];
  expect(await idsOf({ pairs: list })).toEqual(both);
  expect(await idsOf({ pairs: list, trainImages: 2 })).toEqual(both);
});

it('a plain folder has one hash however it is named, and those of earlier versions', async () => {
  const [x, y] = [join(root, 'a'), join(root, 'b')];
  const hashesOf = async (name: (path: string) => string): Promise<readonly string[]> => {
    const domains = [
      await findDomain(name(x), 'train'),
      await findDomain(name(y), 'train'),
    ] as const;
    return [hashOfDomains(...domains), ...earlierHashesOfDomains(...domains)];
  };
  const [hash, ...earlier] = await hashesOf((path) => path);
  const [same, asNamed] = await hashesOf((path) => relative('', path));
  expect(same).toBe(hash);
  // A run that was begun with relative names is resumed by absolute ones, too.
  expect(asNamed).not.toBe(hash);
  expect(earlier).toContain(asNamed);
});

it('says what is missing', async () => {
  await expect(idsOf({})).rejects.toThrow(/paired needs pairs/);
  await expect(idsOf({ pairs: 'pair' })).rejects.toThrow(/a plain folder has no column pair/);
  await expect(idsOf({ pairs: join(root, 'none.csv') })).rejects.toThrow(/cannot be read/);
  await writeFile(join(root, 'bad.csv'), 'a,b\n1,2\n');
  await expect(idsOf({ pairs: join(root, 'bad.csv') })).rejects.toThrow(/columns x and y/);
  await expect(idsOf({ pairs: 'eyes' }, ['data:sex=m', 'data:sex=f'])).rejects.toThrow(/no two do/);
});
