import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openDataset, readTable } from '@janus/data';
import { writeImage } from '@janus/images';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { janus, janusJson } from './janus.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-import-'));
  await mkdir(join(folder, 'lists/photos'), { recursive: true });
  const image = { pixels: new Uint8Array(8 * 8 * 3), width: 8, height: 8 };
  for (const name of ['a', 'b', 'c']) {
    await writeImage(join(folder, `lists/photos/${name}.png`), image);
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
  for (const [name, text] of Object.entries(SOURCES)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    if (text === null) await writeImage(join(folder, name), image);
    else await writeFile(join(folder, name), text);
  }
  await symlink(join(folder, 'folder'), join(folder, 'folder/dogs/around'));
});

/** Lines of `DiF_v1.csv`: an address, a box and one coding of 47. */
const difLine = (id: number, box: string, age: number): string =>
  `${id},http://images.example/${id}.jpg,640,480,${box}${',0'.repeat(136)},0,0,${age}${',0'.repeat(44)}\n`;

const PORTRAIT = 'https://images.example/congress/original';
const TERM_HEADER =
  'id,name,sort_name,email,twitter,facebook,group,group_id,area_id,area,chamber,term,start_date,end_date,image,gender';

/** Files of each source, to its layout; those without text are images. */
const SOURCES: Readonly<Record<string, string | null>> = {
  'folder/cats/a.png': null,
  'folder/cats/$(touch x); "b".png': null,
  'folder/dogs/deep/c.png': null,
  'folder/dogs/notes.txt': 'no image',
  'ep/countries.json': JSON.stringify([
    {
      name: 'Land',
      code: 'LA',
      slug: 'Land',
      legislatures: [
        {
          name: 'House',
          slug: 'House',
          legislative_periods: [
            { id: 'term/1', start_date: '1990-01-06', end_date: '1992', csv: 'data/term-1.csv' },
            { id: 'term/2', start_date: '2000-01-06', csv: 'data/term-2.csv' },
          ],
        },
      ],
    },
  ]),
  'ep/data/term-1.csv': [
    TERM_HEADER,
    `u1,Ann,,,,,Red,red,,North,House,1,,,${PORTRAIT}/A000001.jpg,female`,
    `u9,Old,,,,,Red,red,,North,House,1,,,${PORTRAIT}/O000009.jpg,male\n`,
  ].join('\n'),
  'ep/data/term-2.csv': [
    TERM_HEADER,
    `x1,Ann,,,,,Blue,blue,,North,House,2,,,${PORTRAIT}/A000001.jpg,female`,
    `u2,Bob,,,,,Independent,independent,,South,House,2,,,${PORTRAIT}/B000002.jpg,male\n`,
  ].join('\n'),
  'congress/members.csv':
    'name,icpsr,state,party,congress,chamber,born,died,image,source,provenance\n' +
    '"ANN, A.",000007,North,Democratic Party,119,House,1950,,images/a.png,wiki,\n' +
    '"NEW, N.",000008,North,Republican Party,119,House,1950,,images/n.png,wiki,\n',
  'congress/legislators-current.csv':
    'last_name,birthday,gender,party,bioguide_id,icpsr_id\nAnn,1950-02-03,F,Democrat,A000001,7\n',
  'congress/legislators-historical.csv':
    'last_name,birthday,gender,party,bioguide_id,icpsr_id\nOld,1850-02-03,M,Whig,O000009,\n',
  'congress/images/a.png': null,
  'congress/images/n.png': null,
  'dif/DiF_v1.csv':
    difLine(1, '10,20,110,140', 31) + difLine(2, '300,20,300,140', 40) + difLine(3, '0,0,9,9', 8),
  'fairface/fairface_label_train.csv':
    'file,age,gender,race,service_test\ntrain/1.png,20-29,Female,Black,True\ntrain/2.png,3-9,Male,White,False\n',
  'fairface/fairface_label_val.csv':
    'file,age,gender,race,service_test\nval/1.png,more than 70,Male,Indian,True\n',
  'fairface/train/1.png': null,
  'fairface/val/1.png': null,
  'utkface/100_0_0_20170112213500903.png': null,
  'utkface/1_1_4_20161219140623097.png': null,
  'utkface/61_1_20170109.png': null,
  'celeba/list_attr_celeba.txt':
    '3\nMale Smiling\n000001.png  1 -1\n000002.png -1  1\n000003.png -1  1\n',
  'celeba/identity_CelebA.txt': '000001.png 2880\n000002.png 2937\n',
  'celeba/list_eval_partition.txt': '000001.png 0\n000002.png 2\n',
  'celeba/img_align_celeba/000001.png': null,
  'celeba/img_align_celeba/000002.png': null,
};

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const COLUMNS = ['--image-column', 'photo', '--id-column', 'who'];

