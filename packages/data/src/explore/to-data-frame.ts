import { createRequire } from 'node:module';
import { DataError, EnvironmentError } from '@janus/core';
import { FIXED_COLUMNS, type ManifestRow } from '../manifest/manifest-row.js';
import type { Cell } from '../manifest/cell.js';
import type { TableRow } from '../manifest/tables.js';

/** The part of danfojs's DataFrame that is typed here; the object has all of it. */
export interface DataFrameLike {
  readonly shape: readonly number[];
  readonly columns: readonly string[];
  head(rows?: number): DataFrameLike;
  describe(): DataFrameLike;
  print(): void;
  toString(): string;
}

/**
 * Returns a table as a danfojs DataFrame. Missing values are NaN in every column, as danfojs marks them for `isNa`,
 * `dropNa`, `fillNa`, `count` and `mean`; null would make `describe` fail. danfojs loads TensorFlow.js, so it is loaded
 * on the first call only.
 *
 * @param table rows, such as the result of a query, or an opened data set with all its rows, including removed ones
 * @throws DataError when there are no rows; EnvironmentError where danfojs-node is not installed
 */
export function toDataFrame(
  table: readonly TableRow[] | { readonly rows: readonly ManifestRow[] },
): DataFrameLike {
  const rows = 'rows' in table ? table.rows.map(rowOf) : table;
  if (rows.length === 0) {
    throw new DataError('toDataFrame: needs at least one row, but got none. Check the filter.');
  }
  const names = new Set<string>();
  for (const row of rows) for (const name of Object.keys(row)) names.add(name);
  const columns = [...names];
  return new (loadDanfo().DataFrame)(
    rows.map((row) => columns.map((name) => row[name] ?? NaN)),
    { columns },
  );
}

/** The part of danfojs that is used here. */
interface Danfo {
  readonly DataFrame: new (
    values: readonly (readonly Cell[])[],
    options: { readonly columns: readonly string[] },
  ) => DataFrameLike;
}

function loadDanfo(): Danfo {
  try {
    return createRequire(import.meta.url)('danfojs-node') as Danfo;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    throw new EnvironmentError(
      'toDataFrame: needs danfojs-node, which is not installed. Run `npm install danfojs-node@1.2.0`.',
      { cause: error },
    );
  }
}

function rowOf(row: ManifestRow): TableRow {
  const { labels, ...fixed } = row;
  const known: Readonly<Record<string, Cell>> = fixed;
  // In the order of the manifest's columns.
  const cells = Object.keys(FIXED_COLUMNS).map((name): [string, Cell] => [
    name,
    known[name] ?? null,
  ]);
  return Object.fromEntries([...cells, ...Object.entries(labels)]);
}
