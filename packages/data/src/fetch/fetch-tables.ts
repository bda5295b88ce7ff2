/** What is to be fetched and the outcomes, as tables: no list of addresses is held in memory. */

import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import {
  createTable,
  countRows,
  literal,
  quoted,
  writeQuery,
  type SqlTable,
} from '../manifest/database.js';
import type { Wanted } from './fetch-item.js';
import { journalFile } from './fetch-journal.js';
import { FIXED_COLUMNS } from '../manifest/manifest-row.js';
import { columnsOf, copyToManifest, manifestFile } from '../manifest/manifest-stream.js';

/** Returns the path of a data folder's `fetch.parquet`, with the outcome of every row. */
function outcomesFile(folder: string): string {
  return join(folder, 'fetch.parquet');
}

/** Columns of an outcome, in the journal and in `fetch.parquet`. */
const OUTCOME = {
  status: 'VARCHAR',
  httpCode: 'INTEGER',
  bytes: 'BIGINT',
  sha256: 'VARCHAR',
  contentType: 'VARCHAR',
  finalUrl: 'VARCHAR',
  path: 'VARCHAR',
  tries: 'INTEGER',
  ms: 'INTEGER',
} as const;

const NAMES = Object.keys(OUTCOME).map(quoted);

/**
 * The same columns in tables of a million rows, in as little memory as possible: a hash in half the bytes, and of a
 * path only the ending, since the key gives the rest. Each has its type, and SQL that makes it of an outcome.
 */
const PACKED: Readonly<Record<string, readonly [type: string, value: string]>> = {
  status: ['VARCHAR', 'status'],
  httpCode: ['INTEGER', '"httpCode"'],
  bytes: ['BIGINT', 'bytes'],
  hash: ['BLOB', 'TRY(unhex(sha256))'],
  contentType: ['VARCHAR', '"contentType"'],
  finalUrl: ['VARCHAR', '"finalUrl"'],
  ending: ['VARCHAR', `regexp_extract(path, '[a-z0-9]+$')`],
  tries: ['INTEGER', 'tries'],
  ms: ['INTEGER', 'ms'],
};

/** SQL that makes the columns of an outcome from a packed one, `o`. */
const HASH = 'lower(hex(o.hash))';
const DIGITS = `replace(CAST(o.key AS VARCHAR), '-', '')`;
const PATH = `CASE WHEN o.ending <> '' THEN 'images/' || substr(${DIGITS}, 1, 2) || '/' || ${DIGITS} || '.' || o.ending END`;

/** SQL of an address's key: 128 bits of its sha256, which are also the name of its file. */
const KEY = (url: string): string => `CAST(substr(sha256(${url}), 1, 32) AS UUID)`;

/** SQL of whether fetch judges a row; see `judgedBy`. */
const JUDGED = `(m.status = 'kept' OR coalesce(m."removedBy", 'clean') <> 'import')`;

/** Columns of the manifest that a fetch reads. */
const READ = ['id', 'path', 'url', 'sha256', 'status', 'reason', 'removedBy'] as const;

/**
 * The manifest as a fetch reads it; `key` stands for the address, so that no join carries addresses along.
 */
type ManifestView = SqlTable<(typeof READ)[number] | 'place' | 'key'>;

/** Makes a view of the manifest, with the columns that older ones lack. */
async function openManifest(connection: DuckDBConnection, folder: string): Promise<ManifestView> {
  const path = manifestFile(folder);
  const source = `read_parquet(${literal(path)}, file_row_number = true)`;
  const known = await columnsOf(connection, source, path);
  const columns = READ.map((name) =>
    known.has(name)
      ? quoted(name)
      : `CAST(NULL AS ${FIXED_COLUMNS[name] ?? 'VARCHAR'}) AS ${quoted(name)}`,
  );
  const view = 'fetch_manifest';
  await connection.run(
    `CREATE OR REPLACE TEMP VIEW ${view} AS SELECT *, CASE WHEN url <> '' THEN ${KEY('url')} END AS key
     FROM (SELECT ${columns.join(', ')}, file_row_number AS place FROM ${source})`,
  );
  return { table: view, columns: [...READ, 'place', 'key'] };
}

