/** Reads what a split needs of a manifest into columns; no row stays in memory as an object. */

import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import {
  DataError,
  forEachConcurrently,
  OptionsError,
  sha256OfFile,
  type ProgressListener,
} from '@janus/core';
import { createTable, literal, quoted, type SqlTable } from '../manifest/database.js';
import { FIXED_COLUMNS } from '../manifest/manifest-row.js';
import { columnsOf, manifestFile, textOf } from '../manifest/manifest-stream.js';
import { imagePathOf } from '../manifest/manifest.js';
import { SPLIT_NAMES } from '../manifest/split-name.js';
import { collectRows, type SplitRows } from './split-rows.js';

/** The sha256 of files whose rows lack it in the manifest, by the row's place. */
export type Digests = SqlTable<'place' | 'sha256'>;

/** What is read of the rows. */
interface SplitRequest {
  readonly seed: number;
  readonly stratify: readonly string[];
  readonly group: readonly string[];
  readonly balance: string | null;
  readonly nearDuplicates: number;
  readonly report?: ProgressListener;
}

/** A manifest that is being split. */
export interface SplitSource {
  readonly folder: string;
  /** SQL types of the manifest's columns. */
  readonly columns: ReadonlyMap<string, string>;
  /** SQL of the manifest, with `file_row_number`. */
  readonly table: string;
  /** SQL condition on the rows that a split judges. */
  readonly judged: string;
}

/** Opens the manifest of a folder for a split. */
export async function openSplitSource(
  connection: DuckDBConnection,
  folder: string,
): Promise<SplitSource> {
  const path = manifestFile(folder);
  const table = `read_parquet(${literal(path)}, file_row_number = true)`;
  const columns = await columnsOf(connection, table, path);
  return {
    folder,
    columns,
    table,
    judged: columns.has('removedBy')
      ? `(m.status = 'kept' OR m.removedBy = 'split')`
      : `m.status = 'kept'`,
  };
}

/**
 * Checks the columns that a split names.
 *
 * @throws OptionsError when one does not exist; DataError when a stratified one has fewer than two values
 */
export async function checkSplitColumns(
  connection: DuckDBConnection,
  source: SplitSource,
  { stratify, group, balance }: SplitRequest,
): Promise<void> {
  const labels = [...source.columns.keys()].filter(
    (name) => !(name in FIXED_COLUMNS) && name !== 'file_row_number',
  );
  const asked = [...stratify, ...group.filter((name) => name !== 'identity')];
  for (const column of asked) {
    if (labels.includes(column)) continue;
    throw new OptionsError(
      `split: columns must be those of the data (${labels.join(', ')}), but got ${column}. Choose one of them.`,
    );
  }
  for (const column of stratify) {
    const text = textOfColumn(source, column);
    const given = column === balance ? ` AND m.${quoted(column)} IS NOT NULL` : '';
    const found = await connection.runAndReadAll(
      `SELECT DISTINCT coalesce(${text}, 'null') FROM ${source.table} AS m WHERE ${source.judged}${given} LIMIT 2`,
    );
    const values = found.getRows().map(([value]) => String(value));
    if (values.length < 2) {
      throw new DataError(
        `split: ${column} must have at least two values among the kept rows, but has ${values.join(', ') || 'none'}. Choose another column.`,
      );
    }
  }
}

/** Returns SQL of a column's value as text, as JavaScript would write it. */
function textOfColumn({ columns }: SplitSource, name: string): string {
  const column = `m.${quoted(name)}`;
  const type = columns.get(name);
  if (type === 'VARCHAR') return column;
  return type === 'DOUBLE' ? textOf(column) : `CAST(${column} AS VARCHAR)`;
}

/** The rows of a split, and the digests that were made for them. */
interface ReadRows {
  readonly rows: SplitRows;
  readonly digests: Digests;
}

/**
 * Returns the rows that a split judges. Where the manifest has no sha256, the file is read for it, which finds exact
 * copies; a row's group keeps the name that it has without, so that a later split with the same seed is the same.
 */
