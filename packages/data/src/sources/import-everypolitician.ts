import { OptionsError } from '@janus/core';
import { type ManifestRow, newRow } from '../manifest/manifest-row.js';
import type { Reject } from '../manifest/manifest.js';
import type { StepResult } from '../manifest/dataset-record.js';
import { everypoliticianFiles, plain } from './everypolitician-files.js';
import {
  readTerms,
  type KnownPeople,
  type Term,
  type TermColumn,
} from './everypolitician-terms.js';
import { checkOutput, finishImport, type ImportOptions } from './importing.js';
import { inputName, type ImportInput } from './inputs.js';
import { LABELLINGS } from './labellings.js';

/** Options of {@link importEverypolitician}. */
export interface ImportEverypoliticianOptions extends ImportOptions {
  /** Name, code or slug; needed where the input holds several countries. */
  readonly country?: string;
  /** Names or slugs; default all. */
  readonly chambers?: readonly string[];
  /** Terms that ended before this year are left out. */
  readonly since?: number;
  /** Terms that began after this year are left out. */
  readonly until?: number;
  /** People whose party at their last term is one of these are left out; names or ids. */
  readonly withoutParties?: readonly string[];
  /** Names of the tables' columns that differ from EveryPolitician's. */
  readonly columns?: Readonly<Partial<Record<TermColumn, string>>>;
}

/** The Bioguide id is in the address of the portrait, and in older tables nowhere else. */
const BIOGUIDE = /\/congress\/[^/]+\/([A-Z]\d{6})\.\w+$/;

/**
 * Imports members of parliaments as EveryPolitician has them: its folder or `countries.json`, tables of
 * terms (`term-*.csv`, several terms and chambers), or Popolo files. Terms of one person become one row:
 * party, name, chamber and area of the last term; `terms` says how many there were. A person is who has
 * the same Bioguide id, else the same id. Birth dates come from Popolo files and `sources/morph/data.csv`
 * beside the tables. Images are addresses, for `fetch`.
 *
 * @throws DataError when a file is missing or is none of these; OptionsError when a country has to be
 * named, or years are asked of terms without dates
 */
export async function importEverypolitician(
  input: ImportInput,
  options: ImportEverypoliticianOptions,
): Promise<StepResult> {
  await checkOutput(options);
  const { country, chambers, since, until, withoutParties, columns } = options;
  const files = await everypoliticianFiles(input, country);
  const { terms, rejects: unread, people } = await readTerms(files, columns);
  const rejects: Reject[] = [...unread];
  const chosen = terms.filter((term) => {
    const reason = leftOut(term, options);
    if (reason !== undefined) rejects.push(rejectOf(term, reason));
    return reason === undefined;
  });
  const rows: ManifestRow[] = [];
  for (const [identity, own] of byPerson(chosen, people)) {
    const reason = personLeftOut(own, withoutParties);
    if (reason === undefined) rows.push(rowOf(identity, own, people));
    else rejects.push(...own.map((term) => rejectOf(term, reason)));
  }
  const name = files.terms[0]?.country;
  return await finishImport(options.out, {
    rows,
    rejects,
    source: `EveryPolitician (${name ?? inputName(input)})`,
    licence: options.licence ?? 'not stated; portraits have terms of their own',
    labelling: LABELLINGS.everypolitician,
    options: {
      ...(name === undefined ? {} : { country: name }),
      ...(chambers === undefined ? {} : { chambers }),
      ...(since === undefined ? {} : { since }),
      ...(until === undefined ? {} : { until }),
      ...(withoutParties === undefined ? {} : { withoutParties }),
      ...(columns === undefined ? {} : { columns }),
      read: { terms: terms.length, ids: new Set(terms.map(({ id }) => id)).size },
    },
  });
}

function rejectOf({ line, image, file }: Term, reason: string): Reject {
  return { row: line, path: image, reason, source: file };
}

/** Why a term is none of the data set's. */
function leftOut(term: Term, options: ImportEverypoliticianOptions): string | undefined {
  const { chambers, since, until } = options;
  if (term.id === '') return 'no id';
  if (chambers !== undefined) {
    const words = term.chambers.map(plain);
    if (!chambers.some((each) => words.includes(plain(each)))) return 'other chamber';
  }
  if (since === undefined && until === undefined) return undefined;
  const start = term.start || term.period?.start;
  if (start === undefined) {
    throw new OptionsError(
      `${term.file}: years can be chosen only where terms have dates, but those of term ${term.term} are not known. Give EveryPolitician's folder with countries.json, or leave --since and --until out.`,
    );
  }
  const end = term.end || term.period?.end;
  if (since !== undefined && end !== undefined && Number(end.slice(0, 4)) < since)
    return 'ended before';
  if (until !== undefined && Number(start.slice(0, 4)) > until) return 'began after';
  return undefined;
}

/** Why a person is none of the data set's. */
function personLeftOut(
  own: readonly Term[],
  withoutParties: readonly string[] = [],
): string | undefined {
  const last = own.at(-1);
  const parties = [plain(last?.party ?? ''), plain(last?.partyId ?? '')];
  if (withoutParties.some((each) => parties.includes(plain(each)))) return 'party left out';
  return own.some(({ image }) => image !== '') ? undefined : 'no image named';
}

/** Returns the terms of each person, the last one last; people in the order in which they occur. */
function byPerson(
  terms: readonly Term[],
  people: KnownPeople,
): ReadonlyMap<string, readonly Term[]> {
  const found = new Map<string, Term[]>();
  for (const term of terms) {
    const identity = identityOf(term, people);
    const own = found.get(identity);
    if (own === undefined) found.set(identity, [term]);
    else own.push(term);
  }
  for (const own of found.values()) own.sort(byTime);
  return found;
}

function identityOf({ id, image }: Term, { bioguideIds }: KnownPeople): string {
  return BIOGUIDE.exec(image)?.[1] ?? bioguideIds.get(id) ?? id;
}

/** Earlier terms first; those without dates by number; changes within a term by their own dates. */
function byTime(a: Term, b: Term): number {
  const text = (x: string, y: string): number => (x < y ? -1 : x > y ? 1 : 0);
  return (
    text(a.period?.start ?? '', b.period?.start ?? '') ||
    (Number(a.term) || 0) - (Number(b.term) || 0) ||
    text(a.start, b.start) ||
    text(a.file, b.file) ||
    a.line - b.line
  );
}

function rowOf(identity: string, own: readonly Term[], people: KnownPeople): ManifestRow {
  // What the last term does not say, the one before may.
  const last = (value: (term: Term) => string | undefined): string | null =>
    own
      .map(value)
      .filter((each) => each !== undefined && each !== '')
      .at(-1) ?? null;
  const birthDate =
    people.birthDates.get(identity) ?? last(({ id }) => people.birthDates.get(id)) ?? null;
  return newRow({
    id: identity,
    path: '',
    url: last(({ image }) => image),
    identity,
    labels: {
      name: last(({ name }) => name),
      party: last(({ party, partyId }) => party || partyId),
      gender: last(({ gender, id }) => gender || people.genders.get(id)),
      birth_date: birthDate,
      chamber: last(({ chamber }) => chamber),
      area: last(({ area }) => area),
      first_term: own[0]?.term ?? null,
      last_term: own.at(-1)?.term ?? null,
      terms: own.length,
    },
  });
}
