import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataset } from '@janus/data';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { janus, janusJson, killAt } from './janus.js';

const COUNT = 300;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-crop-'));
  await janusJson(
    ['data', 'import', 'synthetic', String(COUNT), '--size', '256', '--out', 'faces'],
    folder,
  );
  await janusJson(['data', 'import', 'folder', 'faces', '--out', 'unboxed'], folder);
  const rows = Array.from({ length: COUNT }, (_, i) => {
    const name = `faces/images/face-${String(i).padStart(5, '0')}.jpg`;
    return `${name},0.2,0.1,0.8,${i % 3 === 0 ? '0.9' : '0.7'}`;
  });
  await writeFile(
    join(folder, 'boxes.csv'),
    ['image,x1,y1,x2,y2', ...rows, 'faces/images/face-00001.jpg,1.5,0,1.9,1', ''].join('\n'),
  );
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const importBoxes = async (out: string): Promise<void> => {
  const flags = ['--box-unit', 'fraction', '--out', out];
  await janusJson(['data', 'import', 'csv', 'boxes.csv', ...flags], folder);
};

it('a crop by boxes that is killed and repeated is the same as one that was not', async () => {
  const args = ['--margin', '0.2', '--size', '96', '--grey'];
  await importBoxes('whole');
  const whole = await janusJson(['data', 'crop', 'whole', ...args], folder);
  // The import has rejected the row whose box lies outside its image.
  expect(whole).toMatchObject({ rows: COUNT, rejected: 0, clipped: COUNT, finished: true });
  await importBoxes('killed');
  // Beyond the images that get their journal lines together: some crops exist without a line.
  const crop = { call: 'rename', path: '[\\\\/]crops[\\\\/].*\\.jpg$', holdAt: 100 } as const;
  await killAt(crop, ['data', 'crop', 'killed', ...args], folder);
  expect((await openDataset(join(folder, 'killed'))).rows[0]?.path).toMatch(/faces\/images/);
  const resumed = await janusJson(['data', 'crop', 'killed', ...args], folder);
  expect(resumed).toMatchObject({ rows: COUNT, clipped: whole['clipped'] });
  expect(Number(resumed['cropped'])).toBeGreaterThan(0);
  expect(Number(resumed['cropped'])).toBeLessThan(COUNT);
  const [a, b] = await Promise.all(
    ['whole', 'killed'].map(async (name) => (await openDataset(join(folder, name))).rows),
  );
  expect(b).toEqual(a);
  expect(a?.[0]).toMatchObject({ width: 96, height: 96 });
});

it('a later step uses the crops, and faces are detected where there are no boxes', async () => {
  expect(await janusJson(['data', 'clean', 'whole'], folder)).toMatchObject({ total: COUNT });
  await janusJson(['data', 'import', 'synthetic', '12', '--size', '128', '--out', 'boxed'], folder);
  await janusJson(['data', 'import', 'folder', 'boxed', '--out', 'few'], folder);
  const found = await janusJson(['data', 'crop', 'few', '--engine', 'wasm'], folder);
  expect(found).toMatchObject({ rows: 12, rejected: 0 });
  const { rows } = await openDataset(join(folder, 'few'));
  expect(rows.every(({ width, height }) => width === 224 && height === 224)).toBe(true);
});

it.each([
  [['--by', 'nose'], 2, /Allowed choices are box, face/],
  [['--margin', '9'], 2, /must be a number from 0 to 4/],
  [['--by', 'box'], 1, /by box needs boxes, but the data set has none/],
])('invalid flags are refused: %j', async (flags, expected, message) => {
  const { status, err } = await janus(['data', 'crop', 'unboxed', ...flags], folder);
  expect(status).toBe(expected);
  expect(err).toMatch(message);
});
