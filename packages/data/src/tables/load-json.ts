import { open } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { DataError } from '@janus/core';
import { literal, quoted } from '../manifest/database.js';
import {
  appendReject,
  plainPath,
  unreadable,
  type LoadedColumn,
  type PartOptions,
  type RejectedLines,
  type TablePart,
} from './table-part.js';
import { loadText } from './load-text.js';
import { plainText, type TextEncoding } from './plain-text.js';
import { columnNames, type Place } from './text-file.js';

/** Rows with more different keys than this are not a table. */
const MAX_COLUMNS = 2000;

/** The JSON types of numbers. */
const NUMBER_TYPES = "('UBIGINT', 'BIGINT', 'DOUBLE', 'HUGEINT', 'UHUGEINT')";

/** Options of {@link loadJson}. */
interface LoadJsonOptions extends PartOptions {
  /** Default: by the byte order mark, else UTF-8. */
  readonly encoding?: TextEncoding;
}

/** The table of what may be rows, as text, and the one of those that are objects. */
const LINES = 'json_lines';
const OBJECTS = 'json_objects';

/**
 * Reads JSON into a table: one object per line, or an array of objects. Keys become columns in the order of
 * their first row; numbers stay numbers, nested values become JSON text. What is not an object is rejected.
 *
 * @throws DataError when an array has no end, or the rows have more than 2000 keys
 */
export async function loadJson(
  connection: DuckDBConnection,
  file: string,
  options: LoadJsonOptions,
): Promise<TablePart> {
  const text = await plainText(file, options);
  let places: readonly Place[] = [{ first: 0, shift: 1 }];
  if ((await letterAt(text, 'first')) === '[') {
    if ((await letterAt(text, 'last')) !== ']') {
      throw unreadable(file, new Error('the array has no end'));
    }
    const path = literal(await plainPath(text, options.work));
    try {
      await connection.run(
        `CREATE TABLE ${LINES} AS SELECT json::VARCHAR AS c0 FROM read_json_objects(${path}, format = 'array')`,
      );
    } catch (error) {
      throw unreadable(file, error);
    }
  } else {
    const { work, rejected } = options;
    const lines = { work, rejected, into: LINES, columns: 'lines', source: file } as const;
    ({ places } = await loadText(connection, text, lines));
  }
  const gone = await rejectOthers(connection, { file, places, rejected: options.rejected });
  const columns = await spread(connection, file, options.into);
  await connection.run(`DROP TABLE ${LINES}`);
  return { table: options.into, columns, places: withoutRows(places, gone) };
}

/** Returns the first or last character of a text that is not white space. */
async function letterAt(path: string, end: 'first' | 'last'): Promise<string | undefined> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const position = end === 'first' ? 0 : Math.max(0, size - 65_536);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(65_536), 0, 65_536, position);
    const text = buffer.subarray(0, bytesRead).toString();
    return end === 'first' ? text.trimStart()[0] : text.trimEnd().at(-1);
  } finally {
    await handle.close();
  }
}

/** Rejects what is not an object, and returns the numbers of those rows. */
async function rejectOthers(
  connection: DuckDBConnection,
  context: {
    readonly file: string;
    readonly places: readonly Place[];
    readonly rejected: RejectedLines;
  },
): Promise<readonly number[]> {
  const found = await connection.runAndReadAll(
    `SELECT rowid, CASE WHEN json_valid(c0) THEN 'not a JSON object' ELSE 'not JSON' END, c0[:120]
     FROM ${LINES} WHERE NOT json_valid(c0) OR json_type(c0) <> 'OBJECT' ORDER BY rowid`,
  );
  const rejected = await connection.createAppender(context.rejected.table);
  const gone: number[] = [];
  let at = 0;
  for (const [rowid, reason, shown] of found.getRows()) {
    const row = Number(rowid);
    while ((context.places[at + 1]?.first ?? Infinity) <= row) at += 1;
    const line = row + (context.places[at]?.shift ?? 1);
    appendReject(rejected, {
      line,
      path: String(shown),
      reason: String(reason),
      source: context.file,
    });
    gone.push(row);
  }
  rejected.closeSync();
  return gone;
}

/** Makes a table of the objects, with one column for each key. */
async function spread(
  connection: DuckDBConnection,
  file: string,
  into: string,
): Promise<LoadedColumn[]> {
  await connection.run(
    `CREATE TABLE ${OBJECTS} AS SELECT rowid AS n, c0 FROM ${LINES} WHERE json_valid(c0) AND json_type(c0) = 'OBJECT'`,
  );
  const met = await connection.runAndReadAll(
    `SELECT key FROM (SELECT n, unnest(json_keys(c0)) AS key, generate_subscripts(json_keys(c0), 1) AS place FROM ${OBJECTS})
     GROUP BY key ORDER BY min(n), min(place) LIMIT ${MAX_COLUMNS + 1}`,
  );
  const keys = met.getRows().map(([key]) => String(key));
  if (keys.length > MAX_COLUMNS) {
    throw new DataError(
      `${file}: rows must share their keys, but there are more than ${MAX_COLUMNS} keys. Check that the file is a table.`,
      { path: file },
    );
  }
  const names = columnNames(keys, file);
  const pointers = keys.map((key) =>
    literal(`/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`),
  );
  const list = `[${pointers.join(', ')}]`;
  const types = await connection.runAndReadAll(
    keys.length === 0
      ? 'SELECT 1'
      : `SELECT ${keys.map((_, i) => `bool_and(t[${i + 1}] IS NULL OR t[${i + 1}] = 'NULL' OR t[${i + 1}] IN ${NUMBER_TYPES})`).join(', ')}
         FROM (SELECT json_type(c0, ${list}) AS t FROM ${OBJECTS})`,
  );
  const numeric = types.getRows()[0] ?? [];
  const columns = names.map((name, i): LoadedColumn => {
    return { name, type: numeric[i] === true ? 'DOUBLE' : 'VARCHAR' };
  });
  const values = columns.map(
    ({ name, type }, i) => `CAST(v[${i + 1}] AS ${type}) AS ${quoted(name)}`,
  );
  await connection.run(
    keys.length === 0
      ? `CREATE TABLE ${into} (column_1 VARCHAR)`
      : `CREATE TABLE ${into} AS SELECT ${values.join(', ')} FROM (SELECT json_extract_string(c0, ${list}) AS v FROM ${OBJECTS})`,
  );
  await connection.run(`DROP TABLE ${OBJECTS}`);
  return columns;
}

/** Returns the places of the rows that are left when some are removed. */
function withoutRows(places: readonly Place[], gone: readonly number[]): readonly Place[] {
  const left: Place[] = [];
  const add = (place: Place): void => {
    if (left.at(-1)?.first === place.first) left.pop();
    left.push(place);
  };
  let removed = 0;
  for (const [i, { first, shift }] of places.entries()) {
    add({ first: first - removed, shift: shift + removed });
    const next = places[i + 1]?.first ?? Infinity;
    for (let row = gone[removed]; row !== undefined && row < next; row = gone[removed]) {
      removed += 1;
      add({ first: row + 1 - removed, shift: shift + removed });
    }
  }
  return left;
}
