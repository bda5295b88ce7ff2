/** The way from table files to a data folder, in the database from end to end. */

import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { commitRename, DataError, temporaryNameFor } from '@janus/core';
import { literal, noSpace, quoted, withDatabase } from '../manifest/database.js';
import type { Labelling, StepResult } from '../manifest/dataset-record.js';
import { guessTypes } from '../tables/guess-types.js';
import { nothingLeft } from './importing.js';
import { haveManyRoots, judgeTable, type TablePlan, type TableRoot } from './validate-rows.js';
import { countOf, type LoadedColumn } from '../tables/table-part.js';
import { FIXED_COLUMNS } from '../manifest/manifest-row.js';
import { copyToManifest } from '../manifest/manifest-stream.js';
import { writeDatasetRecord } from '../record/record-step.js';
import type { ColumnType } from '../manifest/tables.js';

/** What the database may hold in memory: enough for a million rows, and the whole process stays well under 1 GB. */
const MEMORY_MB = 256;

/** The columns that the view `judged` has under their own names. */
const JUDGED_COLUMNS = [
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
];

/** What the record of a data set says about its source. */
interface SourceStory {
  readonly source: string;
  readonly licence: string;
  readonly labelling: Labelling;
}

/** How table files become a data folder. */
interface TablesImport {
  /**
   * Makes the tables `source`, `places` (first, shift, source) and `rejected` (row, path, reason,
   * source), as {@link loadTables} does; `work` is a folder for copies.
   */
  readonly load: (connection: DuckDBConnection, work: string) => Promise<readonly LoadedColumn[]>;
  /** Says what the columns of `source` are, once their types are known, and what is recorded of it. */
  readonly plan: (columns: ReadonlyMap<string, ColumnType>) => {
    readonly plan: TablePlan;
    readonly options: Readonly<Record<string, unknown>>;
  };
  /** The files, in their order, and where the paths in them begin. */
  readonly roots: readonly TableRoot[];
  readonly story: SourceStory;
}

/**
 * Imports tables of any length: memory stays under what the database is allowed, and every row of the
 * source is a row of the manifest or of `rejects.parquet`.
 *
 * @throws DataError when no row can be used, and what the parts of `request` throw
 */
