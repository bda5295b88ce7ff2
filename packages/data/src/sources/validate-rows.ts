/** What a loaded table becomes: rows of a manifest, and rejects with their reasons. */

import type { DuckDBConnection } from '@duckdb/node-api';
import { OptionsError } from '@janus/core';
import { literal, quoted } from '../manifest/database.js';
import { findFiles } from './local-files.js';
import type { ColumnType } from '../manifest/tables.js';

/** Which columns of the table `typed` are what; each value is SQL over them. */
export interface TablePlan {
  /** A path or an address. */
  readonly image?: string;
  /** An address. */
  readonly url?: string;
  /** Default: the path or address, numbered where an image has several boxes. */
  readonly id?: string;
  readonly sha256?: string;
  readonly identity?: string;
  /** Of it only `train`, `validation`, `test` and what means them count; anything else is rejected. */
  readonly split?: string;
  readonly width?: string;
  readonly height?: string;
  /** x1, y1, x2, y2. */
  readonly box?: readonly [string, string, string, string];
  readonly boxUnit?: 'pixel' | 'fraction';
  readonly labels: readonly PlannedLabel[];
  /** What else rejects a row: a condition, and the reason that is given. */
  readonly rules?: readonly (readonly [condition: string, reason: string])[];
  /** What a row must meet, in SQL over the columns of the source; the user's own. */
  readonly where?: string;
}

/** A label column of the manifest. */
export interface PlannedLabel {
  readonly name: string;
  readonly type: ColumnType;
  readonly value: string;
}

/** Words for the parts of a data set, by what they mean. */
export const SPLIT_WORDS: Readonly<Record<string, 'train' | 'validation' | 'test'>> = {
  train: 'train',
  training: 'train',
  validation: 'validation',
  val: 'validation',
  valid: 'validation',
  dev: 'validation',
  test: 'test',
  testing: 'test',
};

/** Returns SQL of the part that a word means; null for a word that means none. */
export function splitOf(value: string): string {
  const cases = Object.entries(SPLIT_WORDS).map(([word, part]) => `WHEN '${word}' THEN '${part}'`);
  return `CASE lower(trim(CAST(${value} AS VARCHAR))) ${cases.join(' ')} END`;
}

/** Where relative paths begin, by the table's file; and what an id begins with there. */
export interface TableRoot {
  readonly file: string;
  readonly root: string;
  readonly prefix: string;
}

/** Returns whether paths begin in more than one folder. */
export function haveManyRoots(roots: readonly TableRoot[]): boolean {
  return roots.some(({ root }) => root !== roots[0]?.root);
}

const ADDRESS = "'(?i)https?://[^\\s/?#]+.*'";
const DIGEST = "'[0-9a-f]{64}'";

/**
 * Judges every row of the view `typed` (n, then the columns of the source): makes the view `judged`
 * with the columns of a manifest but the path, the table `bad` (n, reason) of what is none of its
 * rows, `located` (n, path) of images that lie here, and `numbered` (n, k) of the k-th box of an
 * image.
 *
 * @throws OptionsError when the condition is no SQL over the columns
 */
export async function judgeTable(
  connection: DuckDBConnection,
  plan: TablePlan,
  roots: readonly TableRoot[],
): Promise<void> {
  await connection.run('CREATE TABLE bad (n BIGINT, reason VARCHAR)');
  await connection.run(`CREATE VIEW judged AS ${viewOf(plan, roots)}`);
  if (plan.where !== undefined) await leaveOut(connection, plan.where);
  const rules = rulesOf(plan).map(([when, why]) => `WHEN ${when} THEN ${literal(why)}`);
  await connection.run(
    `INSERT INTO bad SELECT n, why FROM (SELECT n, CASE ${rules.join(' ')} END AS why FROM judged)
     WHERE why IS NOT NULL AND n NOT IN (SELECT n FROM bad)`,
  );
  await locate(connection);
  await findRepeats(connection, plan);
}

