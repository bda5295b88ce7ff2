/** Finds the files of EveryPolitician: in its folder, or single ones. */

import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { DataError, OptionsError } from '@janus/core';
import { glob } from 'tinyglobby';
import { expandInput, type ImportInput } from './inputs.js';

/** A legislative period. */
export interface Period {
  readonly name: string;
  /** `YYYY-MM-DD`, or only its beginning; absent where it is not known. */
  readonly start?: string;
  /** Absent while it lasts. */
  readonly end?: string;
}

/** A table of one term. */
export interface TermFile {
  readonly path: string;
  readonly period?: Period;
  /** Names of the chamber, apart from that in the table. */
  readonly chamber: readonly string[];
  readonly country?: string;
}

/** The files of an import. */
export interface EverypoliticianFiles {
  readonly terms: readonly TermFile[];
  /** Popolo files without tables of terms beside them: their memberships are the terms. */
  readonly alone: readonly string[];
  /** Popolo files beside tables of terms: they add birth dates and other ids. */
  readonly beside: readonly string[];
  /** `sources/morph/data.csv` beside tables of terms, with birth dates. */
  readonly scraped: readonly string[];
}

interface ListedPeriod {
  readonly id?: string;
  readonly name?: string;
  readonly start_date?: string;
  readonly end_date?: string;
  readonly csv?: string;
}

interface ListedLegislature {
  readonly name?: string;
  readonly slug?: string;
  readonly popolo?: string;
  readonly sources_directory?: string;
  readonly legislative_periods?: readonly ListedPeriod[];
}

interface ListedCountry {
  readonly name?: string;
  readonly code?: string;
  readonly slug?: string;
  readonly legislatures?: readonly ListedLegislature[];
}

const INDEX = 'countries.json';

/** Number of folders above a table that are searched for the index. */
const INDEX_LEVELS = 4;

/** Most countries that a message names. */
const NAMED = 8;

/** Reads a JSON file, gzipped where its name ends in `.gz`. */
export async function readJsonFile(path: string): Promise<unknown> {
  try {
    const bytes = await readFile(path);
    const text = path.endsWith('.gz') ? await promisify(gunzip)(bytes) : bytes;
    return JSON.parse(text.toString('utf8')) as unknown;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new DataError(`${path}: must be JSON, but ${why}. Get the file again.`, {
      path,
      cause: error,
    });
  }
}

/**
 * Returns the files that an input names: EveryPolitician's folder or its `countries.json`, of which one country is
 * read, a folder with `term-*.csv` below it, such tables, or Popolo files.
 *
 * @param country name, code or slug; required where the folder holds several countries
 * @throws DataError when a path does not exist or holds no terms; OptionsError when the country must be named, or is
 * missing
 */
export async function everypoliticianFiles(
  input: ImportInput,
  country?: string,
): Promise<EverypoliticianFiles> {
  const terms = new Map<string, TermFile>();
  const popolo = new Set<string>();
  for (const given of await expandInput(input)) {
    const path = resolve(given);
    const isFolder = (await stat(path)).isDirectory();
    const index = isFolder ? join(path, INDEX) : path;
    if (isFolder ? existsSync(index) : path.endsWith(INDEX)) {
      const listed = await listedFiles(index, country);
      for (const file of listed.terms) terms.set(file.path, file);
      for (const file of listed.popolo) popolo.add(file);
    } else if (isFolder) {
      const below = { cwd: path, absolute: true, followSymbolicLinks: false };
      for (const file of await glob('**/term-*.{csv,csv.gz}', below)) {
        terms.set(resolve(file), await tableAlone(resolve(file)));
      }
      for (const file of await glob('**/ep-popolo*.{json,json.gz}', below))
        popolo.add(resolve(file));
    } else if (/\.json(\.gz)?$/.test(path)) popolo.add(path);
    else terms.set(path, await tableAlone(path));
  }
  if (terms.size === 0 && popolo.size === 0) {
    const name = typeof input === 'string' ? input : input.join(', ');
    throw new DataError(
      `${name}: must be EveryPolitician's folder, tables of terms (term-*.csv) or Popolo files, but there are none. Check the path.`,
    );
  }
  const folders = new Set([...terms.keys()].map((path) => dirname(path)));
  for (const folder of folders) {
    const near = join(folder, 'ep-popolo-v1.0.json');
    if (existsSync(near)) popolo.add(near);
  }
  return {
    terms: [...terms.values()].sort((a, b) => (a.path < b.path ? -1 : 1)),
    alone: [...popolo].filter((path) => !folders.has(dirname(path))).sort(),
    beside: [...popolo].filter((path) => folders.has(dirname(path))).sort(),
    scraped: [...folders]
      .map((folder) => join(folder, 'sources/morph/data.csv'))
      .filter((path) => existsSync(path))
      .sort(),
  };
}

