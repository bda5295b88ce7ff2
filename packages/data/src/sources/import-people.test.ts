import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDatasetRecord, type StepResult } from '../manifest/dataset-record.js';
import { readManifest } from '../manifest/manifest.js';
import type { ManifestRow } from '../manifest/manifest-row.js';
import { readTable } from '../manifest/tables.js';
import { importCongress, type ImportCongressOptions } from './import-congress.js';
import { importFairface, type ImportFairfaceOptions } from './import-fairface.js';

const LEGISLATORS = 'last_name,birthday,gender,type,party,bioguide_id,icpsr_id';
const MEMBERS = 'name,icpsr,state,party,congress,chamber,born,died,image,source,provenance';

const PEOPLE: Readonly<Record<string, string>> = {
  'legislators-historical.csv': [
    LEGISLATORS,
    'Old,1900-02-03,M,sen,Democrat,O000001,1',
    'Two,1950-05-06,F,rep,Republican,T000002,22',
    '"broken,1950-05-06',
    '',
  ].join('\n'),
  'legislators-current.csv': [
    LEGISLATORS,
    'Two,1950-05-07,F,rep,Independent,T000002,22',
    'New,1980-01-01,X,rep,Democrat,N000003,',
    'Nod,,M,rep,,N000004,4444',
    '',
  ].join('\n'),
};

const FILES: Readonly<Record<string, string | Buffer>> = {
  ...Object.fromEntries(
    Object.entries(PEOPLE).flatMap(([name, text]) =>
      ['members', 'images', 'renamed'].map((folder) => [`${folder}/${name}`, text]),
    ),
  ),
  'members/members.csv': [
    MEMBERS,
    '"OLD, Ann",000001,Ohio,Democratic Party,97,House,1900,,images/1.jpg,wiki,',
    '"TWO, Bea",000022,Ohio,Republican Party,98,House,1950,,images/22.jpg,wiki,',
    '"TWO, Bea",22,Ohio,Independent,99,House,1950,,images/22.jpg,wiki,',
    '"NEW, Cid",,Ohio,Democrat,119,House,1980,,images/new.jpg,wiki,',
    '"WHO, Eve",000999,Ohio,Democrat,119,House,1980,,images/1.jpg,wiki,',
    '"NOD, Fay",004444,Ohio,,119,House,,,images/nod.jpg,wiki,',
    '"GON, Gus",004444,Ohio,Democrat,119,House,,,images/gone.jpg,wiki,',
    '"NIL, Hal",004444,Ohio,Democrat,119,House,,,,wiki,',
    '"BAD, Ida",004444,Ohio',
    '',
  ].join('\n'),
  ...Object.fromEntries(
    ['1', '22', 'new', 'nod'].map((name) => [`members/photos/images/${name}.jpg`, 'image']),
  ),
  'renamed/members.csv': 'number,face,group\n000001,1.jpg,Republican\n',
  'renamed/1.jpg': 'image',
  'images/images/225x275/O000001.jpg': 'small',
  'images/images/original/O000001.jpg': 'large',
  'images/images/450x550/T000002.jpg': 'image',
  'images/images/450x550/N000003.jpg': 'image',
  'images/images/450x550/Z999999.jpg': 'image',
  'images/images/450x550/somebody.jpg': 'image',
  'faces/fairface_label_train.csv': [
    'file,age,gender,race,service_test',
    'train/1.jpg,50-59,Male,East Asian,True',
    'train/2.jpg,more than 70,Female,Indian,False',
    'train/2.jpg,0-2,Female,Indian,False',
    'train/9.jpg,0-2,Female,Indian,False',
    ',0-2,Female,Indian,False',
    'train/3.jpg,0-2',
    '',
  ].join('\n'),
  'faces/fairface_label_val.csv.gz': gzipSync(
    'file,age,gender,race,service_test\nval/1.jpg,3-9,,White,False\n',
  ),
  'faces/fairface-img-margin025-trainval/train/1.jpg': 'image',
  'faces/fairface-img-margin025-trainval/train/2.jpg': 'image',
  'faces/fairface-img-margin025-trainval/val/1.jpg': 'image',
  'other/labels_train.csv': 'name;years;sex\na.jpg;20-29;Male\n',
  'elsewhere/a.jpg': 'image',
  'subset/below/ground_truth.json': JSON.stringify([
    { id: 'f1', filename: 'f1.jpg', age: '70+', gender: 'Male' },
    { id: 'f2', filename: 'f2.jpg', age: '0-2', gender: 'Female' },
  ]),
  'subset/below/f1.jpg': 'image',
  'cut/ground_truth.json': '[{"filename": "f1.jpg", "age": "70+", "gender"',
  'lacks/ground_truth.json': '[{"filename": "f1.jpg", "gender": "Male"}]',
};

