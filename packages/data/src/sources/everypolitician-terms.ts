/** Reads the terms of members of parliaments from tables and Popolo files. */

import { DataError } from '@janus/core';
import type { Reject } from '../manifest/manifest.js';
import {
  periodOf,
  readJsonFile,
  type EverypoliticianFiles,
  type Period,
  type TermFile,
} from './everypolitician-files.js';
import { namedColumns } from './named-columns.js';
import { readRows, type TextRow } from '../tables/read-rows.js';

/** Meanings of the columns of a table of terms. */
export type TermColumn =
  | 'id'
  | 'name'
  | 'party'
  | 'partyId'
  | 'area'
  | 'chamber'
  | 'term'
  | 'start'
  | 'end'
  | 'image'
  | 'gender'
  | 'birthDate';

const USUAL: Readonly<Record<TermColumn, string>> = {
  id: 'id',
  name: 'name',
  party: 'group',
  partyId: 'group_id',
  area: 'area',
  chamber: 'chamber',
  term: 'term',
  start: 'start_date',
  end: 'end_date',
  image: 'image',
  gender: 'gender',
  birthDate: 'birth_date',
};

/** One person in one term; unknown text is empty. */
export interface Term {
  readonly file: string;
  /** Line of a table, or place among the memberships of a Popolo file; from 1. */
  readonly line: number;
  readonly id: string;
  readonly name: string;
  readonly party: string;
  readonly partyId: string;
  readonly area: string;
  readonly chamber: string;
  /** All names of the chamber. */
  readonly chambers: readonly string[];
  readonly term: string;
  readonly period?: Period;
  /** Start of this person's part of the term, where it is not the whole term. */
  readonly start: string;
  readonly end: string;
  readonly image: string;
  readonly gender: string;
}

/** What files beside the terms state of people, by the id in the terms or by the Bioguide id. */
export interface KnownPeople {
  readonly birthDates: ReadonlyMap<string, string>;
  readonly genders: ReadonlyMap<string, string>;
  readonly bioguideIds: ReadonlyMap<string, string>;
}

/** Terms, and lines that are not rows of a table. */
interface ReadTerms {
  readonly terms: readonly Term[];
  readonly rejects: readonly Reject[];
  readonly people: KnownPeople;
}

interface PopoloPerson {
  readonly id?: string;
  readonly name?: string;
  readonly birth_date?: string;
  readonly gender?: string;
  readonly image?: string;
  readonly identifiers?: readonly { readonly scheme?: string; readonly identifier?: string }[];
}

interface Popolo {
  readonly persons?: readonly PopoloPerson[];
  readonly memberships?: readonly {
    readonly person_id?: string;
    readonly on_behalf_of_id?: string;
    readonly organization_id?: string;
    readonly legislative_period_id?: string;
    readonly area_id?: string;
    readonly start_date?: string;
    readonly end_date?: string;
    readonly role?: string;
  }[];
  readonly organizations?: readonly {
    readonly id?: string;
    readonly name?: string;
    readonly classification?: string;
  }[];
  readonly events?: readonly {
    readonly id?: string;
    readonly name?: string;
    readonly start_date?: string;
    readonly end_date?: string;
  }[];
  readonly areas?: readonly { readonly id?: string; readonly name?: string }[];
}

/** Columns that a table of terms must have. */
const NEEDED = ['id', 'name', 'party', 'image'] as const;

/** The lists of a Popolo file that are read. */
const LISTS = ['persons', 'memberships', 'organizations', 'events', 'areas'] as const;

/**
 * Reads all terms of the files.
 *
 * @param columns names of the tables' columns that differ from EveryPolitician's
 * @throws DataError when a file is neither a table of terms nor Popolo; OptionsError when `columns` names an unknown
 * meaning
 */
