import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { DataError } from '@janus/core';
import { literal, quoted, type SqlTable } from '../manifest/database.js';
import type { StepResult } from '../manifest/dataset-record.js';
import { importTables } from './import-tables.js';
import { checkImport, type ImportOptions } from './importing.js';
import type { ColumnMap } from './map-columns.js';
import { LABELLINGS } from './labellings.js';
import { loadTables, type LoadedTables, type Places } from '../tables/load-tables.js';
import { loadText } from '../tables/load-text.js';
import type { LoadedColumn, RejectedLines } from '../tables/table-part.js';

/** Options of {@link importCelebA}. */
export interface ImportCelebAOptions extends ImportOptions {
  /** Folder of the images; default: the first of the usual ones beside the lists. */
  readonly root?: string;
}

/** The lists, without their endings. */
const ATTRIBUTES = 'list_attr_celeba';
const PARTITION = 'list_eval_partition';
const IDENTITY = 'identity_CelebA';
const BOXES = 'list_bbox_celeba';

/** Folders of the lists: at the top, or as in the archive. */
const LIST_FOLDERS = ['', 'Anno', 'Eval'];

/** Folder of the images in the wild, which the boxes refer to. */
const WILD = 'img_celeba';
const IMAGE_FOLDERS = [
  'img_align_celeba/img_align_celeba',
  'img_align_celeba',
  'Img/img_align_celeba',
  WILD,
  `Img/${WILD}`,
  'images',
];

/** The splits that the partition list numbers 0, 1 and 2. */
const PARTS = ['train', 'validation', 'test'];

const BOX = ['x1', 'y1', 'x2', 'y2'] as const;

/**
 * Imports CelebA (Liu et al. 2015): `list_attr_celeba` and, where they exist, `list_eval_partition`, `identity_CelebA`
 * and `list_bbox_celeba`, as `.txt` or `.csv`. Each of the forty attributes becomes a label of its name, `yes` or `no`;
 * `gender` is `Male` in words. Boxes are read for the images in the wild (`img_celeba`), which they refer to.
 *
 * @param input the folder of the lists, or the list of attributes
 * @throws DataError when the list of attributes or the images are missing, or the list has no header; OptionsError
 * when `out` holds something already
 */
export async function importCelebA(
  input: string,
  options: ImportCelebAOptions,
): Promise<StepResult> {
  await checkImport(input, options);
  const folder = resolve(input.endsWith('.txt') || input.endsWith('.csv') ? dirname(input) : input);
  const list = listIn(folder, ATTRIBUTES);
  if (list === undefined) {
    throw new DataError(
      `${input}: CelebA's folder holds ${ATTRIBUTES}.txt or .csv, but there is none. Name the folder that holds it.`,
      { path: input },
    );
  }
  const root = imagesOf(folder, options.root);
  const boxes = root.endsWith(WILD) ? listIn(folder, BOXES) : undefined;
  const sides = {
    partition: listIn(folder, PARTITION),
    identity: listIn(folder, IDENTITY),
    boxes,
  };
  const { result } = await importTables(options.out, {
    load: async (connection, work) => {
      const attributes = await loadAttributes(connection, list, work);
      return await joinSides(connection, { attributes, sides, work });
    },
    map: (_, { loaded }) => ({
      map: mapOf(loaded.names, sides),
      options: {
        lists: Object.entries({ attributes: list, ...sides }).flatMap(([name, path]) =>
          path === undefined ? [] : [name],
        ),
        boxUnit: boxes === undefined ? null : 'pixel',
      },
    }),
    roots: [{ file: list, root, prefix: '' }],
    history: {
      source: 'CelebA (Liu et al. 2015)',
      licence: options.licence ?? 'non-commercial research',
      labelling: LABELLINGS.celeba,
    },
  });
  return result;
}

function listIn(folder: string, name: string): string | undefined {
  for (const below of LIST_FOLDERS) {
    for (const ending of ['txt', 'csv', 'txt.gz', 'csv.gz']) {
      const path = join(folder, below, `${name}.${ending}`);
      if (existsSync(path)) return path;
    }
  }
  return undefined;
}

function imagesOf(folder: string, root: string | undefined): string {
  if (root !== undefined) return resolve(root);
  const found = IMAGE_FOLDERS.map((each) => join(folder, each)).find((each) => existsSync(each));
  if (found !== undefined) return found;
  throw new DataError(
    `${folder}: CelebA's images lie in img_align_celeba or ${WILD}, but neither is here. Name their folder (--root).`,
    { path: folder },
  );
}

/** SQL of a line's words: separated by spaces in `.txt` lists, by commas in `.csv` lists. */
const WORDS = "string_split_regex(trim(c0), '[\\s,]+')";

/** The list of attributes, one row for each image. */
interface Attributes {
  /** Of the table `line` and `w`: the image's file, then one value for each attribute. */
  readonly faces: SqlTable<'line' | 'w'>;
  readonly names: readonly string[];
  readonly places: Places;
  readonly rejected: RejectedLines;
}