let root = '';
let count = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-people-'));
  for (const [path, content] of Object.entries(FILES)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

interface Found {
  readonly result: StepResult;
  readonly out: string;
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
    out,
    rows: await readManifest(out),
    rejects: rejects.map(({ row, path, reason }) => [row, path, reason]),
  };
}

const congress = async (path: string, options: Partial<ImportCongressOptions> = {}) =>
  await imported(async (out) => await importCongress(join(root, path), { ...options, out }));
const fairface = async (path: string, options: Partial<ImportFairfaceOptions> = {}) =>
  await imported(async (out) => await importFairface(join(root, path), { ...options, out }));

describe('importCongress', () => {
  it('joins members to legislators by ICPSR number, and rejects each that it cannot with its line', async () => {
    const { rows, rejects } = await congress('members');
    expect(rows).toMatchObject([
      {
        id: '000001',
        path: join(root, 'members/photos/images/1.jpg'),
        identity: 'O000001',
        labels: { gender: 'male', party: 'democrat', born: 1900, congress: 97 },
      },
      {
        id: '000022',
        identity: 'T000002',
        labels: { gender: 'female', party: 'republican', born: 1950, congress: 98 },
      },
      { id: '004444', labels: { gender: 'male', party: null, born: null, congress: 119 } },
    ]);
    expect(rejects).toEqual([
      [4, expect.stringContaining('broken'), expect.any(String)],
      [10, expect.stringContaining('BAD, Ida'), 'too few cells'],
      [4, 'images/22.jpg', 'ICPSR number occurs before'],
      [5, 'images/new.jpg', 'no legislator with this ICPSR number'],
      [6, 'images/1.jpg', 'no legislator with this ICPSR number'],
      [8, 'images/gone.jpg', 'missing file'],
      [9, '', 'no image named'],
    ]);
  });

  it('takes images named by Bioguide id where there are no members, the largest of each person', async () => {
    const { rows, rejects } = await congress('images');
    expect(rows).toMatchObject([
      {
        id: 'O000001',
        path: join(root, 'images/images/original/O000001.jpg'),
        identity: 'O000001',
        labels: { gender: 'male', party: 'democrat', born: 1900 },
      },
      // A gender that is neither F nor M is not known, and not male.
      { id: 'N000003', labels: { gender: null, party: 'democrat', born: 1980 } },
      // Who sits now stands in the table of those who sit.
      { id: 'T000002', labels: { gender: 'female', party: 'independent', born: 1950 } },
    ]);
    expect(rejects.slice(1)).toEqual([
      [0, 'images/450x550/Z999999.jpg', 'no legislator with this Bioguide id'],
      [0, 'images/450x550/somebody.jpg', 'name is not a Bioguide id'],
      [0, 'images/225x275/O000001.jpg', 'another size of an image'],
    ]);
  });

  it('takes other names of columns, and the licence that it is told', async () => {
    const columns = { image: 'face', icpsr: 'number', party: 'group' };
    const { rows, out } = await congress('renamed', { columns, licence: 'mine' });
    expect(rows).toMatchObject([{ id: '000001', labels: { party: 'republican' } }]);
    expect(await readDatasetRecord(out)).toMatchObject({ licence: 'mine' });
    await expect(congress('renamed')).rejects.toThrow(
      /renamed\/members\.csv: needs a column image, but has the columns number, face, group\. .*--columns/,
    );
    await expect(
      congress('renamed', { columns: { who: 'x' } as ImportCongressOptions['columns'] & object }),
    ).rejects.toThrow(/--columns: must be of image, icpsr, .*, but got who\./);
    expect(existsSync(join(root, `out-${count - 1}`))).toBe(false);
  });

  it('says which file is missing', async () => {
    await expect(congress('faces')).rejects.toThrow(/legislators-historical\.csv is not here/);
  });
});

