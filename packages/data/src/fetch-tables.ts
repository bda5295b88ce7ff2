/** What is to be fetched and what came of it, as tables: no list of addresses is ever held in memory. */

import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { commitRename, temporaryNameFor } from '@janus/core';
import { cellOf, literal, noSpace } from './database.js';
import type { Wanted } from './fetch-item.js';
import { journalFile } from './fetch-journal.js';
import { FIXED_COLUMNS, type ManifestChange } from './manifest-row.js';
import { manifestFile } from './manifest-stream.js';

/** Where a fetch tells what became of every row. */
export function outcomesFile(folder: string): string {
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

const NAMES = Object.keys(OUTCOME)
  .map((name) => `"${name}"`)
  .join(', ');

/** SQL of an address' key: 128 bits of its sha256, which is also the name of its file. */
const KEY = (url: string): string => `CAST(substr(sha256(${url}), 1, 32) AS UUID)`;

/** SQL that says whether fetch judges a row: see `judgedBy`. */
const JUDGED = `(m.status = 'kept' OR coalesce(m."removedBy", 'clean') <> 'import')`;

/** SQL of the manifest as `m`, with the columns that older ones lack. */
async function openManifest(connection: DuckDBConnection, folder: string): Promise<void> {
  const source = `read_parquet(${literal(manifestFile(folder))}, file_row_number = true)`;
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${source}`);
  const known = new Set(described.getRows().map(([name]) => String(name)));
  const columns = ['id', 'path', 'url', 'sha256', 'status', 'reason', 'removedBy'].map((name) =>
    known.has(name)
      ? `"${name}"`
      : `CAST(NULL AS ${FIXED_COLUMNS[name] ?? 'VARCHAR'}) AS "${name}"`,
  );
  await connection.run(
    `CREATE OR REPLACE TEMP VIEW m AS SELECT ${columns.join(', ')}, file_row_number FROM ${source}`,
  );
}

/**
 * Makes the table `entries`: the last outcome of every address, from `fetch.parquet` and, over it, from the
 * journal.
 */
async function readEntries(connection: DuckDBConnection, folder: string): Promise<void> {
  const columns = Object.entries(OUTCOME).map(([name, type]) => `"${name}" ${type}`);
  await connection.run(`CREATE OR REPLACE TABLE lines (key UUID, ${columns.join(', ')})`);
  const table = outcomesFile(folder);
  if (existsSync(table)) {
    // Rows of one address may differ in what they expect; the one with the picture tells most.
    await connection.run(
      `INSERT INTO lines SELECT ${KEY('url')} AS key, ${NAMES} FROM read_parquet(${literal(table)})
       WHERE tries IS NOT NULL ORDER BY path IS NOT NULL`,
    );
  }
  const journal = journalFile(folder);
  if (existsSync(journal)) {
    const types = Object.entries({ key: 'UUID', ...OUTCOME })
      .map(([name, type]) => `${literal(name)}: ${literal(type)}`)
      .join(', ');
    // Lines that a crash of the machine spoilt are passed over.
    await connection.run(
      `INSERT INTO lines SELECT key, ${NAMES} FROM read_json(${literal(journal)},
       format = 'newline_delimited', ignore_errors = true, columns = {${types}})
       WHERE key IS NOT NULL AND status IS NOT NULL`,
    );
  }
  await connection.run(
    `CREATE OR REPLACE TABLE entries AS SELECT lines.* FROM lines
     WHERE rowid IN (SELECT max(rowid) FROM lines GROUP BY key)`,
  );
  await connection.run('DROP TABLE lines');
}

/**
 * Makes the table of what is to be fetched: every address once, in an order that mixes the hosts. Returns
 * how many there are.
 */
export async function planFetch(
  connection: DuckDBConnection,
  folder: string,
  options: { readonly retryFailed: boolean },
): Promise<number> {
  await openManifest(connection, folder);
  await readEntries(connection, folder);
  const again = options.retryFailed ? `e.status <> 'ok'` : 'false';
  // What one row did not want, another may.
  const wanted = `e.status = 'hash_mismatch' AND (m.sha256 IS NULL OR lower(m.sha256) = e.sha256)`;
  await connection.run(
    `CREATE TABLE wanted AS
     SELECT replace(CAST(k AS VARCHAR), '-', '') AS key, url, expected FROM (
       SELECT k, any_value(url) AS url,
         CASE WHEN bool_or(sha256 IS NULL) THEN NULL ELSE string_agg(DISTINCT lower(sha256), ',') END AS expected
       FROM (
         SELECT ${KEY('m.url')} AS k, m.url, m.sha256 FROM m LEFT JOIN entries e ON e.key = ${KEY('m.url')}
         WHERE m.url <> '' AND coalesce(m.path, '') = '' AND ${JUDGED}
           AND (e.key IS NULL OR ${again} OR (${wanted}))
       ) GROUP BY k
     ) ORDER BY k`,
  );
  await connection.run('DROP TABLE entries');
  const counted = await connection.runAndReadAll('SELECT count(*) FROM wanted');
  return Number(counted.getRows()[0]?.[0] ?? 0);
}

/** Read at once of what is to be fetched. */
const PIECE = 1024;

/** Yields what is to be fetched, in pieces. */
export async function* readPlan(
  connection: DuckDBConnection,
): AsyncGenerator<readonly Wanted[], void, void> {
  for (let start = 0; ; start += PIECE) {
    const found = await connection.runAndReadAll(
      `SELECT key, url, expected FROM wanted WHERE rowid >= ${start} AND rowid < ${start + PIECE}`,
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

/** Makes the table `outcomes`: what became of every row of the manifest. */
export async function judgeRows(connection: DuckDBConnection, folder: string): Promise<void> {
  await openManifest(connection, folder);
  await readEntries(connection, folder);
  const status = `CASE
      WHEN NOT ${JUDGED} THEN 'skipped'
      WHEN e.key IS NULL AND m.path <> '' THEN 'local'
      WHEN coalesce(m.url, '') = '' THEN 'no_url'
      WHEN m.path <> '' AND e.status <> 'ok' THEN 'local'
      WHEN m.path = '' AND e.status = 'ok' AND lower(m.sha256) <> e.sha256 THEN 'hash_mismatch'
      ELSE e.status END`;
  const own = Object.keys(OUTCOME)
    .filter((name) => name !== 'status')
    .map((name) => `e."${name}" AS "${name}"`);
  await connection.run(
    `CREATE TABLE outcomes AS SELECT m.id, m.url, ${status} AS status, ${own.join(', ')},
       m.path AS "before", m.status = 'kept' AS "kept", m.reason AS "oldReason", m."removedBy" AS "oldRemovedBy"
     FROM m LEFT JOIN entries e ON e.key = ${KEY('m.url')} ORDER BY m.file_row_number`,
  );
  await connection.run('DROP TABLE entries');
}

/** Yields what the outcomes change in the manifest: rows that have no picture yet. */
export async function* manifestChanges(
  connection: DuckDBConnection,
): AsyncGenerator<ManifestChange, void, void> {
  const result = await connection.stream(
    `SELECT id, status, path, sha256 FROM outcomes
     WHERE coalesce("before", '') = '' AND status <> 'skipped'
       AND (status = 'ok' OR "kept" OR "oldRemovedBy" IS DISTINCT FROM 'fetch' OR "oldReason" IS DISTINCT FROM status)`,
  );
  for await (const rows of result.yieldRows()) {
    for (const row of rows) {
      const [id, status, path, sha256] = row.map(cellOf);
      if (status === 'ok') {
        yield {
          id: String(id),
          path: String(path),
          sha256: String(sha256),
          status: 'kept',
          reason: null,
          removedBy: null,
        };
      } else {
        yield {
          id: String(id),
          status: 'removed',
          reason: String(status),
          removedBy: 'fetch',
          split: null,
        };
      }
    }
  }
}

/** Writes `fetch.parquet` from the outcomes, whole or not at all; the journal is then not needed. */
export async function writeOutcomes(connection: DuckDBConnection, folder: string): Promise<void> {
  const path = outcomesFile(folder);
  const temporary = temporaryNameFor(path);
  try {
    await connection.run(
      `COPY (SELECT id, url, ${NAMES} FROM outcomes) TO ${literal(temporary)} (FORMAT parquet)`,
    );
    await commitRename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw noSpace(error, path);
  }
  await rm(journalFile(folder), { force: true });
}

/** Returns how many rows of the manifest are in use, and why fetch took the others out. */
export async function countManifest(
  connection: DuckDBConnection,
  folder: string,
): Promise<{ readonly rows: number; readonly reasons: Readonly<Record<string, number>> }> {
  await openManifest(connection, folder);
  const kept = await connection.runAndReadAll(`SELECT count(*) FROM m WHERE status = 'kept'`);
  const removed = await connection.runAndReadAll(
    `SELECT reason, count(*) FROM m WHERE status = 'removed' AND "removedBy" = 'fetch'
     GROUP BY reason ORDER BY count(*) DESC, reason`,
  );
  return {
    rows: Number(kept.getRows()[0]?.[0] ?? 0),
    reasons: Object.fromEntries(
      removed.getRows().map(([reason, count]) => [String(reason), Number(count)]),
    ),
  };
}
