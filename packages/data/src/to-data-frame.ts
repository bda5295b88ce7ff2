import { createRequire } from 'node:module';
import { DataError } from '@janus/core';
import type { TableRow } from './tables.js';

/** The part of danfojs's DataFrame that notebooks begin with; the object itself has all of it. */
export interface DataFrameLike {
  readonly shape: readonly number[];
  readonly columns: readonly string[];
  head(rows?: number): DataFrameLike;
  describe(): DataFrameLike;
  print(): void;
  toString(): string;
}

/**
 * Returns rows as a danfojs DataFrame. danfojs loads TensorFlow.js when it is first needed, so it is
 * loaded here and nowhere else.
 *
 * @throws DataError when there is no row
 */
export function toDataFrame(rows: readonly TableRow[]): DataFrameLike {
  if (rows.length === 0) {
    throw new DataError('toDataFrame: needs at least one row, but got none. Check the filter.');
  }
  const danfo = createRequire(import.meta.url)('danfojs-node') as {
    DataFrame: new (rows: readonly TableRow[]) => DataFrameLike;
  };
  return new danfo.DataFrame(rows);
}
