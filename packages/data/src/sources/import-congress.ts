import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { DataError } from '@janus/core';
import { type ManifestRow, newRow } from '../manifest/manifest-row.js';
import type { Reject } from '../manifest/manifest.js';
import type { StepResult } from '../manifest/dataset-record.js';
import { checkImport, finishImport, type ImportOptions } from './importing.js';
import { LABELLINGS } from './labellings.js';
import { namedColumns, requireColumns } from './named-columns.js';
import { imageFiles } from './image-files.js';
import { readRows, type TextRow } from '../tables/read-rows.js';

/** Meanings of the columns of both kinds of tables; those of legislators begin with `person`. */
type CongressColumn =
  | 'image'
  | 'icpsr'
  | 'party'
  | 'congress'
  | 'personIcpsr'
  | 'personBioguide'
  | 'personGender'
  | 'personBirthday'
  | 'personParty';

const USUAL: Readonly<Record<CongressColumn, string>> = {
  image: 'image',
  icpsr: 'icpsr',
  party: 'party',
  congress: 'congress',
  personIcpsr: 'icpsr_id',
  personBioguide: 'bioguide_id',
  personGender: 'gender',
  personBirthday: 'birthday',
  personParty: 'party',
};

/** Options of {@link importCongress}. */
export interface ImportCongressOptions extends ImportOptions {
  /** Names of columns that differ from those of the published tables. */
  readonly columns?: Readonly<Partial<Record<CongressColumn, string>>>;
}

/** Party names by their beginning: the sources spell them differently. */
const PARTIES: readonly (readonly [RegExp, string])[] = [
  [/^democrat/i, 'democrat'],
  [/^republican/i, 'republican'],
  [/^independent/i, 'independent'],
];

const GENDERS: Readonly<Record<string, string>> = { F: 'female', M: 'male' };

const MEMBERS = 'members.csv';
/** Current members are in the second, which takes precedence. */
const LEGISLATORS = ['legislators-historical.csv', 'legislators-current.csv'];

/** An image that is named after a person. */
const BIOGUIDE_IMAGE = /^([A-Z]\d{6})\.\w+$/;

/** Folders of the same images in several sizes, the largest first. */
const SIZES = ['original', '450x550', '225x275'];

interface Source {
  readonly root: string;
  readonly names: Readonly<Record<CongressColumn, string>>;
  readonly people: readonly TextRow[];
}

/** Rows and rejects of images or members. */
interface Joined {
  readonly rows: readonly ManifestRow[];
  readonly rejects: readonly Reject[];
}

/**
 * Imports members of the US Congress. `legislators-{current,historical}.csv` give gender, birth date and the Bioguide
 * id, which is the identity. The images are those of `members.csv` (image, icpsr, party, congress), joined by ICPSR
 * number, of which one person can have two with two parties; without that table, images named by Bioguide id, of
 * several sizes the largest.
 *
 * @param input the folder of the tables, or its `members.csv`
 * @throws DataError when a file is missing, or nobody is found; OptionsError when a column is missing, or `out` holds
 * something already
 */
export async function importCongress(
  input: string,
  options: ImportCongressOptions,
): Promise<StepResult> {
  await checkImport(input, options);
  const names = namedColumns(USUAL, options.columns);
  const root = resolve(basename(input) === MEMBERS ? dirname(input) : input);
  const absent = LEGISLATORS.find((name) => !existsSync(join(root, name)));
  if (absent !== undefined) {
    throw new DataError(
      `${input}: a congress folder has ${LEGISLATORS.join(', ')}, and ${MEMBERS} or images named by Bioguide id, but ${absent} is not here. Name the folder that holds them.`,
      { path: input },
    );
  }
  const legislators = await readRows(LEGISLATORS.map((name) => join(root, name)));
  const { personIcpsr, personBioguide, personGender, personBirthday } = names;
  requireColumns(join(root, 'legislators-*.csv'), {
    needed: [personIcpsr, personBioguide, personGender, personBirthday],
    columns: legislators.columns,
  });
  const source = { root, names, people: legislators.rows };
  const hasMembers = existsSync(join(root, MEMBERS));
  const { rows, rejects } = hasMembers ? await joinMembers(source) : await joinImages(source);
  return await finishImport(options.out, {
    rows,
    rejects: [...legislators.rejects, ...rejects],
    source: `US Congress (${hasMembers ? 'photos by voteview, ' : ''}people by congress-legislators)`,
    licence: options.licence ?? 'images mostly US government works; people CC0',
    labelling: LABELLINGS.congress,
    options: { columns: names },
  });
}

