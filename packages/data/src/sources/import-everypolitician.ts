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
  /** Name, code or slug of the country; required where the input holds several. */
  readonly country?: string;
  /** Names or slugs of the chambers; default all. */
  readonly chambers?: readonly string[];
  /** Terms that ended before this year are left out; default none. */
  readonly since?: number;
  /** Terms that began after this year are left out; default none. */
  readonly until?: number;
  /** Names or ids of parties: people whose last term was for one of them are left out; default none. */
  readonly withoutParties?: readonly string[];
  /** Names of columns that differ from EveryPolitician's. */
  readonly columns?: Readonly<Partial<Record<TermColumn, string>>>;
}

/** The Bioguide id in the address of a portrait; older tables have it nowhere else. */
const BIOGUIDE = /\/congress\/[^/]+\/([A-Z]\d{6})\.\w+$/;

/**
 * Imports members of parliaments from EveryPolitician. All terms of one person become one row, with party, name,
 * chamber and area of the last term, and their number in `terms`. Terms belong to one person when they share the
 * Bioguide id, or else the id. Birth dates come from Popolo files and `sources/morph/data.csv` beside the tables.
 * Images are addresses for `fetchDataset`.
 *
 * @param input EveryPolitician's folder or `countries.json`, tables of terms (`term-*.csv`), Popolo files, or several
 * of these
 * @throws DataError when a file is missing or is none of these; OptionsError when a country must be named, years are
 * chosen of terms without dates, or `out` holds something already
 */
export async function importEverypolitician(
  input: ImportInput,
  options: ImportEverypoliticianOptions,
): Promise<StepResult> {
  await checkOutput(options);
  const { country, chambers, since, until, withoutParties, columns } = options;
  const files = await everypoliticianFiles(input, country);
  const { terms, rejects: unread, people } = await readTerms(files, columns);
  requireKnown('--chamber', chambers, {
    shown: terms.map(({ chamber }) => chamber),
    known: terms.flatMap((term) => term.chambers),
  });
  requireKnown('--without-party', withoutParties, {
    shown: terms.map(({ party }) => party),
    known: terms.flatMap(({ party, partyId }) => [party, partyId]),
  });
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

/** Names that a message lists. */
const NAMES_SHOWN = 10;

/**
 * Checks that every chosen name is one of the terms: a misspelt one would choose nothing, without a word.
 *
 * @param names the names that count as `known`, and those of them that a message lists
 */
function requireKnown(
  flag: string,
  chosen: readonly string[] = [],
  names: { readonly known: readonly string[]; readonly shown: readonly string[] },
): void {
  const known = new Set(names.known.map(plain));
  const stray = chosen.find((each) => !known.has(plain(each)));
  if (stray === undefined) return;
  const counts = new Map<string, number>();
  for (const name of names.shown) {
    if (name !== '') counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const shown = [...counts].sort(([, m], [, n]) => n - m).slice(0, NAMES_SHOWN);
  const more = counts.size - shown.length;
  const list = shown.map(([name, count]) => `${name} (${count})`).join(', ') || 'none';
  throw new OptionsError(
    `${flag}: must be a name that terms have (${list}${more > 0 ? ` and ${more} more` : ''}), but got ${stray}. Choose one of them.`,
  );
}

function rejectOf({ line, image, file }: Term, reason: string): Reject {
  return { row: line, path: image, reason, source: file };
}

/** Returns why a term is left out; undefined when it is not. */
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
      `${term.file}: years can be chosen only where terms have dates, but those of term ${term.term} are not known. Import EveryPolitician's folder with countries.json, or leave --since and --until out.`,
    );
  }
  const end = term.end || term.period?.end;
  if (since !== undefined && end !== undefined && Number(end.slice(0, 4)) < since)
    return 'ended before';
  if (until !== undefined && Number(start.slice(0, 4)) > until) return 'began after';
  return undefined;
}

/** Returns why a person is left out; undefined when they are not. */
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

/** Orders terms by date; those without dates by number, and changes within a term by their own dates. */
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
  // A value that the last term lacks is taken from an earlier one.
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
