import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { datasetSpreads } from './dataset-spreads.js';
import { datasetStats } from './dataset-stats.js';
import { newRow, type ManifestRow } from '../manifest/manifest-row.js';
import { labelAssociations } from './label-associations.js';
import { writeManifestStream } from '../manifest/manifest-stream.js';
import { writeDatasetRecord } from '../record/record-step.js';
import { writeTable } from '../manifest/tables.js';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-stats-'));
});
afterAll(async () => {
  await rm(root, { recursive: true });
});

type Parts = Partial<ManifestRow>;
const row = (id: string, labels: ManifestRow['labels'], parts: Parts = {}): ManifestRow =>
  newRow({ id, path: `${id}.jpg`, labels, ...parts });

async function folderOf(
  name: string,
  rows: Iterable<ManifestRow>,
  options: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const folder = join(root, name);
  await writeManifestStream(folder, rows);
  const history = { source: 'test', licence: 'none', options, steps: [] };
  await writeDatasetRecord(folder, { format: 1, name, ...history });
  return folder;
}

const removed = (removedBy: 'fetch' | 'clean', reason: string): Parts => ({
  status: 'removed',
  reason,
  removedBy,
});

describe('datasetStats', () => {
  it('counts rows by what happened to them, and people by their images', async () => {
    const folder = await folderOf('rows', [
      row('a', {}, { split: 'train', identity: 'p' }),
      row('b', {}, { split: 'test', identity: 'p' }),
      row('c', {}, { split: 'train', identity: 'q' }),
      row('d', {}),
      row('e', {}),
      row('f', {}, { ...removed('fetch', 'HTTP 404'), identity: 'p' }),
      row('g', {}, removed('clean', 'blank')),
      row('h', {}, removed('clean', 'blank')),
    ]);
    expect(await datasetStats(folder)).toEqual({
      rows: 8,
      kept: 5,
      removed: { 'HTTP 404': 1, blank: 2 },
      removedBySteps: { fetch: { 'HTTP 404': 1 }, clean: { blank: 2 } },
      splits: { test: 1, train: 2 },
      // p, q and two of nobody known.
      identities: 4,
      repeated: { identities: 1, rows: 2, most: 2 },
      missing: { identity: 2 },
      values: {},
      splitValues: {},
      numbers: {},
      sizes: null,
      boxes: null,
    });
  });

  it('counts the values of kept rows in all and by split, and what is missing', async () => {
    const folder = await folderOf('values', [
      row('a', { sex: 'f', code: 1, rate: 0.5 }, { split: 'train' }),
      row('b', { sex: 'm', code: 1, rate: null }, { split: 'train' }),
      row('c', { sex: 'f', code: 2, rate: 2 }, { split: 'test' }),
      row('d', { sex: null, code: 2, rate: 0.5 }),
      row('e', { sex: 'x', code: 9, rate: 7 }, removed('clean', 'blank')),
    ]);
    const stats = await datasetStats(folder);
    expect(stats.values).toEqual({
      sex: { f: 2, m: 1 },
      code: { 1: 2, 2: 2 },
      rate: { '0.5': 2, 2: 1 },
    });
    expect(stats.splitValues['sex']).toEqual({ train: { f: 1, m: 1 }, test: { f: 1 } });
    expect(stats.missing).toEqual({ sex: 1, code: 0, rate: 1 });
  });

  it('gives least, mean, median and greatest of numbers, also of those written as text', async () => {
    const ages = ['31', '4', '5', '40', null];
    const folder = await folderOf(
      'numbers',
      ages.map((age, i) => row(`r${i}`, { age, code: `0${i}`, half: i / 2, word: `w${i}` })),
    );
    const { numbers } = await datasetStats(folder);
    expect(numbers).toEqual({
      age: { n: 4, missing: 1, min: 4, mean: 20, median: 18, max: 40, whole: true },
      half: { n: 5, missing: 0, min: 0, mean: 1, median: 1, max: 2, whole: false },
    });
  });

  it('counts no column with more than fifty values, however late they come', async () => {
    function* rows(): Generator<ManifestRow> {
      for (let i = 0; i < 25_000; i++) {
        const late = i < 24_000 ? 'same' : `v${i}`;
        yield row(`r${i}`, {
          late,
          fifty: `f${i % 50}`,
          more: `m${i % 51}`,
          born: 1900 + (i % 99),
        });
      }
    }
    const { values, numbers } = await datasetStats(await folderOf('many', rows()));
    expect(Object.keys(values)).toEqual(['fifty']);
    expect(values['fifty']?.['f49']).toBe(500);
    expect(numbers['born']).toMatchObject({ n: 25_000, min: 1900, max: 1998 });
  });

  it('gives sizes of images and of boxes in pixels, whatever the unit of the boxes', async () => {
    const box = { x1: 0.25, y1: 0.5, x2: 0.75, y2: 1 };
    const rows = [
      row('a', {}, { width: 200, height: 100, ...box }),
      row('b', {}, { width: 400, height: 300 }),
    ];
    const { sizes, boxes } = await datasetStats(
      await folderOf('boxes', rows, { boxUnit: 'fraction' }),
    );
    expect(sizes?.width).toMatchObject({ n: 2, min: 200, median: 300, max: 400 });
    expect(sizes?.shorter).toMatchObject({ min: 100, max: 300 });
    // (0.75 - 0.25) * 200 by (1 - 0.5) * 100
    expect(boxes?.width).toMatchObject({ n: 1, missing: 1, min: 100, max: 100 });
    expect(boxes?.height).toMatchObject({ min: 50, max: 50 });
    const pixels = await datasetStats(await folderOf('pixels', rows, { boxUnit: 'pixel' }));
    expect(pixels.boxes?.width).toMatchObject({ min: 0.5, max: 0.5 });
  });

  it('reads manifests of before the newer columns were there', async () => {
    const folder = await folderOf('old', [row('x', {})]);
    await writeTable(
      join(folder, 'manifest.parquet'),
      {
        id: 'VARCHAR',
        path: 'VARCHAR',
        sha256: 'VARCHAR',
        width: 'INTEGER',
        height: 'INTEGER',
        identity: 'VARCHAR',
        status: 'VARCHAR',
        reason: 'VARCHAR',
        split: 'VARCHAR',
        sex: 'VARCHAR',
      },
      [
        { id: 'a', status: 'kept', sex: 'f' },
        { id: 'b', status: 'removed', reason: 'blank', sex: 'f' },
      ],
    );
    const stats = await datasetStats(folder);
    expect(stats.removedBySteps).toEqual({ clean: { blank: 1 } });
    expect(stats.values).toEqual({ sex: { f: 1 } });
  });
});