async function listedFiles(
  index: string,
  country: string | undefined,
): Promise<{ readonly terms: readonly TermFile[]; readonly popolo: readonly string[] }> {
  const root = dirname(index);
  const all = await countriesOf(index);
  const chosen = chooseCountry(all, { index, country });
  const terms: TermFile[] = [];
  const popolo: string[] = [];
  for (const legislature of chosen.legislatures ?? []) {
    const files = termFilesOf(root, { country: chosen, legislature });
    const present = files.filter(({ path }) => existsSync(path));
    terms.push(...present);
    const beside = join(root, legislature.popolo ?? INDEX);
    if (legislature.popolo !== undefined && existsSync(beside)) popolo.push(beside);
  }
  return { terms, popolo };
}

async function countriesOf(index: string): Promise<readonly ListedCountry[]> {
  const listed = await readJsonFile(index);
  const isList = (value: unknown): boolean =>
    Array.isArray(value) && value.every((each) => typeof each === 'object' && each !== null);
  const countries = isList(listed) ? (listed as readonly ListedCountry[]) : [];
  const legislatures = countries.flatMap(({ legislatures: all = [] }) => all);
  const periods = countries.every(({ legislatures: all = [] }) => isList(all))
    ? legislatures.map(({ legislative_periods: all = [] }) => all)
    : [undefined];
  if (countries.length > 0 && periods.every(isList)) return countries;
  throw new DataError(
    `${index}: must be an array of countries with legislatures and their periods, but is not. Get EveryPolitician's ${INDEX} again.`,
    { path: index },
  );
}

function termFilesOf(
  root: string,
  of: { readonly country: ListedCountry; readonly legislature: ListedLegislature },
): readonly TermFile[] {
  const { country, legislature } = of;
  const chamber = [legislature.name, legislature.slug].filter((each) => each !== undefined);
  return (legislature.legislative_periods ?? []).flatMap((period) => {
    if (period.csv === undefined) return [];
    const file: TermFile = {
      path: resolve(root, period.csv),
      period: periodOf(period),
      chamber,
      ...(country.name === undefined ? {} : { country: country.name }),
    };
    return [file];
  });
}

/** Returns a period of the index or of a Popolo file. */
export function periodOf(listed: ListedPeriod): Period {
  const { id, name, start_date: start, end_date: end } = listed;
  return {
    name: name ?? id ?? '',
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
  };
}

function chooseCountry(
  countries: readonly ListedCountry[],
  { index, country }: { readonly index: string; readonly country: string | undefined },
): ListedCountry {
  const root = dirname(index);
  if (country === undefined) {
    const here = countries.filter((each) =>
      (each.legislatures ?? []).some((legislature) =>
        termFilesOf(root, { country: each, legislature }).some(({ path }) => existsSync(path)),
      ),
    );
    const [only] = here;
    if (only !== undefined && here.length === 1) return only;
    const names = here.slice(0, NAMED).map(({ name }) => name ?? '');
    throw new OptionsError(
      here.length === 0
        ? `${index}: lists tables of terms, but none of them exists. Download EveryPolitician's folder data too.`
        : `${index}: has the terms of ${here.length} countries (${names.join(', ')}${here.length > NAMED ? ', ...' : ''}), but one must be chosen. Name it (--country).`,
    );
  }
  const wanted = plain(country);
  const found = countries.find(({ name = '', code = '', slug = '' }) =>
    [name, code, slug].some((each) => plain(each) === wanted),
  );
  if (found !== undefined) return found;
  const names = countries.slice(0, NAMED).map(({ name }) => name ?? '');
  throw new OptionsError(
    `--country: must be a country of ${index} (${names.join(', ')}${countries.length > NAMED ? ', ...' : ''}), but got ${country}. Give its name, code or slug, as in "United States of America" or US.`,
  );
}

/** Returns a name in lower case with single spaces, so that spellings can be compared. */
export function plain(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, ' ');
}

/** Returns a table that was named by itself, with its term from the index above it, if there is one. */
async function tableAlone(path: string): Promise<TermFile> {
  let folder = dirname(path);
  for (let level = 0; level < INDEX_LEVELS; level++) {
    const index = join(folder, INDEX);
    if (existsSync(index)) {
      for (const country of await countriesOf(index)) {
        for (const legislature of country.legislatures ?? []) {
          const files = termFilesOf(folder, { country, legislature });
          const found = files.find((file) => file.path === path.replace(/\.gz$/, ''));
          if (found !== undefined) return { ...found, path };
        }
      }
      break;
    }
    folder = dirname(folder);
  }
  return { path, chamber: [] };
}