function viewOf(plan: TablePlan, roots: readonly TableRoot[]): string {
  const text = (value: string | undefined): string =>
    value === undefined ? 'CAST(NULL AS VARCHAR)' : `nullif(trim(CAST(${value} AS VARCHAR)), '')`;
  const number = (value: string | undefined, type: ColumnType): string =>
    value === undefined ? `CAST(NULL AS ${type})` : `TRY_CAST(${value} AS ${type})`;
  const image = text(plan.image);
  const isAddress = `regexp_full_match(${image}, ${ADDRESS})`;
  const file = `CASE WHEN NOT ${isAddress} THEN ${image} END`;
  const url = `coalesce(${text(plan.url)}, CASE WHEN ${isAddress} THEN ${image} END)`;
  const [only] = roots;
  const manyRoots = haveManyRoots(roots);
  const prefix = manyRoots ? 'r.prefix || ' : '';
  const box = plan.box ?? [undefined, undefined, undefined, undefined];
  const columns = [
    't.n AS n',
    `${file} AS file`,
    `${url} AS url`,
    `${manyRoots ? 'r.root' : literal(only?.root ?? '')} AS root`,
    `${plan.id === undefined ? `${prefix}coalesce(${file}, ${url})` : text(plan.id)} AS id`,
    `lower(${text(plan.sha256)}) AS sha256`,
    `${text(plan.identity)} AS identity`,
    `${plan.split === undefined ? 'CAST(NULL AS VARCHAR)' : splitOf(plan.split)} AS split`,
    `${number(plan.width, 'INTEGER')} AS width`,
    `${number(plan.height, 'INTEGER')} AS height`,
    ...box.map((value, i) => `${number(value, 'DOUBLE')} AS ${['x1', 'y1', 'x2', 'y2'][i] ?? ''}`),
    ...(plan.box === undefined
      ? []
      : [`${box.map((value) => `(${value ?? ''}) IS NOT NULL`).join(' OR ')} AS boxed`]),
    ...(plan.split === undefined ? [] : [`${text(plan.split)} AS split_word`]),
    ...(plan.rules ?? []).map(([when], i) => `(${when}) AS rule_${i}`),
    ...plan.labels.map(
      ({ type, value }, i) => `CAST(${value} AS ${type}) AS ${quoted(`label ${i}`)}`,
    ),
  ];
  const from = manyRoots
    ? `typed AS t ASOF JOIN places AS p ON t.n >= p.first JOIN roots AS r ON r.file = p.source`
    : 'typed AS t';
  return `SELECT ${columns.join(', ')} FROM ${from}`;
}

/** What rejects a row, the first reason that holds. */
function rulesOf(plan: TablePlan): readonly (readonly [string, string])[] {
  const rules: (readonly [string, string])[] = (plan.rules ?? []).map(
    ([, why], i) => [`rule_${i}`, why] as const,
  );
  rules.push(
    ['file IS NULL AND url IS NULL', 'no image named'],
    ['contains(file, chr(0))', 'path with a control character'],
    [`NOT regexp_full_match(url, ${ADDRESS})`, 'address is not http'],
    ['id IS NULL', 'no id'],
    [`NOT regexp_full_match(sha256, ${DIGEST})`, 'sha256 is not 64 hexadecimal digits'],
  );
  if (plan.split !== undefined) {
    rules.push([
      'split IS NULL AND split_word IS NOT NULL',
      'split is none of train, validation, test',
    ]);
  }
  if (plan.box !== undefined) {
    const finite = ['x1', 'y1', 'x2', 'y2'].map((name) => `coalesce(isfinite(${name}), false)`);
    rules.push(
      [`boxed AND NOT (${finite.join(' AND ')})`, 'box is not four numbers'],
      ['boxed AND (x2 <= x1 OR y2 <= y1)', 'box is empty'],
      [
        plan.boxUnit === 'fraction'
          ? 'boxed AND (x2 <= 0 OR y2 <= 0 OR x1 >= 1 OR y1 >= 1)'
          : 'boxed AND (x2 <= 0 OR y2 <= 0 OR x1 >= width OR y1 >= height)',
        'box lies outside the image',
      ],
    );
  }
  return rules;
}

