import type { DuckDBConnection } from '@duckdb/node-api';
import { quoted } from '../manifest/database.js';
import type { ColumnType } from '../manifest/tables.js';
import type { LoadedTables } from './load-tables.js';
import { findMissing, type MissingCells } from './missing-values.js';

/** A view of a loaded table in which every column has its type; `n` is the row's number, from 0. */
export interface TypedTable {
  readonly table: string;
  /** Types by column, `n` left out. */
  readonly columns: ReadonlyMap<string, ColumnType>;
  /** What stands for a missing value; null in the view. */
  readonly missing: Pick<MissingCells, 'counts' | 'empty'>;
  /** Columns whose numbers are written with a decimal comma. */
  readonly decimalCommas: readonly string[];
}

/** Rows that are looked at before a column of text is checked in full. */
const SAMPLE = 2000;

/**
 * A number as it is usually written: `12`, `-0.5`, `1e-3`; not `007`, `+5` or `nan`, which are codes
 * and words, and at most as many digits as floating point keeps.
 */
const NUMBER = '-?(0|[1-9][0-9]{0,14})(\\.[0-9]{1,15})?([eE][-+]?[0-9]{1,2})?';

/** The same with a decimal comma: `20,5`. A point would be ambiguous beside it. */
const COMMA_NUMBER = '-?(0|[1-9][0-9]{0,14})(,[0-9]{1,15})?([eE][-+]?[0-9]{1,2})?';

/**
 * Makes a view of a loaded table with the type of each column: text in which every value is a number becomes
 * numbers, and numbers that are all whole and fit 32 bits become integers. A column without a value is text. Where the cells
 * are not separated by commas, numbers may have a decimal comma.
 *
 * @param missingValues words that stand for a missing value; an empty cell always does
 */
export async function guessTypes(
  connection: DuckDBConnection,
  loaded: Pick<LoadedTables, 'table' | 'columns' | 'decimalComma'>,
  missingValues: readonly string[] = [],
): Promise<TypedTable> {
  const { table, columns } = loaded;
  const { valueOf, ...missing } = await findMissing(connection, loaded, missingValues);
  const types = new Map<string, ColumnType>();
  for (const { name, type } of columns) types.set(name, type === 'text' ? 'VARCHAR' : type);
  const texts = columns.filter(({ type }) => type === 'text').map(({ name }) => name);
  const whichAre = async (names: readonly string[], number: string): Promise<readonly string[]> => {
    const test = (column: string): string => isNumber(valueOf(column), number);
    const sample = `(SELECT * FROM ${table} LIMIT ${SAMPLE})`;
    const likely = await whichHold(connection, names, { test, from: sample });
    return await whichHold(connection, likely, { test, from: table });
  };
  const numbers = new Set(await whichAre(texts, NUMBER));
  const others = loaded.decimalComma ? texts.filter((name) => !numbers.has(name)) : [];
  const decimalCommas = await whichAre(others, COMMA_NUMBER);
  for (const name of [...numbers, ...decimalCommas]) types.set(name, 'DOUBLE');
  const typedValue = (name: string): string =>
    decimalCommas.includes(name) ? `replace(${valueOf(name)}, ',', '.')` : valueOf(name);
  const measures = columns.map(({ name }) => name).filter((name) => types.get(name) === 'DOUBLE');
  const whole = await whichHold(connection, measures, {
    test: (column) => isWhole(typedValue(column)),
    from: table,
  });
  for (const name of whole) types.set(name, 'INTEGER');
  const typed = [...types].map(
    ([name, type]) => `CAST(${typedValue(name)} AS ${type}) AS ${quoted(name)}`,
  );
  const view = 'typed';
  await connection.run(
    `CREATE VIEW ${view} AS SELECT ${['rowid AS n', ...typed].join(', ')} FROM ${table}`,
  );
  return { table: view, columns: types, missing, decimalCommas };
}

function isNumber(value: string, number: string): string {
  return `count(${value}) > 0 AND bool_and((${value}) IS NULL OR regexp_full_match(${value}, '${number}'))`;
}

function isWhole(text: string): string {
  const value = `CAST(${text} AS DOUBLE)`;
  return `count(${text}) > 0 AND bool_and((${text}) IS NULL OR (${value} = floor(${value}) AND abs(${value}) < 2147483648))`;
}

/** Returns the columns for which a condition on the whole column holds. */
async function whichHold(
  connection: DuckDBConnection,
  names: readonly string[],
  question: { readonly test: (column: string) => string; readonly from: string },
): Promise<readonly string[]> {
  if (names.length === 0) return [];
  const tests = names.map(question.test);
  const answer = await connection.runAndReadAll(`SELECT ${tests.join(', ')} FROM ${question.from}`);
  const holds = answer.getRows()[0] ?? [];
  return names.filter((_, i) => holds[i] === true);
}
