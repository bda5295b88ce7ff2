import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataStatement, type StatementFacts } from './data-statement.js';
import type { DatasetRecord } from '../manifest/dataset-record.js';
import type { DatasetStats } from '../explore/dataset-stats.js';
import { finishImport } from '../sources/importing.js';
import { newRow } from '../manifest/manifest-row.js';
import { updateManifest } from '../manifest/manifest-stream.js';
import { recordStep } from './record-step.js';

const RECORD: DatasetRecord = {
  format: 1,
  name: 'table /home/jdoe/private/faces.csv',
  source: 'table /home/jdoe/private/faces.csv',
  licence: 'CC BY 4.0, see https://example.org/licence/by/4.0',
  labelling: { kind: 'perceived', how: 'Three people judged each image.' },
  options: {},
  steps: [
    {
      step: 'import',
      rows: 1000,
      rejected: 24,
      reasons: { 'missing file': 20, 'id | occurs': 4 },
      options: { root: '/home/jdoe/private', boxUnit: null, size: 64 },
    },
    { step: 'clean', rows: 900, rejected: 100, reasons: { blank: 100 }, options: { labels: [] } },
  ],
};

const STATS: DatasetStats = {
  rows: 1000,
  kept: 900,
  removed: { blank: 60, 'HTTP 404': 40 },
  removedBySteps: { fetch: { 'HTTP 404': 40 }, clean: { blank: 60 } },
  splits: { train: 600, validation: 150, test: 150 },
  identities: 700,
  repeated: { identities: 100, rows: 300, most: 7 },
  missing: { sex: 0, band: 0, age: 90, note: 5, identity: 0 },
  values: { sex: { female: 300, male: 600 }, band: { '0-2': 40, '3-9': 860 } },
  splitValues: {
    sex: {
      train: { female: 200, male: 400 },
      validation: { female: 50, male: 100 },
      test: { female: 65, male: 85 },
    },
  },
  numbers: {
    age: { n: 810, missing: 90, min: 1, mean: 34.5678, median: 31.5, max: 99, whole: true },
  },
  sizes: null,
  boxes: null,
};

const FACTS: StatementFacts = {
  record: RECORD,
  stats: STATS,
  associations: {
    notable: [
      {
        first: 'sex',
        second: 'age',
        firstValues: ['female', 'male'],
        secondValues: ['up to 20', 'above 20'],
        counts: [
          [75, 225],
          [300, 300],
        ],
        n: 900,
        chiSquare: 51,
        degreesOfFreedom: 1,
        p: 1e-12,
        cramersV: 0.237,
      },
    ],
    pairs: 3,
    rows: 900,
    sampled: false,
  },
};