async function leaveOut(connection: DuckDBConnection, where: string): Promise<void> {
  try {
    await connection.run(
      `INSERT INTO bad SELECT n, 'left out by --where' FROM typed WHERE NOT coalesce((${where}), false)`,
    );
  } catch (error) {
    const why = (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
    const columns = await connection.runAndReadAll('DESCRIBE SELECT * EXCLUDE n FROM typed');
    const names = columns.getRows().map(([name]) => String(name));
    throw new OptionsError(
      `--where: must be a condition in SQL over the columns ${names.join(', ')}, but ${why.replace(/\.$/, '')}. Write for example --where "age >= 18".`,
      { cause: error },
    );
  }
}

/** Looks for the images that lie here; one that does not, and has no address, is missing. */
async function locate(connection: DuckDBConnection): Promise<void> {
  await connection.run('CREATE TABLE located (n BIGINT, path VARCHAR)');
  await connection.run(
    `CREATE TABLE named AS SELECT n, root, url IS NOT NULL AS spare,
       regexp_extract(file, '^(.*/)?[^/]*$', 1) AS folder, regexp_extract(file, '[^/]*$') AS name
     FROM judged WHERE file IS NOT NULL AND n NOT IN (SELECT n FROM bad)`,
  );
  const any = await connection.runAndReadAll('SELECT count(*) FROM named');
  if (Number(any.getRows()[0]?.[0]) === 0) return;
  await findFiles(connection);
  await connection.run(
    `INSERT INTO located SELECT m.n, CASE WHEN f.place = '/' THEN '/' ELSE f.place || '/' END || m.name
     FROM named m JOIN present p ON m.root = p.root AND m.folder = p.folder AND m.name = p.name
     JOIN folders f ON m.root = f.root AND m.folder = f.folder`,
  );
  await connection.run(
    `INSERT INTO bad SELECT n, 'missing file' FROM named WHERE NOT spare AND n NOT IN (SELECT n FROM located)`,
  );
}

/** Finds ids that occur before, and numbers the boxes of one image. */
async function findRepeats(connection: DuckDBConnection, plan: TablePlan): Promise<void> {
  await connection.run('CREATE TABLE numbered (n BIGINT, k BIGINT)');
  const left = 'n NOT IN (SELECT n FROM bad)';
  // A hash is shorter than an address; rows whose hashes meet are compared whole.
  await connection.run(
    `CREATE TABLE suspects AS SELECT hash(id) AS h FROM judged WHERE ${left} GROUP BY h HAVING count(*) > 1`,
  );
  const any = await connection.runAndReadAll('SELECT count(*) FROM suspects');
  if (Number(any.getRows()[0]?.[0]) === 0) return;
  await connection.run(
    `CREATE TABLE repeated AS SELECT n, id, x1, y1, x2, y2 FROM judged
     WHERE hash(id) IN (SELECT h FROM suspects) AND ${left}`,
  );
  const own = plan.id !== undefined;
  const same = own ? 'id' : 'id, x1, y1, x2, y2';
  const why = own ? 'id occurs before' : 'image occurs before';
  await connection.run(
    `INSERT INTO bad SELECT n, '${why}' FROM (SELECT n, row_number() OVER (PARTITION BY ${same} ORDER BY n) AS k FROM repeated) WHERE k > 1`,
  );
  if (own) return;
  await connection.run(
    `INSERT INTO numbered SELECT n, k FROM (
       SELECT n, row_number() OVER (PARTITION BY id ORDER BY n) AS k FROM repeated WHERE ${left}) WHERE k > 1`,
  );
}
