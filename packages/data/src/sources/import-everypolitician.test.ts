import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readManifest } from '../manifest/manifest.js';
import { readTable } from '../manifest/tables.js';
import {
  importEverypolitician,
  type ImportEverypoliticianOptions,
} from './import-everypolitician.js';

const HEADER =
  'id,name,sort_name,email,twitter,facebook,group,group_id,area_id,area,chamber,term,start_date,end_date,image,gender';

let root = '';
let count = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-parliament-'));
  for (const [path, content] of Object.entries(FILES)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

const portrait = (bioguide: string): string =>
  `https://images.example/congress/original/${bioguide}.jpg`;

/** One row of a table of terms. */
function term(person: {
  readonly id: string;
  readonly name: string;
  readonly party?: string;
  readonly chamber?: string;
  readonly term: string;
  readonly start?: string;
  readonly image?: string;
}): string {
  const { id, name, party = 'Red', chamber = '', start = '', image = '' } = person;
  const group = party.toLowerCase();
  return `${id},${name},,,,,${party},${group},a/1,North,${chamber},${person.term},${start},,${image},female`;
}

const period = (chamber: string, number: number): unknown => ({
  id: `term/${number}`,
  name: `${number}th`,
  start_date: `${2000 + 2 * number}-01-06`,
  ...(number === 3 ? {} : { end_date: `${2002 + 2 * number}-01-03` }),
  csv: `data/Land/${chamber}/term-${number}.csv`,
});

const popolo = {
  persons: [
    {
      id: 'u1',
      name: 'Ann',
      birth_date: '1950-02-03',
      gender: 'female',
      image: portrait('A000001'),
    },
    {
      id: 'u5',
      name: 'Eve',
      birth_date: 'unknown',
      image: 'https://images.example/eve.jpg',
      identifiers: [{ scheme: 'bioguide', identifier: 'E000005' }],
    },
  ],
  organizations: [
    { id: 'party/red', name: 'Red', classification: 'party' },
    { id: 'legislature', name: 'Upper', classification: 'legislature' },
  ],
  events: [{ id: 'term/1', name: '1st', start_date: '2002-01-06', end_date: '2004-01-03' }],
  areas: [{ id: 'a/1', name: 'North' }],
  memberships: [
    { person_id: 'u1', organization_id: 'committee' },
    {
      person_id: 'u5',
      organization_id: 'legislature',
      on_behalf_of_id: 'party/red',
      legislative_period_id: 'term/1',
      area_id: 'a/1',
    },
  ],
};

const FILES: Readonly<Record<string, string | Buffer>> = {
  'ep/countries.json': JSON.stringify([
    { name: 'Elsewhere', code: 'EW', slug: 'Elsewhere', legislatures: [] },
    {
      name: 'The Land',
      code: 'LA',
      slug: 'The-Land',
      legislatures: [
        {
          name: 'House of All',
          slug: 'House',
          popolo: 'data/Land/House/ep-popolo-v1.0.json',
          legislative_periods: [3, 2, 1].map((number) => period('House', number)),
        },
        { name: 'Upper', slug: 'Upper', legislative_periods: [period('Upper', 3)] },
      ],
    },
  ]),
  'ep/data/Land/House/ep-popolo-v1.0.json': JSON.stringify(popolo),
  'ep/data/Land/House/term-1.csv': [
    HEADER,
    term({ id: 'u1', name: 'Ann', term: '1', image: portrait('A000001') }),
    term({ id: 'u2', name: 'Bea', party: 'Independent', term: '1', image: portrait('B000002') }),
    term({ id: 'u3', name: 'Cid', term: '1' }),
    'u9,Short',
    '',
  ].join('\n'),
  'ep/data/Land/House/term-2.csv': [
    HEADER,
    // In one term of two parties, out of order.
    term({
      id: 'u2',
      name: 'Bea',
      party: 'Blue',
      term: '2',
      start: '2005-05-01',
      image: portrait('B000002'),
    }),
    term({
      id: 'u2',
      name: 'Bea',
      party: 'Independent',
      term: '2',
      start: '2004-01-06',
      image: portrait('B000002'),
    }),
    term({ id: 'u4', name: 'Dee', party: 'Independent', term: '2', image: portrait('D000004') }),
    '',
  ].join('\n'),
  // Ann under another id, because she changed her party.
  'ep/data/Land/Upper/term-3.csv': [
    HEADER,
    term({
      id: 'x1',
      name: 'Ann B.',
      party: 'Blue',
      chamber: 'Upper',
      term: '3',
      image: portrait('A000001'),
    }),
    '',
  ].join('\n'),
  'single/term-3.csv.gz': gzipSync(
    `${HEADER}\n${term({ id: 'u7', name: 'Gus', term: '3', image: 'https://images.example/g.jpg' })}\n`,
  ),
  'renamed/term-1.csv':
    'uid,who,faction,photo,born\nu8,Hal,Red,https://images.example/h.jpg,1961-07-08\n',
  'packed/ep-popolo-v1.0.json.gz': gzipSync(JSON.stringify(popolo)),
  'broken/ep-popolo-v1.0.json': JSON.stringify({ ...popolo, memberships: { person_id: 'u1' } }),
  'bare/countries.json': JSON.stringify([{ name: 'Land', legislatures: [null] }]),
  'single/names.csv': 'name,id\nGus,u7\n',
  'only/ep-popolo-v1.0.json': JSON.stringify(popolo),
  'empty/readme.txt': 'nothing',
};

async function imported(
  input: string | readonly string[],
  options: Omit<ImportEverypoliticianOptions, 'out'> = {},
): Promise<{
  readonly result: Awaited<ReturnType<typeof importEverypolitician>>;
  readonly rows: ReadonlyMap<string, Awaited<ReturnType<typeof readManifest>>[number]>;
  readonly rejects: readonly unknown[];
}> {
  const out = join(root, `out-${count++}`);
  const paths = (typeof input === 'string' ? [input] : input).map((path) => join(root, path));
  const result = await importEverypolitician(paths, { ...options, out });
  const rows = new Map((await readManifest(out)).map((row) => [row.id, row]));
  const table = await readTable(join(out, 'rejects.parquet'));
  const rejects = table.map(({ source, row, reason }) => [
    String(source).slice(root.length + 1),
    row,
    reason,
  ]);
  return { result, rows, rejects };
}

describe('importEverypolitician', () => {
  it('makes one row a person, whose party is that of the last term, over chambers and ids', async () => {
    const { rows, rejects } = await imported('ep');
    expect([...rows.keys()].sort()).toEqual(['A000001', 'B000002', 'D000004']);
    expect(rows.get('A000001')).toMatchObject({
      identity: 'A000001',
      path: '',
      url: portrait('A000001'),
      labels: {
        name: 'Ann B.',
        party: 'Blue',
        gender: 'female',
        birth_date: '1950-02-03',
        chamber: 'Upper',
        area: 'North',
        first_term: '1',
        last_term: '3',
        terms: 2,
      },
    });
    expect(rows.get('B000002')?.labels).toMatchObject({
      party: 'Blue',
      terms: 3,
      birth_date: null,
    });
    expect(rejects).toEqual([
      ['ep/data/Land/House/term-1.csv', 5, 'too few cells'],
      ['ep/data/Land/House/term-1.csv', 4, 'no image named'],
    ]);
  });

  it('accounts for every row: those of people and those that were left out make the tables', async () => {
    for (const options of [
      {},
      { since: 2005 },
      { until: 2004 },
      { withoutParties: ['independent'] },
      { chambers: ['house'] },
      { since: 2005, withoutParties: ['INDEPENDENT'], chambers: ['House of All', 'upper'] },
    ]) {
      const { result, rows } = await imported('ep', options);
      const kept = [...rows.values()].reduce((sum, row) => sum + Number(row.labels['terms']), 0);
      expect(kept + result.rejected).toBe(8);
    }
  });

  it('leaves out terms by year, chambers, and people by the party that they end in', async () => {
    const { result, rows } = await imported('ep', {
      country: 'the-land',
      since: 2005,
      withoutParties: ['Independent'],
    });
    expect([...rows.keys()].sort()).toEqual(['A000001', 'B000002']);
    expect(result.reasons).toMatchObject({ 'ended before': 3, 'party left out': 1 });
    const early = await imported('ep', { until: 2003 });
    expect(early.rows.get('A000001')?.labels['party']).toBe('Red');
    const house = await imported('ep', { chambers: ['house'] });
    expect(house.result.reasons['other chamber']).toBe(1);
  });

  it('takes single tables, whose terms the index above them knows, and packed ones', async () => {
    const one = await imported('ep/data/Land/House/term-2.csv', { since: 2004 });
    expect([...one.rows.keys()].sort()).toEqual(['B000002', 'D000004']);
    const pattern = await imported('ep/data/Land/*/term-[23].csv');
    expect([...pattern.rows.keys()].sort()).toEqual(['A000001', 'B000002', 'D000004']);
    const packed = await imported('single');
    expect([...packed.rows.keys()]).toEqual(['u7']);
  });

  it('takes columns by the names that are given, and a birth date beside the term', async () => {
    const columns = {
      id: 'uid',
      name: 'who',
      party: 'faction',
      image: 'photo',
      birthDate: 'born',
    } as const;
    const { rows } = await imported('renamed', { columns });
    expect(rows.get('u8')).toMatchObject({
      url: 'https://images.example/h.jpg',
      labels: { name: 'Hal', party: 'Red', birth_date: '1961-07-08', gender: null },
    });
  });

  it.each([
    ['plain', 'only/ep-popolo-v1.0.json'],
    ['packed', 'packed'],
  ])('takes %s Popolo by itself, with the ids that it knows', async (_, input) => {
    const { rows, rejects } = await imported(input, { since: 2003 });
    expect([...rows.values()]).toMatchObject([
      {
        id: 'E000005',
        url: 'https://images.example/eve.jpg',
        labels: { party: 'Red', chamber: 'Upper', area: 'North', birth_date: null, terms: 1 },
      },
    ]);
    expect(rejects).toEqual([]);
  });

  it('says in one line what it cannot use, and makes nothing', async () => {
    const failures: readonly (readonly [string, object, RegExp])[] = [
      ['empty', {}, /must be EveryPolitician's folder, tables of terms/],
      ['single/names.csv', {}, /has the columns id, name, group, image, but group is not among/],
      [
        'renamed',
        { columns: { party: 'none' } },
        /the columns id, name, none, image, but id is not/,
      ],
      ['renamed', { columns: { twitter: 'x' } }, /--columns: must be of id, name, .*got twitter\./],
      ['broken', {}, /must be Popolo, but its memberships are not a list of objects\./],
      ['bare', {}, /countries\.json: must be an array of countries with legislatures/],
      ['ep', { country: 'Nowhere' }, /--country: must be a country of .*, but got Nowhere\./],
      [
        'ep',
        { withoutParties: ['Indpendent'] },
        /--without-party: must be .*Independent \(\d.*but got Indpendent/,
      ],
      ['single', { since: 2000 }, /years can be chosen only where terms have dates/],
      [
        'ep/countries.json',
        { chambers: ['none'] },
        /--chamber: must be a name that terms have \(.* \(\d+\).*\), but got none\. Choose one of them\./,
      ],
    ];
    for (const [input, options, line] of failures) {
      const failure: unknown = await imported(input, options).catch((error: unknown) => error);
      expect(String(failure)).toMatch(line);
      expect(String(failure).split('\n')).toHaveLength(1);
      expect(existsSync(join(root, `out-${count - 1}`))).toBe(false);
    }
  });
});

const REAL = join(process.env['JANUS_REAL_DATA'] ?? '../shared/data', 'everypolitician');
const absent = !existsSync(REAL);
const because = absent ? ' (skipped: no real data at JANUS_REAL_DATA)' : '';
describe.skipIf(absent)(`importEverypolitician on the US Congress${because}`, () => {
  it('makes 1,803 people of 1,894 ids in 9,885 rows', async () => {
    const out = join(root, 'real');
    expect(await importEverypolitician(REAL, { out, country: 'US' })).toEqual({
      rows: 1803,
      rejected: 0,
      reasons: {},
    });
    const rows = await readManifest(out);
    expect(rows.reduce((sum, row) => sum + Number(row.labels['terms']), 0)).toBe(9885);
    expect(rows.every(({ id, url }) => /^[A-Z]\d{6}$/.test(id) && String(url).includes(id))).toBe(
      true,
    );
  });
});