/** Longest line of a journal that is read, in bytes: more than the headers of any response can fill. */
const LINE_BYTES = 1024 * 1024;

/**
 * Makes a table of the last outcome of every address, from `fetch.parquet` and, where it is newer, from the
 * journal: the address's key and the named columns of {@link PACKED}.
 */
async function readEntries(
  connection: DuckDBConnection,
  folder: string,
  names: readonly string[],
): Promise<SqlTable> {
  const column = (name: string): string => `${quoted(name)} ${PACKED[name]?.[0] ?? ''}`;
  const values = names.map((name) => PACKED[name]?.[1] ?? '').join(', ');
  await connection.run(`CREATE TABLE fetch_lines (key UUID, ${names.map(column).join(', ')})`);
  const table = outcomesFile(folder);
  if (existsSync(table)) {
    // Rows of one address may expect different hashes; the one with an image is the most informative.
    for (const where of ['path IS NULL', 'path IS NOT NULL']) {
      await connection.run(
        `INSERT INTO fetch_lines SELECT ${KEY('url')} AS key, ${values} FROM read_parquet(${literal(table)})
         WHERE tries IS NOT NULL AND ${where}`,
      );
    }
  }
  const journal = journalFile(folder);
  if (existsSync(journal)) {
    const types = Object.entries({ key: 'UUID', ...OUTCOME })
      .map(([name, type]) => `${literal(name)}: ${literal(type)}`)
      .join(', ');
    // Marks, and lines that a crash of the machine damaged, are skipped.
    await connection.run(
      `INSERT INTO fetch_lines SELECT key, ${values} FROM read_json(${literal(journal)},
       format = 'newline_delimited', ignore_errors = true, maximum_object_size = ${LINE_BYTES},
       columns = {${types}}) WHERE key IS NOT NULL AND status IS NOT NULL`,
    );
  }
  await connection.run(
    `CREATE TABLE entries AS SELECT l.* FROM fetch_lines l
     WHERE rowid IN (SELECT max(rowid) FROM fetch_lines GROUP BY key)`,
  );
  await connection.run('DROP TABLE fetch_lines');
  return { table: 'entries', columns: ['key', ...names] };
}

/** Bytes of addresses that are sorted at once. */
const SORTED_BYTES = 64 * 1024 * 1024;

/** What is to be fetched: every address once, in an order that mixes the hosts. */
interface FetchPlan {
  readonly wanted: SqlTable<'key' | 'url' | 'expected'>;
  /** How many addresses there are. */
  readonly total: number;
}

/** Plans a fetch: the addresses of judged rows that have no file, and no outcome that holds. */
export async function planFetch(
  connection: DuckDBConnection,
  folder: string,
  options: { readonly retryFailed: boolean },
): Promise<FetchPlan> {
  const manifest = await openManifest(connection, folder);
  const entries = await readEntries(connection, folder, ['status', 'hash']);
  const again = options.retryFailed ? `e.status <> 'ok'` : 'false';
  // Bytes that one row refused may be those that another row expects.
  const refused = `e.status = 'hash_mismatch' AND (m.sha256 IS NULL OR m.sha256 = lower(hex(e.hash)))`;
  await connection.run(
    `CREATE TABLE chosen AS
     SELECT key, min(place) AS place, any_value(length) AS length,
       CASE WHEN NOT bool_or(m.sha256 IS NULL) THEN string_agg(DISTINCT m.sha256, ',') END AS expected
     FROM (
       SELECT key, place, lower(sha256) AS sha256, strlen(url) AS length FROM ${manifest.table} m
       WHERE key IS NOT NULL AND coalesce(path, '') = '' AND ${JUDGED}
     ) m LEFT JOIN ${entries.table} e USING (key)
     WHERE e.status IS NULL OR ${again} OR (${refused}) GROUP BY key`,
  );
  await connection.run(`DROP TABLE ${entries.table}`);
  const summed = await connection.runAndReadAll('SELECT sum(length) FROM chosen');
  const bytes = Number(summed.getRows()[0]?.[0] ?? 0);
  const parts = Math.max(1, Math.ceil(bytes / SORTED_BYTES));
  const text = 'VARCHAR';
  const wanted = await createTable(connection, 'fetch_wanted', {
    key: text,
    url: text,
    expected: text,
  });
  for (let part = 0; part < parts; part++) {
    await connection.run(
      `INSERT INTO ${wanted.table} SELECT replace(CAST(c.key AS VARCHAR), '-', '') AS key, m.url, c.expected
       FROM ${manifest.table} m JOIN (SELECT * FROM chosen WHERE hash(key) % ${parts} = ${part}) c USING (place) ORDER BY c.key`,
    );
  }
  await connection.run('DROP TABLE chosen');
  return { wanted, total: await countRows(connection, wanted.table) };
}