export async function readTerms(
  files: EverypoliticianFiles,
  columns?: Readonly<Partial<Record<TermColumn, string>>>,
): Promise<ReadTerms> {
  const names = namedColumns(USUAL, columns);
  const birthDates = new Map<string, string>();
  const genders = new Map<string, string>();
  const bioguideIds = new Map<string, string>();
  const periods = new Map<string, Period>();
  const terms: Term[] = [];
  for (const path of [...files.beside, ...files.alone]) {
    const popolo = await readPopolo(path);
    for (const person of popolo.persons ?? []) {
      const { id = '', birth_date: birth = '', gender = '' } = person;
      if (isDate(birth)) birthDates.set(id, birth);
      if (gender !== '') genders.set(id, gender);
      const bioguide = person.identifiers?.find(({ scheme }) => scheme === 'bioguide')?.identifier;
      if (bioguide !== undefined) bioguideIds.set(id, bioguide);
    }
    if (files.alone.includes(path)) terms.push(...membershipsOf(popolo, path));
    else for (const { id = '', ...event } of popolo.events ?? []) periods.set(id, periodOf(event));
  }
  for (const row of (await readRows(files.scraped)).rows) {
    const birth = row.value('birth_date');
    if (isDate(birth)) birthDates.set(row.value('identifier__bioguide'), birth);
  }
  const tables = files.terms.map(({ path }) => path);
  const { rows, rejects, columns: found } = await readRows(tables);
  const absent = NEEDED.map((meaning) => names[meaning]).find((name) => !found.includes(name));
  if (absent !== undefined && tables.length > 0) {
    throw new DataError(
      `${tables.join(', ')}: a table of terms has the columns ${NEEDED.map((meaning) => names[meaning]).join(', ')}, but ${absent} is not among ${found.join(', ')}. Name tables called term-*.csv, or the columns (--columns).`,
    );
  }
  const known = new Map(files.terms.map((file) => [file.path, file]));
  for (const row of rows) {
    const birth = row.value(names.birthDate);
    if (isDate(birth)) birthDates.set(row.value(names.id), birth);
    terms.push(termOf(row, { file: known.get(row.file), periods, names }));
  }
  return { terms, rejects, people: { birthDates, genders, bioguideIds } };
}

/** Returns whether a text is a date, a month or a year. */
function isDate(text: string): boolean {
  return /^\d{4}(-\d{2}(-\d{2})?)?$/.test(text);
}

function termOf(
  { file: path, line, value }: TextRow,
  known: {
    readonly file: TermFile | undefined;
    readonly periods: ReadonlyMap<string, Period>;
    readonly names: Readonly<Record<TermColumn, string>>;
  },
): Term {
  const { file, periods, names } = known;
  const chamber = value(names.chamber);
  const term = value(names.term);
  const period = file?.period ?? periods.get(`term/${term}`);
  return {
    file: path,
    line,
    id: value(names.id),
    name: value(names.name),
    party: value(names.party),
    partyId: value(names.partyId),
    area: value(names.area),
    chamber: chamber === '' ? (file?.chamber[0] ?? '') : chamber,
    chambers: [...(chamber === '' ? [] : [chamber]), ...(file?.chamber ?? [])],
    term,
    ...(period === undefined ? {} : { period }),
    start: value(names.start),
    end: value(names.end),
    image: value(names.image),
    gender: value(names.gender),
  };
}

async function readPopolo(path: string): Promise<Popolo> {
  const found = await readJsonFile(path);
  if (typeof found === 'object' && found !== null && 'persons' in found) {
    const wrong = LISTS.find((name) => !isListOfObjects((found as Popolo)[name]));
    if (wrong === undefined) return found as Popolo;
    throw new DataError(
      `${path}: must be Popolo, but its ${wrong} are not a list of objects. Download the file again.`,
      { path },
    );
  }
  throw new DataError(
    `${path}: must be Popolo with persons and memberships, but has no persons. Name an ep-popolo-v1.0.json.`,
    { path },
  );
}

/** Returns whether a value is absent or an array of objects. */
function isListOfObjects(value: unknown): boolean {
  if (value === undefined) return true;
  return Array.isArray(value) && value.every((each) => typeof each === 'object' && each !== null);
}

/** Returns the terms of a Popolo file without tables: its memberships of a parliament. */
function membershipsOf(popolo: Popolo, file: string): readonly Term[] {
  const byId = <T extends { readonly id?: string }>(all: readonly T[] = []): Map<string, T> =>
    new Map(all.map((each) => [each.id ?? '', each]));
  const people = byId(popolo.persons);
  const organizations = byId(popolo.organizations);
  const events = byId(popolo.events);
  const areas = byId(popolo.areas);
  return (popolo.memberships ?? []).flatMap((membership, i): Term[] => {
    const { legislative_period_id: periodId = '', on_behalf_of_id: partyId = '' } = membership;
    // Other memberships are those of parties or committees.
    if (periodId === '') return [];
    const {
      person_id: id = '',
      organization_id: chamberId = '',
      area_id: areaId = '',
    } = membership;
    const person = people.get(id);
    const event = events.get(periodId);
    const chamber = organizations.get(chamberId)?.name ?? '';
    return [
      {
        file,
        line: i + 1,
        id,
        name: person?.name ?? '',
        party: organizations.get(partyId)?.name ?? '',
        partyId: partyId.replace(/^party\//, ''),
        area: areas.get(areaId)?.name ?? '',
        chamber,
        chambers: chamber === '' ? [] : [chamber],
        term: periodId.replace(/^term\//, ''),
        ...(event === undefined ? {} : { period: periodOf(event) }),
        start: membership.start_date ?? '',
        end: membership.end_date ?? '',
        image: person?.image ?? '',
        gender: person?.gender ?? '',
      },
    ];
  });
}
