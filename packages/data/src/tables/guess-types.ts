import type { DuckDBConnection } from '@duckdb/node-api';
import { quoted } from '../manifest/database.js';
import type { LoadedColumn } from './table-part.js';
import type { ColumnType } from '../manifest/tables.js';

/** Rows that are looked at before a column of text is checked whole. */
const SAMPLE = 2000;

/**
 * A number as it is usually written: `12`, `-0.5`, `1e-3`; not `007`, `+5` or `nan`, which are codes
 * and words, and not more digits than floating point keeps.
 */
const NUMBER = '-?(0|[1-9][0-9]{0,14})(\\.[0-9]{1,15})?([eE][-+]?[0-9]{1,2})?';

/**
 * Returns what type each column of `source` has: text in which every value is a number is numbers,
 * and numbers that all are whole and fit 32 bits are whole numbers. A column without a value is text.
 */
export async function guessTypes(
  connection: DuckDBConnection,
  columns: readonly LoadedColumn[],
): Promise<ReadonlyMap<string, ColumnType>> {
  const types = new Map<string, ColumnType>();
  for (const { name, type } of columns) types.set(name, type === 'text' ? 'VARCHAR' : type);
  const texts = columns.filter(({ type }) => type === 'text').map(({ name }) => name);
  const likely = await whichHold(connection, texts, {
    test: isNumber,
    from: `(SELECT * FROM source LIMIT ${SAMPLE})`,
  });
  const numbers = await whichHold(connection, likely, { test: isNumber, from: 'source' });
  for (const name of numbers) types.set(name, 'DOUBLE');
  const measures = columns.map(({ name }) => name).filter((name) => types.get(name) === 'DOUBLE');
  const whole = await whichHold(connection, measures, { test: isWhole, from: 'source' });
  for (const name of whole) types.set(name, 'INTEGER');
  return types;
}

function isNumber(column: string): string {
  return `count(${column}) > 0 AND bool_and(${column} IS NULL OR regexp_full_match(${column}, '${NUMBER}'))`;
}

function isWhole(column: string): string {
  const value = `CAST(${column} AS DOUBLE)`;
  return `count(${column}) > 0 AND bool_and(${column} IS NULL OR (${value} = floor(${value}) AND abs(${value}) < 2147483648))`;
}

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