/** Addresses that are read at once. */
const PIECE = 1024;

/** Yields what is to be fetched, in pieces. */
export async function* readPlan(
  connection: DuckDBConnection,
  { wanted }: FetchPlan,
): AsyncGenerator<readonly Wanted[], void, void> {
  for (let start = 0; ; start += PIECE) {
    const found = await connection.runAndReadAll(
      `SELECT key, url, expected FROM ${wanted.table} WHERE rowid >= ${start} AND rowid < ${start + PIECE}`,
    );
    const rows = found.getRows();
    if (rows.length === 0) return;
    yield rows.map(([key, url, expected]): Wanted => ({
      key: String(key),
      url: String(url),
      expected: typeof expected === 'string' ? expected.split(',') : null,
    }));
  }
}

/** Rows that are joined and sorted at once, so that they fit into memory. */
const SORTED_ROWS = 200_000;

/** The rows of a manifest and their outcomes; both are in the manifest's order. */
interface JudgedRows {
  readonly manifest: ManifestView;
  /** `place`, `key`, the columns of {@link PACKED}, and whether the manifest's row has to be `changed`. */
  readonly outcomes: SqlTable;
}

/** Determines the outcome of every row of the manifest. */
export async function judgeRows(connection: DuckDBConnection, folder: string): Promise<JudgedRows> {
  const manifest = await openManifest(connection, folder);
  const total = await countRows(connection, manifest.table);
  const names = Object.keys(PACKED);
  const entries = await readEntries(connection, folder, names);
  const status = `CASE
      WHEN NOT ${JUDGED} THEN 'skipped'
      WHEN e.key IS NULL AND m.path <> '' THEN 'local'
      WHEN m.key IS NULL THEN 'no_url'
      WHEN m.path <> '' AND e.status <> 'ok' THEN 'local'
      WHEN m.path = '' AND e.status = 'ok' AND lower(m.sha256) <> lower(hex(e.hash)) THEN 'hash_mismatch'
      ELSE e.status END`;
  // Rows without an image that get one, or another reason.
  const changed = `coalesce(m.path, '') = '' AND o.status <> 'skipped'
      AND (m.status = 'kept' OR m."removedBy" <> 'fetch' OR m.reason IS DISTINCT FROM o.status)`;
  const own = names.filter((name) => name !== 'status').map((name) => `e.${quoted(name)}`);
  const select = (where: string): string =>
    `SELECT m.place, e.key, o.status, ${own.join(', ')}, ${changed} AS changed
     FROM ${manifest.table} m LEFT JOIN ${entries.table} e USING (key), LATERAL (SELECT ${status} AS status) o
     WHERE ${where} ORDER BY m.place`;
  await connection.run(`CREATE TABLE outcomes AS ${select('false')}`);
  for (let place = 0; place < total; place += SORTED_ROWS) {
    const where = `m.place >= ${place} AND m.place < ${place + SORTED_ROWS}`;
    await connection.run(`INSERT INTO outcomes ${select(where)}`);
  }
  await connection.run(`DROP TABLE ${entries.table}`);
  const columns = ['place', 'key', ...names, 'changed'];
  return { manifest, outcomes: { table: 'outcomes', columns } };
}