describe('importFairface', () => {
  it('reads the published tables, also packed, with images in the folders of the archives', async () => {
    const { rows, rejects } = await fairface('faces');
    expect(rows.map(({ id, split, labels }) => [id, split, ...Object.values(labels)])).toEqual([
      ['train/1.jpg', 'train', '50-59', 'male', 'East Asian'],
      ['train/2.jpg', 'train', 'more than 70', 'female', 'Indian'],
      ['val/1.jpg', 'test', '3-9', null, 'White'],
    ]);
    expect(rejects).toEqual([
      [7, 'train/3.jpg,0-2', 'too few cells'],
      [4, 'train/2.jpg', 'image occurs before'],
      [5, 'train/9.jpg', 'missing file'],
      [6, '', 'no image named'],
    ]);
  });

  it("reads a subset's list, in a folder below", async () => {
    const { rows, rejects } = await fairface('subset');
    expect(rows).toMatchObject([
      { id: 'f1.jpg', split: null, labels: { age: '70+', gender: 'male' } },
    ]);
    expect(rejects).toEqual([[2, 'f2.jpg', 'missing file']]);
  });

  it('reads one table with other names of columns, and images elsewhere', async () => {
    const { rows } = await fairface('other/labels_train.csv', {
      columns: { file: 'name', age: 'years', gender: 'sex' },
      root: join(root, 'elsewhere'),
    });
    expect(rows).toMatchObject([
      { id: 'a.jpg', split: 'train', labels: { age: '20-29', gender: 'male' } },
    ]);
  });

  it('says in one line what it cannot read', async () => {
    await expect(fairface('members')).rejects.toThrow(/FairFace has ground_truth\.json or/);
    await expect(fairface('cut')).rejects.toThrow(/^\S+cut\/ground_truth\.json: [^\n]+$/);
    await expect(fairface('lacks')).rejects.toThrow(/needs a column age, but has the columns/);
    expect(existsSync(join(root, `out-${count - 1}`))).toBe(false);
  });
});

const REAL = process.env['JANUS_REAL_DATA'] ?? '../shared/data';
const absent = ['congress', 'fairface'].some((name) => !existsSync(join(REAL, name)));
describe.skipIf(absent)(
  `real images of people${absent ? ' (skipped: no real data at JANUS_REAL_DATA)' : ''}`,
  () => {
    it('are 1,933 of 2,075 members of the Congress, by gender and party', async () => {
      const { result, rows } = await imported(
        async (out) => await importCongress(join(REAL, 'congress'), { out }),
      );
      expect(result).toEqual({
        rows: 1933,
        rejected: 142,
        reasons: { 'no legislator with this ICPSR number': 142 },
      });
      const counts: Record<string, number> = {};
      for (const { labels } of rows) {
        const key = `${labels['party'] ?? ''} ${labels['gender'] ?? ''}`;
        counts[key] = (counts[key] ?? 0) + 1;
      }
      expect(counts).toEqual({
        'republican male': 889,
        'democrat male': 771,
        'democrat female': 186,
        'republican female': 82,
        'independent male': 5,
      });
    });

    it('are 540 of FairFace, 30 of each age and gender', async () => {
      const { result, rows } = await imported(
        async (out) => await importFairface(join(REAL, 'fairface'), { out }),
      );
      expect(result).toEqual({ rows: 540, rejected: 0, reasons: {} });
      const counts = new Map<string, number>();
      for (const { labels } of rows) {
        const key = `${labels['age'] ?? ''} ${labels['gender'] ?? ''}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      expect([...counts.values()]).toEqual(Array.from({ length: 18 }, () => 30));
    });
  },
);
