/** Which rows of a typed table become rows of a manifest, and why the others do not. */

import type { DuckDBConnection } from '@duckdb/node-api';
import { OptionsError } from '@janus/core';
import { countRows, createTable, literal, quoted, type SqlTable } from '../manifest/database.js';
import type { ColumnType } from '../manifest/tables.js';
import type { TypedTable } from '../tables/guess-types.js';
import type { Places } from '../tables/load-tables.js';
import { locateImages, type LocatedImages } from './locate-images.js';
import type { ColumnMap } from './map-columns.js';
import { splitSql } from './split-words.js';

/** Where the relative paths of one table file begin, and the prefix of its ids. */
export interface TableRoot {
  readonly file: string;
  readonly root: string;
  readonly prefix: string;
}

/** A table to validate. */
interface RowsToValidate {
  readonly typed: TypedTable;
  readonly places: Places;
  readonly map: ColumnMap;
  /** The files, in their order. */
  readonly roots: readonly TableRoot[];
}

/** Columns of the view of mapped rows that have the name and meaning of a manifest's column. */
export const MAPPED_COLUMNS = [
  'url',
  'sha256',
  'identity',
  'split',
  'width',
  'height',
  'x1',
  'y1',
  'x2',
  'y2',
] as const;

/** The rows of a typed table, with what was found of each; `n` is the row's number in all of them. */
export interface ValidatedRows {
  /** Every row; `file` is its path as the source has it. Labels follow, see {@link labelColumn}. */
  readonly mapped: SqlTable<'n' | 'file' | 'id' | (typeof MAPPED_COLUMNS)[number]>;
  /** Rows that are rejected. */
  readonly bad: SqlTable<'n' | 'reason'>;
  /** Rows whose image was found, with its absolute path. */
  readonly located: LocatedImages['located'];
  /** Paths written on Windows that were found. */
  readonly windows: LocatedImages['windows'];
  /** Rows that are the k-th box of one image; k is 2 or more. */
  readonly numbered: SqlTable<'n' | 'k'>;
  /** The files, in their order. */
  readonly roots: SqlTable<'nth' | 'file' | 'root' | 'prefix'>;
  /** Whether `mapped` yields the rows in the order of `n`. */
  readonly inOrder: boolean;
}

/** Returns the name of the i-th label's column in {@link ValidatedRows.mapped}. */
export function labelColumn(i: number): string {
  return quoted(`label ${i}`);
}

const ADDRESS = "'(?i)https?://[^\\s/?#]+.*'";
const DIGEST = "'[0-9a-f]{64}'";

/**
 * Maps every row of a typed table to the columns of a manifest, and finds the rows that cannot become one: with
 * no image or a missing one, a bad address, box or split, a repeated id, or that the caller's condition leaves out.
 *
 * @throws OptionsError when the caller's condition is not SQL over the columns
 */
export async function validateRows(
  connection: DuckDBConnection,
  input: RowsToValidate,
): Promise<ValidatedRows> {
  const { typed, map } = input;
  const roots = await createRoots(connection, input.roots);
  const manyRoots = input.roots.some(({ root }) => root !== input.roots[0]?.root);
  const mapped = await mapRows(connection, input, manyRoots ? roots : null);
  const bad = await createTable(connection, 'bad', { n: 'BIGINT', reason: 'VARCHAR' });
  if (map.where !== undefined) await leaveOut(connection, { typed, bad, where: map.where });
  const rules = rulesOf(map).map(([when, why]) => `WHEN ${when} THEN ${literal(why)}`);
  await connection.run(
    `INSERT INTO ${bad.table} SELECT n, why FROM (SELECT n, CASE ${rules.join(' ')} END AS why FROM ${mapped.table})
     WHERE why IS NOT NULL AND n NOT IN (SELECT n FROM ${bad.table})`,
  );
  const { located, windows } = await locateImages(connection, mapped, bad);
  const numbered = await findRepeats(connection, { mapped, bad, ownIds: map.id !== undefined });
  return { mapped, bad, located, windows, numbered, roots, inOrder: !manyRoots };
}

async function createRoots(
  connection: DuckDBConnection,
  roots: readonly TableRoot[],
): Promise<ValidatedRows['roots']> {
  const made = await createTable(connection, 'roots', {
    nth: 'INTEGER',
    file: 'VARCHAR',
    root: 'VARCHAR',
    prefix: 'VARCHAR',
  });
  for (const [nth, { file, root, prefix }] of roots.entries()) {
    const values = [nth, file, root, prefix];
    await connection.run(`INSERT INTO ${made.table} VALUES ($1, $2, $3, $4)`, values);
  }
  return made;
}