/** SQL of a value that fails unless a row and its outcome, joined by position, belong together. */
const inOrder = (place: string, value: string): string =>
  `CASE WHEN ${place} <> o.place THEN error('rows out of order') ELSE ${value} END`;

/** Writes the outcomes to the manifest, whole or not at all. */
export async function applyOutcomes(
  connection: DuckDBConnection,
  folder: string,
  { outcomes }: JudgedRows,
): Promise<void> {
  if ((await countRows(connection, `${outcomes.table} WHERE changed`)) === 0) return;
  const path = manifestFile(folder);
  const source = `read_parquet(${literal(path)}, file_row_number = true)`;
  const known = await columnsOf(connection, source, path);
  const ok = `o.status = 'ok'`;
  const values: Readonly<Record<string, string>> = {
    path: `CASE WHEN ${ok} THEN ${PATH} ELSE m.path END`,
    sha256: `CASE WHEN ${ok} THEN ${HASH} ELSE m.sha256 END`,
    status: inOrder('m.file_row_number', `CASE WHEN ${ok} THEN 'kept' ELSE 'removed' END`),
    reason: `CASE WHEN NOT ${ok} THEN o.status END`,
    removedBy: `CASE WHEN NOT ${ok} THEN 'fetch' END`,
  };
  const columns = Object.entries(FIXED_COLUMNS).map(([name, type]) => {
    const before = known.has(name) ? `m.${quoted(name)}` : 'NULL';
    const after = values[name];
    const value =
      after === undefined ? before : `CASE WHEN o.changed THEN ${after} ELSE ${before} END`;
    return `CAST(${value} AS ${type}) AS ${quoted(name)}`;
  });
  for (const name of known.keys()) {
    if (name !== 'file_row_number' && !(name in FIXED_COLUMNS)) columns.push(`m.${quoted(name)}`);
  }
  await copyToManifest(
    connection,
    folder,
    `SELECT ${columns.join(', ')} FROM ${source} AS m POSITIONAL JOIN ${outcomes.table} AS o`,
  );
}

/** Rows of `fetch.parquet` that are read at once; few, since addresses can be long. */
const GROUP_ROWS = 20_480;

/** Writes the outcomes to `fetch.parquet`, whole or not at all, and removes the journal. */
export async function writeOutcomes(
  connection: DuckDBConnection,
  folder: string,
  { manifest, outcomes }: JudgedRows,
): Promise<void> {
  const own = NAMES.map((name) => {
    if (name === '"status"') return `${inOrder('m.place', 'o.status')} AS status`;
    if (name === '"sha256"') return `${HASH} AS sha256`;
    return name === '"path"' ? `${PATH} AS path` : `o.${name}`;
  });
  await writeQuery(
    connection,
    `SELECT m.id, m.url, ${own.join(', ')} FROM ${manifest.table} m POSITIONAL JOIN ${outcomes.table} o`,
    { path: outcomesFile(folder), groupRows: GROUP_ROWS },
  );
  await rm(journalFile(folder), { force: true });
}

/** Returns how many rows of the manifest are kept, and why fetch removed the others. */
export async function countManifest(
  connection: DuckDBConnection,
  folder: string,
): Promise<{ readonly rows: number; readonly reasons: Readonly<Record<string, number>> }> {
  const { table } = await openManifest(connection, folder);
  const removed = await connection.runAndReadAll(
    `SELECT reason, count(*) FROM ${table} WHERE status = 'removed' AND "removedBy" = 'fetch'
     GROUP BY reason ORDER BY count(*) DESC, reason`,
  );
  return {
    rows: await countRows(connection, `${table} WHERE status = 'kept'`),
    reasons: Object.fromEntries(
      removed.getRows().map(([reason, count]) => [String(reason), Number(count)]),
    ),
  };
}