export async function readSplitRows(
  connection: DuckDBConnection,
  source: SplitSource,
  request: SplitRequest,
): Promise<ReadRows> {
  const { seed, stratify, group, balance, nearDuplicates, report } = request;
  const [named, ...further] = group;
  const namesAreIdentities = named === 'identity';
  const others = [
    ...(namesAreIdentities ? [] : ['identity']),
    ...further.filter((each) => each !== 'identity'),
  ];
  const digests = await digestFiles(connection, source, report);
  const name = named === undefined ? 'NULL' : textOfColumn(source, named);
  const stratum = stratify.map((each) => `coalesce(${textOfColumn(source, each)}, 'null')`);
  await numberTexts(connection, source, {
    strata: stratum.length === 0 ? `''` : stratum.join(` || '|' || `),
    classes: balance === null ? 'CAST(NULL AS VARCHAR)' : textOfColumn(source, balance),
  });
  const parts = SPLIT_NAMES.map((each, i) => `WHEN ${literal(each)} THEN ${i}`).join(' ');
  const numberOf = (value: string): string =>
    `CASE WHEN ${value} IS NOT NULL THEN hash(${value}) END`;
  const counted = await connection.runAndReadAll(
    `SELECT count(*) FROM ${source.table} AS m WHERE ${source.judged}`,
  );
  const collector = collectRows({
    count: Number(counted.getRows()[0]?.[0] ?? 0),
    seed,
    namesAreIdentities,
    others: others.length,
    nearDuplicates,
  });
  const result = await connection.stream(`
    SELECT
      CAST(m.file_row_number AS INTEGER),
      coalesce(${name}, 'image ' || coalesce(m.sha256, m.id)) AS name,
      ${name} IS NOT NULL,
      strata.number,
      coalesce(classes.number, -1),
      CASE m.split ${parts} ELSE -1 END,
      ${source.columns.has('phash') ? `TRY_CAST('0x' || m.phash AS UBIGINT)` : 'NULL'},
      ${['coalesce(m.sha256, d.sha256)', ...others.map((each) => `m.${quoted(each)}`)].map(numberOf).join(', ')}
    FROM ${source.table} AS m
    LEFT JOIN ${digests.table} AS d ON m.file_row_number = d.place
    LEFT JOIN strata ON strata.text = ${stratum.length === 0 ? `''` : stratum.join(` || '|' || `)}
    LEFT JOIN classes ON classes.text = ${balance === null ? 'NULL' : textOfColumn(source, balance)}
    WHERE ${source.judged} ORDER BY name, m.id`);
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) break;
    const columns = chunk.getColumns();
    const [places = [], names = [], isNamed, strata, classes, splits, hashes, exact, ...rest] =
      columns;
    for (let i = 0; i < places.length; i++) {
      collector.add({
        place: Number(places[i]),
        name: String(names[i]),
        isNamed: isNamed?.[i] === true,
        stratum: Number(strata?.[i]),
        balanced: Number(classes?.[i]),
        part: Number(splits?.[i]),
        hash: bitsOf(hashes?.[i]),
        exact: bitsOf(exact?.[i]),
        others: rest.length === 0 ? NONE : rest.map((column) => bitsOf(column[i])),
      });
    }
  }
  return { rows: collector.finish(), digests };
}

const NONE: readonly (bigint | null)[] = [];

function bitsOf(value: DuckDBValue | undefined): bigint | null {
  return typeof value === 'bigint' ? value : null;
}

/** Makes a table for each expression, with its distinct texts numbered in their order. */
async function numberTexts(
  connection: DuckDBConnection,
  { table, judged }: SplitSource,
  expressions: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [name, text] of Object.entries(expressions)) {
    await connection.run(
      `CREATE OR REPLACE TEMP TABLE ${name} AS
        SELECT text, CAST(row_number() OVER (ORDER BY text) - 1 AS INTEGER) AS number
        FROM (SELECT DISTINCT ${text} AS text FROM ${table} AS m WHERE ${judged})
        WHERE text IS NOT NULL`,
    );
  }
}

/** Reads the files whose rows have no sha256; a file that cannot be read has none. */
async function digestFiles(
  connection: DuckDBConnection,
  { folder, table, judged }: SplitSource,
  report?: ProgressListener,
): Promise<Digests> {
  const made = await createTable(connection, 'digests', { place: 'BIGINT', sha256: 'VARCHAR' });
  const lacking = await connection.runAndReadAll(
    `SELECT CAST(m.file_row_number AS INTEGER), m.path FROM ${table} AS m WHERE ${judged} AND m.sha256 IS NULL AND m.path <> '' ORDER BY 1`,
  );
  const files = lacking.getRows();
  if (files.length === 0) return made;
  const digests: (string | null)[] = [];
  let done = 0;
  await forEachConcurrently(files, async ([, path], i) => {
    digests[i] = await sha256OfFile(imagePathOf(folder, String(path))).catch(() => null);
    done += 1;
    report?.({ done, total: files.length, unit: 'files', label: 'reading for exact copies' });
  });
  const appender = await connection.createAppender(made.table);
  files.forEach(([place], i) => {
    const digest = digests[i] ?? null;
    if (digest === null) return;
    appender.appendBigInt(BigInt(Number(place)));
    appender.appendVarchar(digest);
    appender.endRow();
  });
  appender.closeSync();
  return made;
}
