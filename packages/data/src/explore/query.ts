/** SQL over the tables of a data folder and of runs, for notebooks. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { DataError, OptionsError } from '@janus/core';
import { cellOf, literal, quoted, withDatabase } from '../manifest/database.js';
import { duckdb } from '../manifest/duckdb.js';
import { manifestFile } from '../manifest/manifest-stream.js';
import type { Cell } from '../manifest/cell.js';
import type { TableRow } from '../manifest/tables.js';

const ENDING = /\.(parquet|csv|jsonl?)$/;

/** Returns SQL of a table file. */
function reader(path: string): string {
  if (path.endsWith('.parquet')) return `read_parquet(${literal(path)})`;
  return path.endsWith('.csv')
    ? `read_csv(${literal(path)}, header = true)`
    : `read_json_auto(${literal(path)})`;
}

/**
 * Returns the result of an SQL query over table files: `.parquet`, `.csv`, `.json`, `.jsonl`. The query is one SELECT
 * (or DESCRIBE, SUMMARIZE, PIVOT ... IN), reads these files and no others, and changes nothing. Intermediate results
 * above 400 MB spill to the disk; the result itself is held in memory.
 *
 * @param files paths by the name of the table in the query
 * @param values values of `$1`, `$2`, ... in the query; default none
 * @throws DataError when a file cannot be read as a table; OptionsError when the query is invalid, is not one SELECT, or
 * would read or write anything else
 */
export async function queryTables(
  files: Readonly<Record<string, string>>,
  sql: string,
  values: readonly Cell[] = [],
): Promise<TableRow[]> {
  const names = Object.keys(files);
  return await withDatabase(async (connection) => {
    for (const [name, file] of Object.entries(files)) await addView(connection, name, file);
    const paths = Object.values(files).map((file) => literal(resolve(file)));
    // The order matters: each setting would forbid the ones before it.
    await connection.run(`SET allowed_paths = [${paths.join(', ')}]`);
    await connection.run('SET enable_external_access = false');
    await connection.run('SET lock_configuration = true');
    try {
      return await answer(connection, sql, values);
    } catch (error) {
      if (error instanceof OptionsError) throw error;
      throw new OptionsError(
        `query: must be SQL over the tables ${names.join(', ')}, but ${reasonOf(error)}. Fix the query.`,
        { cause: error },
      );
    }
  });
}

/** Returns the first line of the database's message, without a full stop. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text
    .replace(/^Failed to extract statements: /, '')
    .split('\n')
    .slice(0, 1)
    .join('')
    .replace(/\.$/, '');
}

async function addView(connection: DuckDBConnection, name: string, file: string): Promise<void> {
  const path = resolve(file);
  if (!existsSync(path)) {
    throw new DataError(`${file}: does not exist. Check the path.`, { path: file });
  }
  if (!ENDING.test(path)) {
    throw new OptionsError(
      `query: tables must be .parquet, .csv, .json or .jsonl files, but got ${file}. Convert it.`,
    );
  }
  try {
    await connection.run(`CREATE VIEW ${quoted(name)} AS SELECT * FROM ${reader(path)}`);
  } catch (error) {
    throw new DataError(
      `${file}: must be a readable table, but ${reasonOf(error)}. Check the file.`,
      { path: file, cause: error },
    );
  }
}

async function answer(
  connection: DuckDBConnection,
  sql: string,
  values: readonly Cell[],
): Promise<TableRow[]> {
  if (sql.replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, '').trim() === '') {
    throw new OptionsError('query: must be SQL, but got nothing. Write for example FROM manifest.');
  }
  const statements = await connection.extractStatements(sql);
  const prepared = await statements.prepare(0);
  const { statementType } = prepared;
  // EXPLAIN is refused too, since EXPLAIN ANALYZE runs the statement.
  const { StatementType } = duckdb();
  if (statements.count !== 1 || statementType !== StatementType.SELECT) {
    const what =
      statements.count === 1 ? StatementType[statementType] : `${statements.count} statements`;
    throw new OptionsError(
      `query: must be one SELECT, but got ${what}. Write one SELECT; \`janus data\` commands change the data.`,
    );
  }
  prepared.bind([...values]);
  const result = await prepared.runAndReadAll();
  const names = result.columnNames();
  return result
    .getRows()
    .map((row: readonly DuckDBValue[]) =>
      Object.fromEntries(row.map((value, i) => [names[i] ?? '', cellOf(value)])),
    );
}

/**
 * Returns the result of an SQL query over a data folder: the table `manifest`, and every other `<name>.parquet` in it
 * under its name, such as `rejects`, `fetch` or `leaks`. {@link queryTables} describes what a query may do.
 *
 * @param source a data folder, or an opened data set, whose folder is read again
 * @throws DataError when there is no manifest; OptionsError when the query is invalid or not a SELECT
 * @example
 * await queryDataset('data/faces', 'SELECT split, count(*) AS n FROM manifest GROUP BY ALL');
 */
export async function queryDataset(
  source: string | { readonly folder: string },
  sql: string,
  values: readonly Cell[] = [],
): Promise<TableRow[]> {
  const folder = typeof source === 'string' ? source : source.folder;
  const files: Record<string, string> = { manifest: manifestFile(folder) };
  for (const file of (await readdir(folder)).sort()) {
    if (/^[^.].*\.parquet$/.test(file))
      files[file.slice(0, -'.parquet'.length)] = join(folder, file);
  }
  return await queryTables(files, sql, values);
}
