import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { streamOf } from '@janus/core';
import { readManifest } from '@janus/data';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { janus, janusJson } from './janus.js';

/** Colourful patches that pass every rule, different for each seed. */
function patches(seed: number, size = 64): sharp.Sharp {
  const stream = streamOf(seed, 'patches');
  const raw = Uint8Array.from({ length: 8 * 8 * 3 }, () => stream.integer(256));
  return sharp(raw, { raw: { width: 8, height: 8, channels: 3 } }).resize(size, size, {
    kernel: 'nearest',
  });
}

/** File, gender, age and year of birth of each image. */
const TABLE = [
  ['ann.png', 'female', '34', '1980'],
  ['ann-again.png', 'female', '34', '1980'],
  ['ann-large.png', 'female', '34', '1980'],
  ['bob.png', 'male', '40', '1974'],
  ['bob-as-woman.png', 'female', '40', '1974'],
  ['baby.png', 'male', '0-2', '2013'],
  ['child.png', 'male', '3-9', '2008'],
  ['ageless.png', 'male', '', ''],
  ['nobody.png', 'unknown', '30', '1984'],
  ['blank.png', 'male', '50', '1964'],
  ['blurry.png', 'male', '50', '1964'],
  ['tiny.png', 'male', '50', '1964'],
  ['broken.png', 'male', '50', '1964'],
] as const;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-clean-'));
  await mkdir(join(folder, 'photos'));
  const ann = await patches(1).png().toBuffer();
  const bob = await patches(2).png().toBuffer();
  const blank = sharp({ create: { width: 64, height: 64, channels: 3, background: '#987' } });
  const files: Readonly<Record<string, sharp.Sharp | Buffer>> = {
    'ann.png': ann,
    'ann-again.png': ann,
    'ann-large.png': patches(1, 128),
    'bob.png': bob,
    'bob-as-woman.png': bob,
    'baby.png': patches(3),
    'child.png': patches(4),
    'ageless.png': patches(5),
    'nobody.png': patches(6),
    'blank.png': blank,
    'blurry.png': patches(7).blur(14),
    'tiny.png': patches(8, 24),
    'broken.png': ann.subarray(0, ann.length / 2),
  };
  for (const [name, image] of Object.entries(files)) {
    const bytes = Buffer.isBuffer(image) ? image : await image.png().toBuffer();
    await writeFile(join(folder, 'photos', name), bytes);
  }
  const lines = TABLE.map((row) => `photos/${row.join(',')}\n`);
  await writeFile(join(folder, 'people.csv'), `image,gender,age,born\n${lines.join('')}`);
  await janusJson(['data', 'import', 'csv', 'people.csv', '--out', 'people'], folder);
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function reasons(): Promise<Record<string, string | null>> {
  const rows = await readManifest(join(folder, 'people'));
  return Object.fromEntries(
    rows.map(({ path, reason }) => [path.replace(/^.*\//, '').replace('.png', ''), reason]),
  );
}

const CLEAN = ['data', 'clean', 'people'];

it('clean prints what each rule removed and left, and show draws a sheet for each', async () => {
  const cleaned = await janus([...CLEAN, '--labels', 'gender', '--min-age', '4'], folder);
  expect(cleaned.status).toBe(0);
  expect(cleaned.out.trimEnd().split('\n')).toEqual([
    'Cleaned people: 1 rows, 12 rejected',
    '   removed     left',
    '                 13  rows of the manifest',
    '         1       12  cannot be decoded',
    '         1       11  too small',
    '         1       10  blank',
    '         1        9  blurry',
    '         1        8  unknown gender',
    '         1        7  unknown age',
    '         2        5  younger than 4',
    '         2        3  conflicting labels',
    '         1        2  duplicate',
    '         1        1  near duplicate',
    '2 images in 1 group have conflicting labels.',
    '  one image: photos/bob.png (male), photos/bob-as-woman.png (female)',
    'To review the removed images: janus data show people',
  ]);
  // Of the same image in several sizes the largest stays.
  const found = await reasons();
  expect(Object.entries(found).filter(([, reason]) => reason === null)).toEqual([
    ['ann-large', null],
  ]);
  const statement = await readFile(join(folder, 'people/DATA.md'), 'utf8');
  expect(statement).toContain('| clean | 1 | 12 |');

  const { drawn } = (await janusJson(['data', 'show', 'people', '--out', 'sheets'], folder)) as {
    drawn: readonly { rows: number; shown: number; reason: string | null; ids: string[] }[];
  };
  const counts = drawn.map(({ reason, rows }) => [reason, rows]);
  expect(Object.fromEntries(counts.slice(2))).toEqual({
    'cannot be decoded': 1,
    'too small': 1,
    blank: 1,
    blurry: 1,
    'unknown gender': 1,
    'unknown age': 1,
    'younger than 4': 2,
    'conflicting labels': 2,
    duplicate: 1,
    'near duplicate': 1,
  });
  // What is removed for being the same stands beside what it is the same as.
  expect(drawn.find(({ reason }) => reason === 'near duplicate')?.ids).toHaveLength(2);
  expect((await readdir(join(folder, 'sheets'))).sort()).toEqual(
    [
      'kept.png',
      'removed.png',
      ...counts.slice(2).map(([reason]) => `removed-${String(reason).replaceAll(' ', '-')}.png`),
    ].sort(),
  );
  const { format, width } = await sharp(join(folder, 'sheets/removed.png')).metadata();
  expect([format, width > 400]).toEqual(['png', true]);
});

it('flags change thresholds, ages, near duplicates and what becomes of contradictions', async () => {
  const result = await janusJson(
    [
      ...[...CLEAN, '--labels', 'gender', '--rule', 'small=16', '--rule', 'blurry=off'],
      ...['--min-age', '4', '--birth-column', 'born', '--age-at', '2014-06-30'],
      ...['--near-duplicates', 'off', '--conflicts', 'keep-first'],
    ],
    folder,
  );
  expect(await reasons()).toEqual({
    ann: null,
    'ann-again': 'duplicate',
    'ann-large': null,
    bob: null,
    'bob-as-woman': 'conflicting labels',
    baby: 'younger than 4',
    child: null,
    ageless: 'unknown age',
    nobody: 'unknown gender',
    blank: 'blank',
    blurry: null,
    tiny: null,
    broken: 'cannot be decoded',
  });
  expect(result).toMatchObject({ rows: 6, conflicts: { groups: 1, images: 2 } });
});

it('an invalid flag prints one line and changes nothing', async () => {
  const manifest = join(folder, 'people/manifest.parquet');
  const before = await readFile(manifest);
  const refused: readonly (readonly [flags: readonly string[], message: RegExp])[] = [
    [['--rule', 'sharp=1'], /must be a rule among small, shape, blank/],
    [['--rule', 'shape=2'], /must be a number from 0 to 1\./],
    [['--near-duplicates', '40'], /must be a number from 0 to 32\./],
    [['--conflicts', 'guess'], /Allowed choices are remove-all, keep-first, report/],
    [['--min-age', '4', '--birth-column', 'born'], /birthColumn and ageAt must be given together/],
    [['--labels', 'sex'], /labels must name columns of the data \(.*gender.*\), but got sex/],
  ];
  const ended = await Promise.all(
    refused.map(async ([flags]) => await janus([...CLEAN, ...flags], folder)),
  );
  ended.forEach(({ status, out, err }, i) => {
    expect(err).toMatch(refused[i]?.[1] ?? /^$/);
    const lines = err.split('\n').filter((line) => line !== '' && line !== '(see --help)');
    expect([lines.length, out], err).toEqual([1, '']);
    expect([1, 2]).toContain(status);
  });
  expect(await readFile(manifest)).toEqual(before);
});