async function joinMembers({ root, names, people }: Source): Promise<Joined> {
  const table = join(root, MEMBERS);
  const members = await readRows([table]);
  requireColumns(table, {
    needed: [names.image, names.icpsr, names.party],
    columns: members.columns,
  });
  const padded = (text: string): string => text.padStart(6, '0');
  const byNumber = byKey(people, (person) => padded(person.value(names.personIcpsr)));
  const rows: ManifestRow[] = [];
  const rejects: Reject[] = [...members.rejects];
  const seen = new Set<string>();
  for (const { line, file, value } of members.rows) {
    const image = value(names.image);
    const icpsr = padded(value(names.icpsr));
    const path = [join(root, image), join(root, 'photos', image)].find((each) => existsSync(each));
    const person = byNumber.get(icpsr);
    const reject = (reason: string): void => {
      rejects.push({ row: line, path: image, reason, source: file });
    };
    if (image === '') reject('no image named');
    else if (path === undefined) reject('missing file');
    else if (person === undefined) reject('no legislator with this ICPSR number');
    else if (seen.has(icpsr)) reject('ICPSR number occurs before');
    else {
      seen.add(icpsr);
      rows.push(
        newRow({
          id: icpsr,
          path,
          identity: person.value(names.personBioguide) || icpsr,
          labels: {
            ...personLabels(person, names, value(names.party)),
            congress: Number(value(names.congress)) || null,
          },
        }),
      );
    }
  }
  return { rows, rejects };
}

async function joinImages({ root, names, people }: Source): Promise<Joined> {
  const { files, rejects: others } = await imageFiles(root);
  const tables = new Set(LEGISLATORS);
  const rejects: Reject[] = others.filter(({ path }) => !tables.has(path));
  const byId = byKey(people, (person) => person.value(names.personBioguide));
  const size = (name: string): number => {
    const found = SIZES.findIndex((each) => name.split('/').includes(each));
    return found === -1 ? SIZES.length : found;
  };
  const rows = new Map<string, ManifestRow>();
  for (const { path, name } of [...files].sort((a, b) => size(a.name) - size(b.name))) {
    const id = BIOGUIDE_IMAGE.exec(basename(name))?.[1];
    const person = byId.get(id ?? '');
    const reject = (reason: string): void => {
      rejects.push({ row: 0, path: name, reason });
    };
    if (id === undefined) reject('name is not a Bioguide id');
    else if (person === undefined) reject('no legislator with this Bioguide id');
    else if (rows.has(id)) reject('another size of an image');
    else {
      const labels = personLabels(person, names, person.value(names.personParty));
      rows.set(id, newRow({ id, path, identity: id, labels }));
    }
  }
  return { rows: [...rows.values()], rejects };
}

/** Returns people by a number; of those who share it, the last. */
function byKey(
  people: readonly TextRow[],
  key: (person: TextRow) => string,
): ReadonlyMap<string, TextRow> {
  return new Map(
    people.map((person) => [key(person), person] as const).filter(([own]) => /[1-9A-Z]/.test(own)),
  );
}

function personLabels(
  person: TextRow,
  names: Source['names'],
  party: string,
): Pick<ManifestRow, 'labels'>['labels'] {
  return {
    gender: GENDERS[person.value(names.personGender)] ?? null,
    party: PARTIES.find(([pattern]) => pattern.test(party))?.[1] ?? (party.toLowerCase() || null),
    born: Number(person.value(names.personBirthday).slice(0, 4)) || null,
  };
}
