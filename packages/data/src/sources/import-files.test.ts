import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readManifest } from '../manifest/manifest.js';
import type { ManifestRow } from '../manifest/manifest-row.js';
import type { StepResult } from '../manifest/dataset-record.js';
import { readTable } from '../manifest/tables.js';
import { importCelebA } from './import-celeba.js';
import { importDif, type ImportDifOptions } from './import-dif.js';
import { importFolder } from './import-folder.js';
import { importUtkface } from './import-utkface.js';

let root = '';
let count = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-files-'));
  for (const path of IMAGES) await write(path, 'image');
  for (const [path, text] of Object.entries(TEXTS)) await write(path, text);
  await symlink(join(root, 'pets/cats/a.jpg'), join(root, 'pets/dogs/linked.jpg'));
  await symlink(join(root, 'pets/cats'), join(root, 'pets/lions'));
  await symlink(join(root, 'pets'), join(root, 'pets/dogs/around'));
  await symlink(join(root, 'nowhere.jpg'), join(root, 'pets/dogs/broken.jpg'));
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

const IMAGES = [
  'pets/cats/a.jpg',
  'pets/cats/deep/er/b.PNG',
  'pets/dogs/c d\'"$;.jpg',
  'pets/alone.jpg',
  'pets/.hidden/x.jpg',
  'parts/val/x/1.jpg',
  'parts/Training/y/2.webp',
  'parts/test/3.jpg',
  'cycle/trainA/1.jpg',
  'cycle/testB/2.jpg',
  'cycle/valA/3.jpg',
  'utk/100_0_0_20170112213500903.jpg.chip.jpg',
  'utk/part2/1_1_4_20161219140623097.jpg',
  'utk/24_0_1_20170116220224657 .jpg',
  'utk/61_1_20170109.jpg',
  'utk/200_0_0_20170109.jpg',
  'utk/20_2_0_20170109.jpg',
  'utk/20_1_7_20170109.jpg',
  'utk/20_1_3_now.jpg',
  ...['celeba', 'kaggle'].flatMap((folder) =>
    [1, 2, 3].map((n) => `${folder}/img_align_celeba/00000${n}.jpg`),
  ),
  'wild/img_celeba/000001.jpg',
];

/** A line of `DiF_v1.csv`: what it begins with, 136 coordinates, and codings by column. */
function difLine(
  [id, url, ...numbers]: readonly (string | number)[],
  codings: Readonly<Record<number, string | number>>,
): string {
  const points = Array.from({ length: 136 }, (_, i) => i);
  const codes = Array.from({ length: 47 }, (_, i) => codings[144 + i] ?? 0);
  return [id, url, ...numbers, ...points, ...codes].join(',');
}

const ATTRIBUTES = 'Male Smiling Young';
const BOXES = ['1', 'image_id x_1 y_1 width height', '000001.jpg    95  71 226 313', ''].join('\n');

const TEXTS: Readonly<Record<string, string>> = {
  'pets/notes.txt': 'no image',
  'pets/cats/Thumbs.db': 'litter',
  'dif/DiF_v1.csv': [
    difLine([1, 'http://images.example/1.jpg', 640, 480, 10, 20, 110, 140], {
      146: 31.5,
      150: 1,
    }),
    difLine([1, 'http://images.example/1.jpg', 640, 480, 300, 20, 400, 140], { 146: 60, 150: 0 }),
    difLine([2, 'http://images.example/2.jpg', 640, 480, 50, 20, 40, 140], { 146: 8, 150: 1 }),
    difLine([3, 'http://images.example/3.jpg', 640, 480, 700, 20, 800, 140], { 146: 8, 150: 1 }),
    '4,http://images.example/4.jpg,640',
    '',
  ].join('\n'),
  'celeba/list_attr_celeba.txt': [
    '4',
    ATTRIBUTES,
    '000001.jpg  1 -1  1',
    '000002.jpg -1  1 -1',
    '000003.jpg -1  1',
    '000009.jpg -1  1 -1',
    '',
  ].join('\n'),
  'celeba/identity_CelebA.txt': '000001.jpg 2880\n000002.jpg 2937\n',
  'celeba/list_eval_partition.txt': '000001.jpg 0\n000002.jpg 2\n',
  'celeba/list_bbox_celeba.txt': BOXES,
  'kaggle/list_attr_celeba.csv': [
    `image_id,${ATTRIBUTES.replaceAll(' ', ',')}`,
    '000001.jpg,1,-1,1',
    '000002.jpg,-1,5,-1',
    '000003.jpg,-1,1,-1',
    '',
  ].join('\n'),
  'kaggle/list_eval_partition.csv': 'image_id,partition\n000001.jpg,1\n000003.jpg,7\n',
  'wild/Anno/list_attr_celeba.txt': `1\n${ATTRIBUTES}\n000001.jpg 1 1 1\n`,
  'wild/Anno/list_bbox_celeba.txt': BOXES,
  'nonsense/list_attr_celeba.txt': '000001.jpg 1 -1 1\n000002.jpg 1 -1 1\n',
  'nonsense/images/000001.jpg': '',
};