/** Makes the view of mapped rows; `roots` is null where all paths begin in one folder. */
async function mapRows(
  connection: DuckDBConnection,
  input: RowsToValidate,
  roots: ValidatedRows['roots'] | null,
): Promise<ValidatedRows['mapped']> {
  const { typed, places, map } = input;
  const text = (value: string | undefined): string =>
    value === undefined ? 'CAST(NULL AS VARCHAR)' : `nullif(trim(CAST(${value} AS VARCHAR)), '')`;
  const number = (value: string | undefined, type: ColumnType): string =>
    value === undefined ? `CAST(NULL AS ${type})` : `TRY_CAST(${value} AS ${type})`;
  const image = text(map.image);
  const isAddress = `regexp_full_match(${image}, ${ADDRESS})`;
  const file = `CASE WHEN NOT ${isAddress} THEN ${image} END`;
  const url = `coalesce(${text(map.url)}, CASE WHEN ${isAddress} THEN ${image} END)`;
  const prefix = roots === null ? '' : 'r.prefix || ';
  const box = map.box ?? [undefined, undefined, undefined, undefined];
  const columns = [
    't.n AS n',
    `${file} AS file`,
    `${url} AS url`,
    `${roots === null ? literal(input.roots[0]?.root ?? '') : 'r.root'} AS root`,
    `${map.id === undefined ? `${prefix}coalesce(${file}, ${url})` : text(map.id)} AS id`,
    `lower(${text(map.sha256)}) AS sha256`,
    `${text(map.identity)} AS identity`,
    `${map.split === undefined ? 'CAST(NULL AS VARCHAR)' : splitSql(map.split)} AS split`,
    `${number(map.width, 'INTEGER')} AS width`,
    `${number(map.height, 'INTEGER')} AS height`,
    ...box.map((value, i) => `${number(value, 'DOUBLE')} AS ${['x1', 'y1', 'x2', 'y2'][i] ?? ''}`),
    ...(map.box === undefined
      ? []
      : [`${box.map((value) => `(${value ?? ''}) IS NOT NULL`).join(' OR ')} AS boxed`]),
    ...(map.split === undefined ? [] : [`${text(map.split)} AS split_word`]),
    ...map.labels.map(({ type, value }, i) => `CAST(${value} AS ${type}) AS ${labelColumn(i)}`),
  ];
  const from =
    roots === null
      ? `${typed.table} AS t`
      : `${typed.table} AS t ASOF JOIN ${places.table} AS p ON t.n >= p.first JOIN ${roots.table} AS r ON r.file = p.source`;
  const view = 'mapped';
  await connection.run(`CREATE VIEW ${view} AS SELECT ${columns.join(', ')} FROM ${from}`);
  return { table: view, columns: ['n', 'file', 'id', ...MAPPED_COLUMNS] };
}

/** Returns what rejects a row, in the order in which the reasons are tried. */
function rulesOf(map: ColumnMap): readonly (readonly [condition: string, reason: string])[] {
  const rules: (readonly [string, string])[] = [
    ['file IS NULL AND url IS NULL', 'no image named'],
    ['contains(file, chr(0))', 'path with a control character'],
    [`NOT regexp_full_match(url, ${ADDRESS})`, 'address is not http'],
    ['id IS NULL', 'no id'],
    [`NOT regexp_full_match(sha256, ${DIGEST})`, 'sha256 is not 64 hexadecimal digits'],
  ];
  if (map.split !== undefined) {
    rules.push([
      'split IS NULL AND split_word IS NOT NULL',
      'split is none of train, validation, test',
    ]);
  }
  if (map.box !== undefined) {
    const finite = ['x1', 'y1', 'x2', 'y2'].map((name) => `coalesce(isfinite(${name}), false)`);
    rules.push(
      [`boxed AND NOT (${finite.join(' AND ')})`, 'box is not four numbers'],
      ['boxed AND (x2 <= x1 OR y2 <= y1)', 'box is empty'],
      [
        map.boxUnit === 'fraction'
          ? 'boxed AND (x2 <= 0 OR y2 <= 0 OR x1 >= 1 OR y1 >= 1)'
          : 'boxed AND (x2 <= 0 OR y2 <= 0 OR x1 >= width OR y1 >= height)',
        'box lies outside the image',
      ],
    );
  }
  return rules;
}

/** Rejects the rows that do not meet the caller's condition. */
async function leaveOut(
  connection: DuckDBConnection,
  {
    typed,
    bad,
    where,
  }: { readonly typed: TypedTable; readonly bad: SqlTable; readonly where: string },
): Promise<void> {
  try {
    await connection.run(
      `INSERT INTO ${bad.table} SELECT n, 'left out by --where' FROM ${typed.table} WHERE NOT coalesce((${where}), false)`,
    );
  } catch (error) {
    const why = (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
    const names = [...typed.columns.keys()].join(', ');
    throw new OptionsError(
      `--where: must be a condition in SQL over the columns ${names}, but ${why.replace(/\.$/, '')}. Write for example --where "age >= 18".`,
      { cause: error },
    );
  }
}

/**
 * Rejects rows whose id occurred before; without ids of the source, numbers the boxes of one image instead.
 */
async function findRepeats(
  connection: DuckDBConnection,
  {
    mapped,
    bad,
    ownIds,
  }: { readonly mapped: SqlTable; readonly bad: SqlTable; readonly ownIds: boolean },
): Promise<ValidatedRows['numbered']> {
  const numbered = await createTable(connection, 'numbered', { n: 'BIGINT', k: 'BIGINT' });
  const left = `n NOT IN (SELECT n FROM ${bad.table})`;
  // A hash is shorter than an address; rows that share a hash are compared in full.
  await connection.run(
    `CREATE TABLE suspects AS SELECT hash(id) AS h FROM ${mapped.table} WHERE ${left} GROUP BY h HAVING count(*) > 1`,
  );
  if ((await countRows(connection, 'suspects')) === 0) return numbered;
  await connection.run(
    `CREATE TABLE repeated AS SELECT n, id, x1, y1, x2, y2 FROM ${mapped.table}
     WHERE hash(id) IN (SELECT h FROM suspects) AND ${left}`,
  );
  const same = ownIds ? 'id' : 'id, x1, y1, x2, y2';
  const why = ownIds ? 'id occurs before' : 'image occurs before';
  await connection.run(
    `INSERT INTO ${bad.table} SELECT n, '${why}' FROM (SELECT n, row_number() OVER (PARTITION BY ${same} ORDER BY n) AS k FROM repeated) WHERE k > 1`,
  );
  if (ownIds) return numbered;
  await connection.run(
    `INSERT INTO ${numbered.table} SELECT n, k FROM (
       SELECT n, row_number() OVER (PARTITION BY id ORDER BY n) AS k FROM repeated WHERE ${left}) WHERE k > 1`,
  );
  return numbered;
}
