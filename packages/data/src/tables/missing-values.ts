/** Cells that hold a word for nothing, such as `NA`. */

import type { DuckDBConnection } from '@duckdb/node-api';
import { literal, quoted } from '../manifest/database.js';
import type { Counts } from '../manifest/manifest-question.js';
import type { LoadedTables } from './load-tables.js';
import type { LoadedColumn } from './table-part.js';

/**
 * Words that stand for a missing value, as written; those that pandas reads as missing (`pandas.read_csv`, `na_values`,
 * version 2.2). `none` and `unknown` in lower case are values.
 */
export const MISSING_VALUES: readonly string[] = [
  ...['NA', 'N/A', 'n/a', '#N/A', '#N/A N/A', '#NA', '<NA>'],
  ...['NaN', 'nan', '-NaN', '-nan', '1.#IND', '-1.#IND', '1.#QNAN', '-1.#QNAN'],
  ...['NULL', 'null', 'None'],
];

/** The cells of a table that hold nothing. */
export interface MissingCells {
  /**
   * SQL of each column's value: null where the cell is empty or holds a word for nothing; text of a file of text without
   * the blanks around it (`a.jpg, cat`).
   */
  readonly valueOf: (column: string) => string;
  /**
   * Cells that hold a word for nothing by column, then by word (the empty text: an empty cell); only columns in which
   * there is one.
   */
  readonly counts: Readonly<Record<string, Counts>>;
  /** Columns without a value. */
  readonly empty: ReadonlySet<string>;
}

/**
 * Finds the cells of a loaded table that hold nothing: empty or blank ones, numbers that are NaN, and the given words.
 *
 * @param words as written, case included; spaces around them do not count
 */
export async function findMissing(
  connection: DuckDBConnection,
  { table, columns }: Pick<LoadedTables, 'table' | 'columns'>,
  words: readonly string[],
): Promise<MissingCells> {
  const list = ['', ...words.map((word) => word.trim())].map(literal).join(', ');
  const isMissing = ({ name, type }: LoadedColumn): string | undefined => {
    if (type === 'INTEGER') return undefined;
    return type === 'DOUBLE' ? `isnan(${quoted(name)})` : `trim(${quoted(name)}) IN (${list})`;
  };
  const counted = columns.flatMap((column) => {
    const condition = isMissing(column) ?? 'false';
    const own = quoted(column.name);
    const blanks = column.type === 'text' ? `${own} <> trim(${own})` : 'false';
    return [condition, `${own} IS NOT NULL`, blanks].map(
      (each) => `count(*) FILTER (WHERE ${each})`,
    );
  });
  const found = await connection.runAndReadAll(
    columns.length === 0 ? 'SELECT 1' : `SELECT ${counted.join(', ')} FROM ${table}`,
  );
  const numbers = (found.getRows()[0] ?? []).map(Number);
  const values = new Map<string, string>();
  const empty = new Set<string>();
  const counts: Record<string, Counts> = {};
  for (const [i, column] of columns.entries()) {
    const [missing = 0, present = 0, blanks = 0] = numbers.slice(3 * i, 3 * i + 3);
    const { name } = column;
    if (missing === present) empty.add(name);
    const value = blanks === 0 ? quoted(name) : `trim(${quoted(name)})`;
    values.set(name, value);
    if (missing === 0) continue;
    const condition = isMissing(column) ?? 'false';
    values.set(name, `CASE WHEN ${condition} THEN NULL ELSE ${value} END`);
    const own = await wordsOf(connection, { table, name, condition });
    if (Object.keys(own).some((word) => word !== '')) counts[name] = own;
  }
  return { valueOf: (column) => values.get(column) ?? quoted(column), counts, empty };
}

/** Returns how often each word for nothing stands in a column, the most frequent first. */
async function wordsOf(
  connection: DuckDBConnection,
  {
    table,
    name,
    condition,
  }: { readonly table: string; readonly name: string; readonly condition: string },
): Promise<Counts> {
  const column = quoted(name);
  const found = await connection.runAndReadAll(
    `SELECT coalesce(trim(CAST(${column} AS VARCHAR)), '') AS word, count(*) FROM ${table}
     WHERE ${column} IS NULL OR ${condition} GROUP BY word ORDER BY count(*) DESC, word`,
  );
  return Object.fromEntries(found.getRows().map(([word, count]) => [String(word), Number(count)]));
}