describe('dataStatement', () => {
  const text = dataStatement(FACTS);

  it('lists what each step left and why, and how many rows are removed now', () => {
    expect(text).toContain('| import | 1,000 | 24 | 20 missing file, 4 id \\| occurs |');
    expect(text).toContain('| clean | 900 | 100 | 100 blank |');
    expect(text).toContain('with their reason (100 now)');
    expect(text).toContain('| Images in use | 900 of 1,000 rows |');
  });

  it('gives values with shares of the rows that have one, and what is missing of all rows', () => {
    expect(text).toContain('| sex | male 600 (66.7 %), female 300 (33.3 %) | 0 (0.0 %) |');
    // Bands in their order, not by their counts.
    expect(text).toContain('| band | 0-2 40 (4.4 %), 3-9 860 (95.6 %) | 0 (0.0 %) |');
    // 34.5678 to four digits; 90 of 900 missing
    expect(text).toContain('| age | 1 | 34.57 | 31.5 | 99 | 90 (10.0 %) |');
    expect(text).toContain('Columns with more than 50 values: note (missing 5 (0.6 %)).');
  });

  it('calls perceived labels perceived, and says who judged', () => {
    expect(text).toMatch(/The labels are perceived: .* Three people judged each image\./);
    const { labelling, ...silent } = RECORD;
    expect(labelling).toBeDefined();
    expect(dataStatement({ ...FACTS, record: silent })).toMatch(
      /of unknown origin\. Read them as perceived.*The source does not state how/,
    );
  });

  it('names ratios, ages, people with several images and labels that go together', () => {
    expect(text).toContain('| band | 21.5 to 1 | 3-9 860 | 0-2 40 |');
    expect(text).toContain('| sex | 2 to 1 | male 600 | female 300 |');
    expect(text).toContain('**age**: 1 to 99, median 31.5 (n = 810).');
    expect(text).toContain('100 people have several images: 300 of 900 (33.3 %).');
    expect(text).toContain('sex and age: V = 0.24, n = 900');
    expect(text).toContain('| female | 75 (25.0 %) | 225 (75.0 %) |');
    expect(text).toContain("Cramér's V with Bergsma's bias correction");
  });

  it('names the shares that differ between splits', () => {
    // female: 200 of 600, 50 of 150, 65 of 150
    expect(text).toContain('sex female (33.3 % of train, 43.3 % of test)');
    expect(text).toContain('| test | 150 | 16.7 % |');
    const even = { ...STATS, splitValues: {} };
    expect(dataStatement({ ...FACTS, stats: { ...even, splits: {} } })).toContain('Not split yet.');
  });

  it('warns of few images and of what could not be fetched', () => {
    expect(text).toContain('Fewer than 100 images: band 0-2 (40)');
    expect(text).toContain('40 images (4.0 %) could not be fetched.');
  });

  it('names no folder of this machine, and leaves addresses whole', () => {
    expect(text).not.toContain('jdoe');
    expect(text).toContain('# Data statement: table faces.csv');
    expect(text).toContain('https://example.org/licence/by/4.0');
    expect(text).toContain('- import: root private; size 64');
    const other = { ...RECORD, source: 'a / b and N/A' };
    expect(dataStatement({ ...FACTS, record: other })).toContain('| Source | a / b and N/A |');
    const windows = { ...RECORD, source: 'folder C:\\Users\\jdoe\\faces' };
    expect(dataStatement({ ...FACTS, record: windows })).toContain('| Source | folder faces |');
  });

  it('lets no value of the table become markup', () => {
    const hostile = { ...STATS, values: { sex: { '<b>|x\ny': 3, '[a](http://b)': 4 } } };
    const made = dataStatement({ ...FACTS, stats: hostile });
    expect(made).toContain('\\[a\\](http://b) 4 (57.1 %), &lt;b>\\|x y 3 (42.9 %)');
  });
});

describe('DATA.md', () => {
  let root = '';
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'janus-statement-'));
  });
  afterAll(async () => {
    await rm(root, { recursive: true });
  });
  const statement = async (): Promise<string> => await readFile(join(root, 'DATA.md'), 'utf8');

  it('is written by an import and again by every step, alike for alike data', async () => {
    await finishImport(root, {
      rows: ['a', 'b', 'c'].map((id) => newRow({ id, path: `${id}.jpg`, labels: { sex: id } })),
      rejects: [{ row: 4, path: 'd.jpg', reason: 'missing file' }],
      source: 'three images',
      licence: 'none',
      options: {},
    });
    const first = await statement();
    expect(first).toContain('| import | 3 | 1 | 1 missing file |');
    await updateManifest(root, [
      { id: 'b', status: 'removed', reason: 'blank', removedBy: 'clean' },
    ]);
    const result = { rows: 2, rejected: 1, reasons: { blank: 1 } };
    await recordStep(root, 'clean', { result, options: {} });
    const second = await statement();
    expect(second).toContain('| clean | 2 | 1 | 1 blank |');
    expect(second).toContain('a 1 (50.0 %), c 1 (50.0 %)');
    await recordStep(root, 'clean', { result, options: {} });
    expect(await statement()).toBe(second);
  });
});
