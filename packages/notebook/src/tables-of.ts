/** Tables of what notebooks have: rows, DataFrames, records. */
import type { Table } from './table.js';

/** The part of a danfojs DataFrame that is shown. */
export interface FrameLike {
  readonly columns: readonly string[];
  /** Cells [row][column]. */
  readonly values: readonly unknown[];
  /** Names of the rows; counted from 0 where nothing else was set. */
  readonly index: readonly (string | number)[];
}

/** Returns whether a value is a DataFrame. */
export const isFrame = (value: object): value is FrameLike =>
  ['columns', 'values', 'index'].every((name) =>
    Array.isArray((value as Readonly<Record<string, unknown>>)[name]),
  );

/** Returns a DataFrame as a table; rows that have names get a column of them. */
export function tableOfFrame({ columns, values, index }: FrameLike): Table {
  const rows = values.map((row) => (Array.isArray(row) ? (row as readonly unknown[]) : [row]));
  const isNamed = index.some((name, i) => name !== i);
  if (!isNamed) return { columns, rows };
  return { columns: ['', ...columns], rows: rows.map((row, i) => [index[i], ...row]) };
}

/** Returns rows as a table, with the columns of all of them in the order in which they occur. */
export function tableOfRows(rows: readonly object[]): Table {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return {
    columns,
    rows: rows.map((row) =>
      columns.map((name) => (row as Readonly<Record<string, unknown>>)[name]),
    ),
  };
}

/** Returns a record as a table of names and values; records in it follow with `outer.inner` as their names. */
export function tableOfRecord(record: object): Table {
  return { columns: ['', 'value'], rows: linesOf(record, '') };
}

function linesOf(record: object, prefix: string): readonly (readonly unknown[])[] {
  return Object.entries(record).flatMap(([name, value]: [string, unknown]) =>
    isPlain(value) ? linesOf(value, `${prefix}${name}.`) : [[`${prefix}${name}`, value]],
  );
}

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' &&
  value !== null &&
  Object.getPrototypeOf(value) === Object.prototype &&
  !('low' in value && 'high' in value);