it('tables of several kinds, named by a pattern, become one data folder with a reason for every row that is left out', async () => {
  const args = ['data', 'import', 'csv', 'lists/*.{csv.gz,jsonl}', ...COLUMNS];
  const flags = ['--where', 'age >= 18', '--label-columns', 'age', '--licence', 'CC0'];
  const result = await janusJson([...args, ...flags, '--out', 'listed'], folder);
  expect(result).toMatchObject({
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

/** A source, what becomes a row, and what does not. */
interface ImportCase {
  readonly args: string;
  readonly ids: readonly string[];
  /** Of the first row. */
  readonly labels: Readonly<Record<string, unknown>>;
  /** What the data statement says of how they came to be. */
  readonly labelling: string;
  readonly rejects: readonly (readonly [row: number, path: string, reason: string])[];
}

const IMPORTS: readonly ImportCase[] = [
  {
    args: 'folder folder',
    ids: ['cats/$(touch x); "b".png', 'cats/a.png', 'dogs/deep/c.png'],
    labels: { class: 'cats' },
    labelling: 'The folders do not say who sorted the images',
    rejects: [
      [0, 'dogs/around', 'link to a folder above'],
      [0, 'dogs/notes.txt', 'not an image file'],
    ],
  },
  {
    args: 'everypolitician ep --country LA --since 1995 --without-party independent',
    ids: ['A000001'],
    labels: { name: 'Ann', party: 'Blue', gender: 'female', terms: 1 },
    labelling: 'The labels are recorded',
    rejects: [
      [2, `${PORTRAIT}/A000001.jpg`, 'ended before'],
      [3, `${PORTRAIT}/B000002.jpg`, 'party left out'],
      [3, `${PORTRAIT}/O000009.jpg`, 'ended before'],
    ],
  },
  {
    args: 'congress congress',
    ids: ['000007'],
    labels: { gender: 'female', party: 'democrat', born: 1950 },
    labelling: 'The labels are recorded',
    rejects: [[3, 'images/n.png', 'no legislator with this ICPSR number']],
  },
  {
    args: 'dif dif/DiF_v1.csv --coding age=146',
    ids: ['http://images.example/1.jpg', 'http://images.example/3.jpg'],
    labels: { age: 31 },
    labelling: 'The labels are perceived',
    rejects: [[2, 'http://images.example/2.jpg', 'box is empty']],
  },
  {
    args: 'fairface fairface',
    ids: ['train/1.png', 'val/1.png'],
    labels: { age: '20-29', gender: 'female', race: 'Black' },
    labelling: 'The labels are perceived',
    rejects: [[3, 'train/2.png', 'missing file']],
  },
  {
    args: 'utkface utkface',
    ids: ['100_0_0_20170112213500903.png', '1_1_4_20161219140623097.png'],
    labels: { age: 100, gender: 'male', race: 'White' },
    labelling: 'The labels are perceived',
    rejects: [[0, '61_1_20170109.png', 'name has not four fields']],
  },
  {
    args: 'celeba celeba',
    ids: ['000001.png', '000002.png'],
    labels: { Male: 'yes', Smiling: 'no', gender: 'male' },
    labelling: 'The labels are perceived',
    rejects: [[5, '000003.png', 'missing file']],
  },
  {
    args: 'synthetic 3 --size 32',
    ids: ['face-00000', 'face-00001', 'face-00002'],
    labels: {},
    labelling: 'drawn',
    rejects: [],
  },
];

it.each(IMPORTS)(
  '$args becomes a data folder, whose statement says how its labels came to be',
  async ({ args, ids, labels, labelling, rejects }) => {
    const out = `made/${args.split(' ', 1).join('')}`;
    const result = await janusJson(['data', 'import', ...args.split(' '), '--out', out], folder);
    expect(result).toMatchObject({ rows: ids.length, rejected: rejects.length });
    const { rows } = await openDataset(join(folder, out));
    expect(rows.map(({ id }) => id)).toEqual(ids);
    expect(rows[0]?.labels).toMatchObject(labels);
    expect(await readFile(join(folder, out, 'DATA.md'), 'utf8')).toContain(labelling);
    const left = await readTable(join(folder, out, 'rejects.parquet'));
    const found = left.map(({ row, path, reason }) => [row, path, reason]);
    expect(found.sort((a, b) => (String(a[1]) < String(b[1]) ? -1 : 1))).toEqual(rejects);
  },
);

const REAL = resolve(process.env['JANUS_REAL_DATA'] ?? '../shared/data');
const absent = !existsSync(REAL);
const because = absent ? ' (skipped: no real data at JANUS_REAL_DATA)' : '';
it.skipIf(absent).each([
  { args: 'folder horse2zebra', rows: 1060, reasons: {} },
  { args: 'fairface fairface', rows: 540, reasons: {} },
  {
    args: 'congress congress',
    rows: 1933,
    reasons: { 'no legislator with this ICPSR number': 142 },
  },
  { args: 'everypolitician everypolitician --country US', rows: 1803, reasons: {} },
  {
    args: 'everypolitician everypolitician --country US --since 1996 --without-party independent',
    rows: 1269,
    reasons: { 'ended before': 3848, 'party left out': 34 },
  },
])(`real data: $args becomes $rows rows${because}`, async ({ args, rows, reasons }) => {
  const [source = '', name = '', ...flags] = args.split(' ');
  const command = ['data', 'import', source, join(REAL, name), ...flags];
  const result = await janusJson(
    [...command, '--out', `real/${[source, ...flags].join('-')}`],
    folder,
  );
  expect(result).toMatchObject({ rows, reasons });
});

it.each([
  [['csv', 'lists/one.csv.gz'], /^janus: .*one\.csv\.gz: needs a column image or path or /],
  [['csv', 'lists/none*.csv'], /^janus: lists\/none\*\.csv: no file matches this pattern\./],
  [
    ['csv', 'lists/one.csv.gz', ...COLUMNS, '--seed', '2'],
    /^janus: --seed: applies to synthetic, but the source is csv\./,
  ],
  [
    ['dif', 'lists/one.csv.gz'],
    /^janus: lists\/one\.csv\.gz: needs to know which columns are labels/,
  ],
  [
    ['utkface', 'lists'],
    /^janus: UTKFace .*: a data set needs images, but none could be used \(2 not an image file, 3 name has not four fields\)/,
  ],
  [['celeba', 'lists'], /^janus: lists: CelebA's folder holds list_attr_celeba\.txt or \.csv/],
  [
    ['everypolitician', 'lists'],
    /^janus: lists: must be EveryPolitician's folder, tables of terms/,
  ],
  [['synthetic', '3', '4'], /^janus: data import: this source takes one input, but got 2 \(3, 4\)/],
])('a failed import prints one line and creates nothing: %j', async (args, line) => {
  const { status, err } = await janus(['data', 'import', ...args, '--out', 'never'], folder);
  expect(status).toBe(1);
  expect(err.trim().split('\n')).toHaveLength(1);
  expect(err).toMatch(line);
  expect(existsSync(join(folder, 'never'))).toBe(false);
});