interface Found {
  readonly result: StepResult;
  readonly rows: readonly ManifestRow[];
  /** Line, what was named, why. */
  readonly rejects: readonly (readonly unknown[])[];
}

async function imported(run: (out: string) => Promise<StepResult>): Promise<Found> {
  const out = join(root, `out-${count++}`);
  const result = await run(out);
  const rejects = await readTable(join(out, 'rejects.parquet'));
  expect(rejects).toHaveLength(result.rejected);
  return {
    result,
    rows: await readManifest(out),
    rejects: rejects.map(({ row, path, reason }) => [row, path, reason]),
  };
}

const folder = async (...paths: string[]): Promise<Found> =>
  await imported(
    async (out) =>
      await importFolder(
        paths.map((path) => join(root, path)),
        { out },
      ),
  );

const classes = ({ rows }: Found): readonly unknown[] =>
  rows.map(({ id, labels }) => [id, labels['class']]);

describe('importFolder', () => {
  it('takes class folders of any depth, follows links but not in a circle, and rejects what is not an image', async () => {
    const found = await folder('pets');
    expect(classes(found)).toEqual([
      ['cats/a.jpg', 'cats'],
      ['cats/deep/er/b.PNG', 'cats'],
      ['dogs/c d\'"$;.jpg', 'dogs'],
      ['dogs/linked.jpg', 'dogs'],
      ['lions/a.jpg', 'lions'],
      ['lions/deep/er/b.PNG', 'lions'],
    ]);
    expect([...found.rejects].sort()).toEqual([
      [0, 'alone.jpg', 'not in a class folder'],
      [0, 'dogs/around', 'link to a folder above'],
      [0, 'dogs/broken.jpg', 'link that leads nowhere'],
      [0, 'notes.txt', 'not an image file'],
    ]);
  });

  it('takes several folders or a pattern of them, whose class is the name below what they share', async () => {
    const both = await folder('pets/cats', 'pets/dogs');
    expect(new Set(both.rows.map(({ labels }) => labels['class']))).toEqual(
      new Set(['cats', 'dogs']),
    );
    expect(classes(await folder('pets/c*'))).toEqual([
      ['cats/a.jpg', 'cats'],
      ['cats/deep/er/b.PNG', 'cats'],
    ]);
    expect(classes(await folder('pets/**/*.PNG'))).toEqual([['cats/deep/er/b.PNG', 'cats']]);
  });

  it("knows parts by their usual names, and CycleGAN's folders", async () => {
    const parts = await folder('parts');
    expect(parts.rows.map(({ id, labels, split }) => [id, labels['class'], split])).toEqual([
      ['Training/y/2.webp', 'y', 'train'],
      ['test/3.jpg', 'test', null],
      ['val/x/1.jpg', 'x', 'validation'],
    ]);
    const cycle = await folder('cycle');
    expect(cycle.rows.map(({ id, labels, split }) => [id, labels['domain'], split])).toEqual([
      ['testB/2.jpg', 'B', 'test'],
      ['trainA/1.jpg', 'A', 'train'],
      ['valA/3.jpg', 'A', 'validation'],
    ]);
  });
});

describe('importUtkface', () => {
  it('reads labels from names, and rejects a name that lacks a field instead of misreading it', async () => {
    const found = await imported(
      async (out) => await importUtkface(join(root, 'utk'), { out, licence: 'mine' }),
    );
    expect(found.rows.map(({ id, labels }) => [id, ...Object.values(labels)])).toEqual([
      ['100_0_0_20170112213500903.jpg.chip.jpg', 100, 'male', 'White'],
      ['24_0_1_20170116220224657 .jpg', 24, 'male', 'Black'],
      ['part2/1_1_4_20161219140623097.jpg', 1, 'female', 'Others'],
    ]);
    expect(Object.fromEntries(found.rejects.map(([, path, reason]) => [path, reason]))).toEqual({
      '61_1_20170109.jpg': 'name has not four fields',
      '200_0_0_20170109.jpg': 'age is not a number of years',
      '20_2_0_20170109.jpg': 'gender is not 0 or 1',
      '20_1_7_20170109.jpg': 'race is not 0 to 4',
      '20_1_3_now.jpg': 'name has no date',
    });
  });
});

