import type { DuckDBConnection } from '@duckdb/node-api';
import { quoted } from '../manifest/database.js';
import type { ColumnType } from '../manifest/tables.js';
import type { LoadedTables } from './load-tables.js';

/** A view of a loaded table in which every column has its type; `n` is the row's number, from 0. */
export interface TypedTable {
  readonly table: string;
  /** Types by column, `n` left out. */
  readonly columns: ReadonlyMap<string, ColumnType>;
}

/** Rows that are looked at before a column of text is checked in full. */
const SAMPLE = 2000;

/**
 * A number as it is usually written: `12`, `-0.5`, `1e-3`; not `007`, `+5` or `nan`, which are codes
 * and words, and at most as many digits as floating point keeps.
 */
const NUMBER = '-?(0|[1-9][0-9]{0,14})(\\.[0-9]{1,15})?([eE][-+]?[0-9]{1,2})?';

/**
 * Makes a view of a loaded table with the type of each column: text in which every value is a number becomes
 * numbers, and numbers that are all whole and fit 32 bits become integers. A column without a value is text.
 */
export async function guessTypes(
  connection: DuckDBConnection,
  { table, columns }: Pick<LoadedTables, 'table' | 'columns'>,
): Promise<TypedTable> {
  const types = new Map<string, ColumnType>();
  for (const { name, type } of columns) types.set(name, type === 'text' ? 'VARCHAR' : type);
  const texts = columns.filter(({ type }) => type === 'text').map(({ name }) => name);
  const likely = await whichHold(connection, texts, {
    test: isNumber,
    from: `(SELECT * FROM ${table} LIMIT ${SAMPLE})`,
  });
  const numbers = await whichHold(connection, likely, { test: isNumber, from: table });
  for (const name of numbers) types.set(name, 'DOUBLE');
  const measures = columns.map(({ name }) => name).filter((name) => types.get(name) === 'DOUBLE');
  const whole = await whichHold(connection, measures, { test: isWhole, from: table });
  for (const name of whole) types.set(name, 'INTEGER');
  const typed = [...types].map(
    ([name, type]) => `CAST(${quoted(name)} AS ${type}) AS ${quoted(name)}`,
  );
  const view = 'typed';
  await connection.run(
    `CREATE VIEW ${view} AS SELECT ${['rowid AS n', ...typed].join(', ')} FROM ${table}`,
  );
  return { table: view, columns: types };
}

function isNumber(column: string): string {
  return `count(${column}) > 0 AND bool_and(${column} IS NULL OR regexp_full_match(${column}, '${NUMBER}'))`;
}

function isWhole(column: string): string {
  const value = `CAST(${column} AS DOUBLE)`;
  return `count(${column}) > 0 AND bool_and(${column} IS NULL OR (${value} = floor(${value}) AND abs(${value}) < 2147483648))`;
}

/** Returns the columns for which a condition on the whole column holds. */
async function whichHold(
  connection: DuckDBConnection,
  names: readonly string[],
  question: { readonly test: (column: string) => string; readonly from: string },
): Promise<readonly string[]> {
  if (names.length === 0) return [];
  const tests = names.map((name) => question.test(quoted(name)));
  const answer = await connection.runAndReadAll(`SELECT ${tests.join(', ')} FROM ${question.from}`);
  const holds = answer.getRows()[0] ?? [];
  return names.filter((_, i) => holds[i] === true);
}