export async function importTables(out: string, request: TablesImport): Promise<StepResult> {
  const work = await mkdtemp(join(tmpdir(), 'janus-import-'));
  try {
    return await withDatabase(async (connection) => {
      const columns = await request.load(connection, work);
      // One transaction from here: the journal is not made durable after every table on the way. What
      // was loaded is committed by now, or its row numbers would not begin at 0.
      await connection.run('BEGIN');
      const types = await guessTypes(connection, columns);
      const typed = [...types].map(
        ([name, type]) => `CAST(${quoted(name)} AS ${type}) AS ${quoted(name)}`,
      );
      await connection.run(
        `CREATE VIEW typed AS SELECT ${['rowid AS n', ...typed].join(', ')} FROM source`,
      );
      await connection.run(
        'CREATE TABLE roots (nth INTEGER, file VARCHAR, root VARCHAR, prefix VARCHAR)',
      );
      for (const [place, { file, root, prefix }] of request.roots.entries()) {
        await connection.run('INSERT INTO roots VALUES ($1, $2, $3, $4)', [
          place,
          file,
          root,
          prefix,
        ]);
      }
      const { plan, options } = request.plan(types);
      await judgeTable(connection, plan, request.roots);
      return await finish(connection, out, { request, plan, options });
    }, MEMORY_MB);
  } catch (error) {
    throw noSpace(error, out);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function finish(
  connection: DuckDBConnection,
  out: string,
  context: {
    readonly request: TablesImport;
    readonly plan: TablePlan;
    readonly options: Readonly<Record<string, unknown>>;
  },
): Promise<StepResult> {
  const { plan, options } = context;
  const { story, roots } = context.request;
  const counted = await connection.runAndReadAll(
    `SELECT reason, count(*) FROM (SELECT reason FROM rejected UNION ALL SELECT reason FROM bad)
     GROUP BY reason ORDER BY count(*) DESC, reason`,
  );
  const reasons = Object.fromEntries(
    counted.getRows().map(([reason, count]) => [String(reason), Number(count)]),
  );
  const rejected = Object.values(reasons).reduce((sum, count) => sum + count, 0);
  const rows = (await countOf(connection, 'source')) - (await countOf(connection, 'bad'));
  if (rows === 0) throw nothingLeft(story.source, reasons);
  await requireFreeNumbers(connection, story.source);
  const select = await manifestOf(connection, plan, haveManyRoots(roots));
  await mkdir(out, { recursive: true });
  await copyTable(
    connection,
    join(out, 'rejects.parquet'),
    `SELECT CAST("row" AS INTEGER) AS "row", r.path AS path, reason, source FROM (
       SELECT "row", path, reason, source FROM rejected UNION ALL
       SELECT b.n + p.shift, coalesce(j.file, j.url, ''), b.reason, p.source
       FROM bad b JOIN judged j ON b.n = j.n ASOF JOIN places p ON b.n >= p.first
     ) r LEFT JOIN roots ON roots.file = r.source ORDER BY roots.nth, "row"`,
  );
  await copyToManifest(connection, out, select);
  const result = { rows, rejected, reasons };
  await writeDatasetRecord(out, {
    format: 1,
    name: story.source,
    ...story,
    options,
    steps: [{ step: 'import', ...result, options }],
  });
  return result;
}

/** Returns the query whose outcome is the manifest. */
async function manifestOf(
  connection: DuckDBConnection,
  plan: TablePlan,
  manyRoots: boolean,
): Promise<string> {
  const [bad, located, numbered] = [
    await countOf(connection, 'bad'),
    await countOf(connection, 'located'),
    await countOf(connection, 'numbered'),
  ];
  const values: Readonly<Record<string, string>> = {
    id: numbered === 0 ? 'j.id' : "j.id || coalesce('#' || k.k, '')",
    path: located === 0 ? "''" : "coalesce(l.path, '')",
    status: "'kept'",
  };
  const columns = Object.entries(FIXED_COLUMNS).map(([name, type]) => {
    const known = JUDGED_COLUMNS.includes(name) ? `j.${name}` : `CAST(NULL AS ${type})`;
    return `${values[name] ?? known} AS ${quoted(name)}`;
  });
  for (const [i, { name, type }] of plan.labels.entries()) {
    const value = `j.${quoted(`label ${i}`)}`;
    columns.push(`${type === 'VARCHAR' ? `nullif(${value}, '')` : value} AS ${quoted(name)}`);
  }
  const joins = [
    located === 0 ? '' : 'LEFT JOIN located l ON j.n = l.n',
    numbered === 0 ? '' : 'LEFT JOIN numbered k ON j.n = k.n',
    bad === 0 ? '' : 'ANTI JOIN bad b ON j.n = b.n',
  ].filter((each) => each !== '');
  // A single table keeps its order; a join promises none.
  const order = joins.length === 0 && !manyRoots ? '' : 'ORDER BY j.n';
  return `SELECT ${columns.join(', ')} FROM judged j ${joins.join(' ')} ${order}`;
}

/** A number behind an id may make another image's id. */
async function requireFreeNumbers(connection: DuckDBConnection, source: string): Promise<void> {
  const found = await connection.runAndReadAll(
    `SELECT id FROM judged WHERE n NOT IN (SELECT n FROM bad) AND id IN (
       SELECT j.id || '#' || k.k FROM numbered k JOIN judged j ON j.n = k.n) LIMIT 1`,
  );
  const taken = found.getRows()[0]?.[0];
  if (taken === undefined) return;
  throw new DataError(
    `${source}: ids must be unique, but ${String(taken)} is both an image and the box of another. Name a column of ids (--id-column).`,
  );
}

async function copyTable(
  connection: DuckDBConnection,
  path: string,
  select: string,
): Promise<void> {
  const temporary = temporaryNameFor(path);
  try {
    await connection.run(`COPY (${select}) TO ${literal(temporary)} (FORMAT parquet)`);
    await commitRename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw noSpace(error, path);
  }
}