describe('importDif', () => {
  const dif = async (
    codings: Readonly<Record<string, number>>,
    options: Partial<ImportDifOptions> = {},
  ): Promise<Found> =>
    await imported(
      async (out) => await importDif(join(root, 'dif/DiF_v1.csv'), { ...options, out, codings }),
    );

  it('makes a row a face, with its box in pixels and the codings that were named', async () => {
    const { rows, rejects } = await dif({ age: 146, gender: 150 });
    expect(rows).toMatchObject([
      {
        id: 'http://images.example/1.jpg',
        url: 'http://images.example/1.jpg',
        path: '',
        ...{ width: 640, height: 480, x1: 10, y1: 20, x2: 110, y2: 140 },
        labels: { photo: '1', age: 31.5, gender: 1 },
      },
      {
        id: 'http://images.example/1.jpg#2',
        url: 'http://images.example/1.jpg',
        ...{ x1: 300, x2: 400 },
        labels: { photo: '1', age: 60, gender: 0 },
      },
    ]);
    expect(rejects).toEqual([
      [3, 'http://images.example/2.jpg', 'box is empty'],
      [4, 'http://images.example/3.jpg', 'box lies outside the image'],
      [5, expect.stringContaining('4,http://images.example/4.jpg'), 'too few cells'],
    ]);
  });

  it('takes columns that stand elsewhere, and boxes in parts of the image', async () => {
    // Columns 8 and 9 of the lines are the first coordinates of points: 0 and 1.
    const { rows } = await dif(
      { age: 146 },
      { columns: { x1: 8, y1: 8, x2: 9, y2: 9 }, boxUnit: 'fraction' },
    );
    expect(rows[0]).toMatchObject({ x1: 0, y1: 0, x2: 1, y2: 1, width: 640 });
    await expect(dif({ age: 146 }, { columns: { url: 191 } })).rejects.toThrow(
      /--columns: url must be a column from 0 to 190, counted from 0, but got 191\./,
    );
    const columns = { eyes: 9 } as ImportDifOptions['columns'] & object;
    await expect(dif({ age: 146 }, { columns })).rejects.toThrow(
      /--columns: must be of photo, url, .*, but got eyes\./,
    );
  });

  it('must be told which columns are labels', async () => {
    await expect(dif({})).rejects.toThrow(
      /needs to know which columns are labels, since the table has no header\. .*--coding/,
    );
    await expect(dif({ age: 12 })).rejects.toThrow(
      /--coding: age must be a column from 144 to 190, counted from 0, but got 12\./,
    );
    expect(existsSync(join(root, `out-${count - 1}`))).toBe(false);
  });
});

describe('importCelebA', () => {
  const celeba = async (name: string): Promise<Found> =>
    await imported(async (out) => await importCelebA(join(root, name), { out }));

  it('joins the lists as the archive has them', async () => {
    const { rows, rejects } = await celeba('celeba');
    expect(rows).toMatchObject([
      {
        id: '000001.jpg',
        path: join(root, 'celeba/img_align_celeba/000001.jpg'),
        ...{ identity: '2880', split: 'train', x1: null },
        labels: { gender: 'male', Male: 'yes', Smiling: 'no', Young: 'yes' },
      },
      {
        id: '000002.jpg',
        ...{ identity: '2937', split: 'test' },
        labels: { gender: 'female', Male: 'no', Smiling: 'yes', Young: 'no' },
      },
    ]);
    expect(rejects).toEqual([
      [5, '000003.jpg', 'not 3 attributes'],
      [6, '000009.jpg', 'missing file'],
    ]);
  });

  it('joins the lists as tables of commas', async () => {
    const { rows, rejects } = await celeba('kaggle');
    expect(rows).toMatchObject([
      { id: '000001.jpg', identity: null, split: 'validation', labels: { gender: 'male' } },
    ]);
    expect(rejects).toEqual([
      [3, '000002.jpg', 'attribute is not -1 or 1'],
      [4, '000003.jpg', 'split is none of train, validation, test'],
    ]);
  });

  it('takes boxes with the images that they are of', async () => {
    const { rows } = await celeba('wild');
    expect(rows).toMatchObject([{ id: '000001.jpg', x1: 95, y1: 71, x2: 321, y2: 384 }]);
  });

  it('says what is missing', async () => {
    await expect(celeba('pets')).rejects.toThrow(
      /CelebA's folder holds list_attr_celeba\.txt or \.csv/,
    );
    await expect(celeba('nonsense')).rejects.toThrow(/must name its attributes in the first line/);
  });
});

const REAL = process.env['JANUS_REAL_DATA'] ?? '../shared/data';
const absent = !existsSync(join(REAL, 'horse2zebra'));
describe.skipIf(absent)(
  `importFolder on real images${absent ? ' (skipped: no real data at JANUS_REAL_DATA)' : ''}`,
  () => {
    it('takes the 1,060 of horse2zebra', async () => {
      const out = join(root, 'horses');
      const result = await importFolder(join(REAL, 'horse2zebra'), { out });
      expect(result).toEqual({ rows: 1060, rejected: 0, reasons: {} });
    });
  },
);
