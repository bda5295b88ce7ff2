import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openDataset, readTable } from '@janus/data';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { janus, janusJson } from './janus.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-import-'));
  await mkdir(join(folder, 'lists/photos'), { recursive: true });
  const picture = await sharp({
    create: { width: 8, height: 8, channels: 3, background: '#456' },
  })
    .png()
    .toBuffer();
  for (const name of ['a', 'b', 'c']) {
    await writeFile(join(folder, `lists/photos/${name}.png`), picture);
  }
  const first = 'who;photo;age;mood\nann;photos/a.png;31;glad\nbob;photos/gone.png;40;glad\n';
  const second = [
    { who: 'cid', photo: 'photos/b.png', age: 52, mood: 'sad' },
    { who: 'dee', photo: 'photos/c.png', age: 12, mood: 'sad' },
  ];
  await writeFile(join(folder, 'lists/one.csv.gz'), gzipSync(first));
  await writeFile(
    join(folder, 'lists/two.jsonl'),
    second.map((row) => `${JSON.stringify(row)}\n`).join(''),
  );
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const COLUMNS = ['--image-column', 'photo', '--id-column', 'who'];

it('tables of several kinds, named by a pattern, become one data folder with a reason for every row that is left out', async () => {
  const args = ['data', 'import', 'csv', 'lists/*.{csv.gz,jsonl}', ...COLUMNS];
  const flags = ['--where', 'age >= 18', '--label-columns', 'age', '--licence', 'CC0'];
  const result = await janusJson([...args, ...flags, '--out', 'listed'], folder);
  expect(result).toEqual({
    rows: 2,
    rejected: 2,
    reasons: { 'left out by --where': 1, 'missing file': 1 },
  });
  const { rows, labels } = await openDataset(join(folder, 'listed'));
  expect(labels).toEqual(['age']);
  expect(await readFile(join(folder, 'listed/DATA.md'), 'utf8')).toContain('CC0');
  expect(rows.map(({ id, labels: { age } }) => [id, age])).toEqual([
    ['ann', 31],
    ['cid', 52],
  ]);
  const rejects = await readTable(join(folder, 'listed/rejects.parquet'));
  expect(rejects.map(({ row, path, reason }) => [row, path, reason])).toEqual([
    [3, 'photos/gone.png', 'missing file'],
    [2, 'photos/c.png', 'left out by --where'],
  ]);
});

it.each([
  [['csv', 'lists/one.csv.gz'], /^janus: .*one\.csv\.gz: needs a column image or path or /],
  [['csv', 'lists/none*.csv'], /^janus: lists\/none\*\.csv: no file matches this pattern\./],
  [
    ['csv', 'lists/one.csv.gz', ...COLUMNS, '--seed', '2'],
    /^janus: --seed: is a flag of synthetic, but the source is csv\./,
  ],
  [
    ['dif', 'lists/one.csv.gz'],
    /^janus: lists\/one\.csv\.gz: needs to know which columns are labels/,
  ],
  [
    ['utkface', 'lists'],
    /^janus: UTKFace .*: a data set needs pictures, but none could be used \(2 not a picture file, 3 name has not four fields\)/,
  ],
  [['celeba', 'lists'], /^janus: lists: CelebA's folder holds list_attr_celeba\.txt or \.csv/],
  [
    ['everypolitician', 'lists'],
    /^janus: lists: must be EveryPolitician's folder, tables of terms/,
  ],
  [['synthetic', '3', '4'], /^janus: data import: this source takes one input, but got 2 \(3, 4\)/],
])('an import that cannot be says why in one line and makes nothing: %j', async (args, line) => {
  const { status, err } = await janus(['data', 'import', ...args, '--out', 'never'], folder);
  expect(status).toBe(1);
  expect(err.trim().split('\n')).toHaveLength(1);
  expect(err).toMatch(line);
  expect(existsSync(join(folder, 'never'))).toBe(false);
});