it('datasetSpreads counts every number and size in a bin', async () => {
  const folder = await folderOf(
    'spreads',
    [18, 24, 25, 80, null].map((age, i) =>
      row(`r${i}`, { age }, { width: 100 + 50 * i, height: 100 }),
    ),
  );
  const { numbers, sizes, boxes } = await datasetSpreads(folder, await datasetStats(folder));
  expect(numbers['age']).toEqual({
    first: 3,
    width: 5,
    counts: [1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
  });
  // 100 to 300 in 24 bins: 10 px wide.
  expect(sizes?.x).toEqual({ first: 10, width: 10 });
  expect(sizes?.counts).toHaveLength(1);
  expect(sizes?.counts[0]?.flatMap((n, i) => (n > 0 ? [i] : []))).toEqual([0, 5, 10, 15, 20]);
  expect(boxes).toBeNull();
});

describe('labelAssociations', () => {
  it('finds the labels that go together and no others, with their table', async () => {
    const rows = Array.from({ length: 800 }, (_, i) =>
      row(`r${i}`, {
        sex: i % 2 === 0 ? 'f' : 'm',
        // Three in four of the women, one in four of the men.
        party: i % 8 < 4 === (i % 2 === 0) || i % 8 >= 6 ? 'd' : 'r',
        glasses: Math.floor(i / 2) % 2,
        sex_truth: i % 2 === 0 ? 'f' : 'm',
      }),
    );
    const folder = await folderOf('together', rows);
    const stats = await datasetStats(folder);
    const { notable, pairs, sampled } = await labelAssociations(folder, stats);
    expect(pairs).toBe(3);
    expect(sampled).toBe(false);
    const [found] = notable;
    expect(notable.map(({ first, second }) => [first, second])).toContainEqual(['sex', 'party']);
    expect(found).toMatchObject({ firstValues: ['f', 'm'], secondValues: ['d', 'r'], n: 800 });
    for (const [i, sex] of ['f', 'm'].entries()) {
      const own = rows.filter(({ labels }) => labels['sex'] === sex);
      expect(found?.counts[i]).toEqual(
        ['d', 'r'].map((party) => own.filter(({ labels }) => labels['party'] === party).length),
      );
    }
  });

  it('cuts numbers into quarters', async () => {
    const rows = Array.from({ length: 400 }, (_, i) =>
      row(`r${i}`, { born: 1900 + (i % 100), sex: i % 100 < 50 ? 'f' : 'm' }),
    );
    const folder = await folderOf('quarters', rows);
    const { notable } = await labelAssociations(folder, await datasetStats(folder));
    expect(notable).toHaveLength(1);
    expect(notable[0]).toMatchObject({
      firstValues: ['up to 1924', '1924-1949', '1949-1974', 'above 1974'],
      counts: [
        [100, 0],
        [100, 0],
        [0, 100],
        [0, 100],
      ],
    });
    expect(notable[0]?.cramersV).toBeCloseTo(1, 1);
  });

  it('looks at a sample of many rows, and says so', async () => {
    const rows = Array.from({ length: 3000 }, (_, i) => {
      const value = `v${i % 3}`;
      return row(`r${i}`, { one: value, same: value, other: `o${Math.floor(i / 3) % 2}` });
    });
    const folder = await folderOf('sampled', rows);
    const stats = await datasetStats(folder);
    const found = await labelAssociations(folder, stats, { maxRows: 1000 });
    expect(found).toMatchObject({ pairs: 3, sampled: true });
    // One in three by a hash of the place: 1000, give or take six standard deviations of 26.
    expect(Math.abs(found.rows - 1000)).toBeLessThan(160);
    expect(found.notable.map(({ first, second, n }) => [first, second, n])).toEqual([
      ['one', 'same', found.rows],
    ]);
    expect(found.notable[0]?.cramersV).toBeCloseTo(1, 6);
  });
});