/** Reads the list of attributes; what is not a row of it is rejected. */
async function loadAttributes(
  connection: DuckDBConnection,
  list: string,
  work: string,
): Promise<Attributes> {
  const loaded = await loadTables(connection, [list], { work, columns: 'lines' });
  const { table, places, rejected } = loaded;
  const start = await connection.runAndReadAll(
    `SELECT ${WORDS} FROM ${table} ORDER BY rowid LIMIT 2`,
  );
  const heads = start.getRowsJson().map(([words]) => words as readonly string[]);
  // The text list begins with the number of rows, and does not name the column of files.
  const counted = heads[0]?.length === 1;
  const names = counted ? heads[1] : heads[0]?.slice(1);
  if (names === undefined || names.length === 0 || names.some((name) => /^-?\d+$/.test(name))) {
    throw new DataError(
      `${list}: must name its attributes in the ${counted ? 'second' : 'first'} line, but does not. Download the list again.`,
      { path: list },
    );
  }
  await connection.run(
    `CREATE TABLE celeba_lines AS SELECT line, w, CASE
       WHEN len(w) <> ${names.length + 1} THEN 'not ${names.length} attributes'
       WHEN len(list_filter(w[2:], lambda v: v NOT IN ('-1', '0', '1'))) > 0 THEN 'attribute is not -1 or 1'
     END AS why FROM (
       SELECT s.rowid + p.shift AS line, ${WORDS} AS w
       FROM ${table} s ASOF JOIN ${places.table} p ON s.rowid >= p.first
       WHERE s.rowid >= ${counted ? 2 : 1}) ORDER BY line;
     DROP TABLE ${table};
     INSERT INTO ${rejected.table} SELECT line, w[1], why, ${literal(list)} FROM celeba_lines WHERE why IS NOT NULL;
     CREATE TABLE celeba_faces AS SELECT line, w FROM celeba_lines WHERE why IS NULL ORDER BY line;
     DROP TABLE celeba_lines; DELETE FROM ${places.table};
     INSERT INTO ${places.table} SELECT rowid, line - rowid, ${literal(list)} FROM celeba_faces`,
  );
  const faces = { table: 'celeba_faces', columns: ['line', 'w'] } as const;
  return { faces, names, places, rejected };
}

interface Sides {
  readonly partition: string | undefined;
  readonly identity: string | undefined;
  readonly boxes: string | undefined;
}

/** Returns the faces with what the other lists state of each. */
async function joinSides(
  connection: DuckDBConnection,
  given: { readonly attributes: Attributes; readonly sides: Sides; readonly work: string },
): Promise<LoadedTables & Pick<Attributes, 'names'>> {
  const { attributes, sides, work } = given;
  const { faces, names, places, rejected } = attributes;
  const columns = new Map([['image', 'w[1]']]);
  names.forEach((name, i) => {
    columns.set(name, `CASE w[${i + 2}] WHEN '1' THEN 'yes' ELSE 'no' END`);
  });
  const joins: string[] = [];
  for (const [name, path] of Object.entries(sides) as [keyof Sides, string | undefined][]) {
    if (path === undefined) continue;
    const list = { work, rejected, into: 'celeba_list', columns: 'lines' } as const;
    const { table } = await loadText(connection, path, list);
    await connection.run(
      `CREATE TABLE celeba_${name} AS SELECT w[1] AS file, any_value(w) AS v FROM (SELECT ${WORDS} AS w FROM ${table})
       GROUP BY w[1]; DROP TABLE ${table}`,
    );
    joins.push(`LEFT JOIN celeba_${name} ${name} ON ${name}.file = f.w[1]`);
  }
  if (sides.partition !== undefined) {
    const parts = PARTS.map((part, i) => `WHEN '${i}' THEN '${part}'`);
    columns.set('split', `CASE partition.v[2] ${parts.join(' ')} ELSE partition.v[2] END`);
  }
  if (sides.identity !== undefined) columns.set('identity', 'identity.v[2]');
  if (sides.boxes !== undefined) {
    const number = (i: number): string => `TRY_CAST(boxes.v[${i}] AS DOUBLE)`;
    columns.set('x1', number(2));
    columns.set('y1', number(3));
    columns.set('x2', `${number(2)} + ${number(4)}`);
    columns.set('y2', `${number(3)} + ${number(5)}`);
  }
  const values = [...columns].map(([name, value]) => `${value} AS ${quoted(name)}`);
  await connection.run(
    `CREATE TABLE celeba AS SELECT ${values.join(', ')} FROM ${faces.table} f ${joins.join(' ')} ORDER BY f.line`,
  );
  const typed = [...columns.keys()].map((name): LoadedColumn => ({
    name,
    type: (BOX as readonly string[]).includes(name) ? 'DOUBLE' : 'VARCHAR',
  }));
  return {
    table: 'celeba',
    columns: typed,
    names,
    places,
    rejected,
    decimalComma: false,
    lists: [],
  };
}

function mapOf(names: readonly string[], { partition, identity, boxes }: Sides): ColumnMap {
  const gender = {
    name: 'gender',
    type: 'VARCHAR',
    value: `CASE "Male" WHEN 'yes' THEN 'male' ELSE 'female' END`,
  } as const;
  return {
    image: '"image"',
    ...(partition === undefined ? {} : { split: '"split"' }),
    ...(identity === undefined ? {} : { identity: '"identity"' }),
    ...(boxes === undefined ? {} : { box: ['"x1"', '"y1"', '"x2"', '"y2"'], boxUnit: 'pixel' }),
    labels: [
      ...(names.includes('Male') ? [gender] : []),
      ...names.map((name) => ({ name, type: 'VARCHAR' as const, value: quoted(name) })),
    ],
  };
}
