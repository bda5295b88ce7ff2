/** SQL over the manifest of a data folder. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { cellOf, literal, quoted, withDatabase } from './database.js';
import { readDatasetRecord } from './dataset-record.js';
import { FIXED_COLUMNS } from './manifest-row.js';
import { columnsOf, manifestFile } from './manifest-stream.js';
import type { Cell } from './cell.js';

/** Counts by name. */
export type Counts = Readonly<Record<string, number>>;

/** Returns counts in the order of their names. */
export function sortedCounts(counts: ReadonlyMap<string, number>): Counts {
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A manifest that is asked questions. */
export interface ManifestQuestion {
  readonly connection: DuckDBConnection;
  /** SQL of a table that holds the kept rows. */
  readonly kept: string;
  /** SQL of all rows. */
  readonly all: string;
  /** All columns with their types. */
  readonly types: ReadonlyMap<string, string>;
  readonly labels: readonly string[];
  /** SQL of a box's sides in pixels; null without boxes. */
  readonly box: { readonly width: string; readonly height: string } | null;
}

/** Opens the manifest of a data folder for SQL while `work` runs. */
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

/** Returns the rows of an answer as cells. */
export async function ask(connection: DuckDBConnection, sql: string): Promise<Cell[][]> {
  const result = await connection.runAndReadAll(sql);
  return result.getRows().map((row) => row.map(cellOf));
}

/** Returns a count of an answer. */
export const numberOf = (cell: Cell | undefined): number => Number(cell ?? 0);

const NUMBER = '-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][-+]?[0-9]+)?';
const NUMBER_TEXT = new RegExp(`^${NUMBER}$`);

/** Returns whether a text is a number as numbers are written; `007` is a name. */
export function isNumberText(text: string): boolean {
  return NUMBER_TEXT.test(text);
}

/** Returns whether a column's type is one of numbers. */
function isNumberType(type: string | undefined): boolean {
  return type !== undefined && /INT|DOUBLE|FLOAT|DECIMAL/.test(type);
}

/** Returns SQL that is false for a value that is no number. */
export function isNumberSql(types: ReadonlyMap<string, string>, column: string): string {
  return isNumberType(types.get(column))
    ? 'true'
    : `regexp_full_match(CAST(${quoted(column)} AS VARCHAR), '${NUMBER}')`;
}

/** A column of numbers, or what is worked out from columns. */
export interface NumberColumn {
  readonly sql: string;
  /** Whether its values are whole numbers, none of which can be infinite. */
  readonly whole: boolean;
}

/** Returns a label as numbers; what is none is missing. */
export function labelNumber(types: ReadonlyMap<string, string>, name: string): NumberColumn {
  const type = types.get(name);
  const sql = isNumberType(type) ? quoted(name) : `TRY_CAST(${quoted(name)} AS DOUBLE)`;
  return { sql, whole: type?.includes('INT') === true };
}
