/** SQL over the manifest of a data folder. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { cellOf, literal, quoted, withDatabase } from './database.js';
import { readDatasetRecord } from './dataset-record.js';
import { FIXED_COLUMNS } from './manifest-row.js';
import { columnsOf, manifestFile } from './manifest-stream.js';
import type { Cell } from './cell.js';

/** Counts by name. */
export type Counts = Readonly<Record<string, number>>;

/** Returns counts sorted by name. */
export function sortedCounts(counts: ReadonlyMap<string, number>): Counts {
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** An open manifest for SQL. */
export interface ManifestQuestion {
  readonly connection: DuckDBConnection;
  /** SQL of a table with the kept rows. */
  readonly kept: string;
  /** SQL of a table with all rows. */
  readonly all: string;
  /** SQL types of all columns. */
  readonly types: ReadonlyMap<string, string>;
  /** Names of the label columns. */
  readonly labels: readonly string[];
  /** SQL of a box's width and height in pixels; null without boxes. */
  readonly box: { readonly width: string; readonly height: string } | null;
}

/**
 * Opens the manifest of a data folder for SQL while `work` runs.
 *
 * @throws DataError when the folder holds no readable manifest or record
 */
export async function withManifest<T>(
  folder: string,
  work: (question: ManifestQuestion) => Promise<T>,
): Promise<T> {
  const path = manifestFile(folder);
  const { options } = await readDatasetRecord(folder);
  return await withDatabase(async (connection) => {
    const all = `read_parquet(${literal(path)}, file_row_number = true)`;
    const types = new Map(await columnsOf(connection, all, path));
    types.delete('file_row_number');
    const sides = (low: string, high: string, full: string): string => {
      const fraction = options['boxUnit'] === 'fraction';
      return `(${quoted(high)} - ${quoted(low)})${fraction ? ` * ${full}` : ''}`;
    };
    const boxed = ['x1', 'y1', 'x2', 'y2'].every((name) => types.has(name));
    return await work({
      connection,
      all,
      kept: `(SELECT * FROM ${all} WHERE status = 'kept')`,
      types,
      labels: [...types.keys()].filter((name) => !(name in FIXED_COLUMNS)),
      box: boxed
        ? { width: sides('x1', 'x2', 'width'), height: sides('y1', 'y2', 'height') }
        : null,
    });
  });
}

/** Returns the rows that a query returns, as cells. */
export async function ask(connection: DuckDBConnection, sql: string): Promise<Cell[][]> {
  const result = await connection.runAndReadAll(sql);
  return result.getRows().map((row) => row.map(cellOf));
}

/** Returns a cell as a number; 0 for null. */
export const numberOf = (cell: Cell | undefined): number => Number(cell ?? 0);

const NUMBER = '-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][-+]?[0-9]+)?';
const NUMBER_TEXT = new RegExp(`^${NUMBER}$`);

/** Returns whether a text is a number as numbers are usually written; `007` is a name. */
export function isNumberText(text: string): boolean {
  return NUMBER_TEXT.test(text);
}

/** Returns whether a column's SQL type is a number. */
function isNumberType(type: string | undefined): boolean {
  return type !== undefined && /INT|DOUBLE|FLOAT|DECIMAL/.test(type);
}

/** Returns SQL of whether a value is a number. */
export function isNumberSql(types: ReadonlyMap<string, string>, column: string): string {
  return isNumberType(types.get(column))
    ? 'true'
    : `regexp_full_match(CAST(${quoted(column)} AS VARCHAR), '${NUMBER}')`;
}

/** A column of numbers, or an expression over columns. */
export interface NumberColumn {
  readonly sql: string;
  /** Whether its values are integers, none of which can be infinite. */
  readonly whole: boolean;
}

/** Returns a label column as numbers; another value counts as missing. */
export function labelNumber(types: ReadonlyMap<string, string>, name: string): NumberColumn {
  const type = types.get(name);
  const sql = isNumberType(type) ? quoted(name) : `TRY_CAST(${quoted(name)} AS DOUBLE)`;
  return { sql, whole: type?.includes('INT') === true };
}
