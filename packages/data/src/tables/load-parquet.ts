import type { DuckDBConnection } from '@duckdb/node-api';
import { literal, quoted } from '../manifest/database.js';
import {
  plainPath,
  unreadable,
  type LoadedColumn,
  type PartOptions,
  type TablePart,
} from './table-part.js';
import { unpacked } from './plain-text.js';
import { columnNames } from './text-file.js';

const WHOLE = /^(U?TINYINT|U?SMALLINT|INTEGER)$/;
const LONG = /^(UINTEGER|U?BIGINT|U?HUGEINT)$/;
const MEASURE = /^(FLOAT|DOUBLE|DECIMAL.*)$/;

/**
 * Reads a Parquet file into a table: numbers as numbers, lists and structs as JSON, everything else as text;
 * columns of bytes (images inside the table) are left out.
 *
 * @throws DataError when the file is not a whole Parquet file
 */
export async function loadParquet(
  connection: DuckDBConnection,
  file: string,
  { into, work }: PartOptions,
): Promise<TablePart> {
  const path = await plainPath(await unpacked(file, work), work);
  const source = `read_parquet(${literal(path)})`;
  try {
    const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${source}`);
    const types = described.getRows().map(([name, type]) => [String(name), String(type)] as const);
    const names = types.map(([name]) => name);
    const columns: LoadedColumn[] = [];
    const values: string[] = [];
    columnNames(names, file);
    for (const [name, type] of types) {
      if (type.includes('BLOB')) continue;
      const column = quoted(name);
      const to = WHOLE.test(type)
        ? 'INTEGER'
        : MEASURE.test(type) || (LONG.test(type) && (await isExact(connection, source, column)))
          ? 'DOUBLE'
          : 'VARCHAR';
      const nested = /^(STRUCT|MAP|UNION)|\]$/.test(type);
      const value = nested ? `to_json(${column})::VARCHAR` : `CAST(${column} AS ${to})`;
      columns.push({ name, type: to });
      values.push(`${value} AS ${column}`);
    }
    await connection.run(`CREATE TABLE ${into} AS SELECT ${values.join(', ')} FROM ${source}`);
    return { table: into, columns, places: [{ first: 0, shift: 1 }] };
  } catch (error) {
    throw unreadable(file, error);
  }
}

/** Returns whether every 64-bit integer of a column is exact as floating point. */
async function isExact(
  connection: DuckDBConnection,
  source: string,
  column: string,
): Promise<boolean> {
  const found = await connection.runAndReadAll(
    `SELECT coalesce(max(abs(CAST(${column} AS HUGEINT))), 0) <= ${Number.MAX_SAFE_INTEGER} FROM ${source}`,
  );
  return found.getRows()[0]?.[0] === true;
}
