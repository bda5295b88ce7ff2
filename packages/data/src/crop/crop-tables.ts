/** What is to be cropped and the outcomes, as tables: no list of images is held in memory. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import {
  cellOf,
  countRows,
  literal,
  quoted,
  writeQuery,
  type SqlTable,
} from '../manifest/database.js';
import { FIXED_COLUMNS, type ManifestChange } from '../manifest/manifest-row.js';
import { columnsOf, manifestFile } from '../manifest/manifest-stream.js';
import type { Cell } from '../manifest/cell.js';

/** Returns the path of a data folder's `crop.parquet`, with the outcome of every image. */
export function cropTable(folder: string): string {
  return join(folder, 'crop.parquet');
}

/** Columns of `crop.parquet` and of the journal's lines. */
const COLUMNS = {
  id: 'VARCHAR',
  original: 'VARCHAR',
  status: 'VARCHAR',
  faces: 'INTEGER',
  score: 'DOUBLE',
  x1: 'DOUBLE',
  y1: 'DOUBLE',
  x2: 'DOUBLE',
  y2: 'DOUBLE',
  width: 'INTEGER',
  height: 'INTEGER',
  left: 'INTEGER',
  top: 'INTEGER',
  regionWidth: 'INTEGER',
  regionHeight: 'INTEGER',
  clipped: 'BOOLEAN',
  path: 'VARCHAR',
  sha256: 'VARCHAR',
  outWidth: 'INTEGER',
  outHeight: 'INTEGER',
  boxX1: 'DOUBLE',
  boxY1: 'DOUBLE',
  boxX2: 'DOUBLE',
  boxY2: 'DOUBLE',
} as const;

/**
 * The outcome of an image. `x1` to `y2` are the box that was cropped by, in pixels of the upright original, whose size
 * is `width` and `height`; `boxX1` to `boxY2` are the box in the manifest before.
 */
export type CropLine = Readonly<Record<keyof typeof COLUMNS, Cell | boolean>>;

/** An image that is still to be cropped. */
export interface WantedImage {
  readonly id: string;
  readonly original: string;
  /** The box of the manifest, in the unit of the data set. */
  readonly box: readonly [number, number, number, number] | null;
}

/** SQL of whether crop judges a row; see `judgedBy`. */
const JUDGED = `(m.status = 'kept' OR coalesce(m."removedBy", 'clean') NOT IN ('import', 'fetch')) AND m.path <> ''`;

const BOX = ['x1', 'y1', 'x2', 'y2'] as const;
const BEFORE = ['boxX1', 'boxY1', 'boxX2', 'boxY2'] as const;

/** What is to be cropped, and what has been. */
interface CropPlan {
  /** The rows that crop judges, in the manifest's order; the box is null where the source has none. */
  readonly wanted: SqlTable<'place' | 'id' | 'original' | 'x1' | 'y1' | 'x2' | 'y2'>;
  /** The rows that are done, with the columns of `crop.parquet` and their place in the manifest. */
  readonly lines: SqlTable;
  /** How many rows are wanted. */
  readonly total: number;
  /** How many of them are done. */
  readonly done: number;
}

/**
 * Plans a crop: a row that was cropped before begins at its original again, and lines of the journal that are
 * not of a wanted row are left out.
 *
 * @param journal the file of what a run with the same options has done, whether it exists or not
 */
export async function planCrop(
  connection: DuckDBConnection,
  folder: string,
  journal: string,
): Promise<CropPlan> {
  const path = manifestFile(folder);
  const source = `read_parquet(${literal(path)}, file_row_number = true)`;
  const known = await columnsOf(connection, source, path);
  const read = ['id', 'path', 'status', 'removedBy', ...BOX].map((name) =>
    known.has(name)
      ? `m.${quoted(name)}`
      : `CAST(NULL AS ${FIXED_COLUMNS[name] ?? 'VARCHAR'}) AS ${quoted(name)}`,
  );
  const earlier = existsSync(cropTable(folder))
    ? `read_parquet(${literal(cropTable(folder))})`
    : `(SELECT ${emptyColumns()} WHERE false)`;
  const same = `c.path IS NOT NULL AND m.path = c.path`;
  const box = BOX.map(
    (name, i) =>
      `CASE WHEN ${same} THEN c.${quoted(BEFORE[i] ?? '')} ELSE m.${name} END AS ${name}`,
  );
  const wanted = { table: 'crop_wanted', columns: ['place', 'id', 'original', ...BOX] } as const;
  await connection.run(
    `CREATE TABLE ${wanted.table} AS SELECT m.place, m.id, CASE WHEN ${same} THEN c.original ELSE m.path END AS original, ${box.join(', ')}
     FROM (SELECT ${read.join(', ')}, m.file_row_number AS place FROM ${source} m) m
     LEFT JOIN ${earlier} c ON m.id = c.id WHERE ${JUDGED} ORDER BY m.place`,
  );
  const written = existsSync(journal)
    ? `read_json(${literal(journal)}, format = 'newline_delimited', columns = {${columnTypes()}}, ignore_errors = true)`
    : `(SELECT ${emptyColumns()} WHERE false)`;
  const lines = { table: 'crop_lines', columns: [...Object.keys(COLUMNS), 'place'] } as const;
  await connection.run(
    `CREATE VIEW ${lines.table} AS SELECT j.*, w.place FROM (
       SELECT * FROM ${written} WHERE id IS NOT NULL QUALIFY row_number() OVER (PARTITION BY id) = 1
     ) j JOIN ${wanted.table} w ON j.id = w.id AND j.original = w.original`,
  );
  return {
    wanted,
    lines,
    total: await countRows(connection, wanted.table),
    done: await countRows(connection, lines.table),
  };
}

function columnTypes(): string {
  return Object.entries(COLUMNS)
    .map(([name, type]) => `${quoted(name)}: '${type}'`)
    .join(', ');
}

function emptyColumns(): string {
  return Object.entries(COLUMNS)
    .map(([name, type]) => `CAST(NULL AS ${type}) AS ${quoted(name)}`)
    .join(', ');
}

/** Yields the images that are not done, in the manifest's order, some at a time. */
export async function* wantedImages(
  connection: DuckDBConnection,
  { wanted, lines }: CropPlan,
): AsyncGenerator<readonly WantedImage[], void, void> {
  await connection.run(
    `CREATE TABLE crop_todo AS SELECT * FROM ${wanted.table} ANTI JOIN ${lines.table} USING (id) ORDER BY place`,
  );
  const result = await connection.stream('SELECT id, original, x1, y1, x2, y2 FROM crop_todo');
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) break;
    yield chunk.getRows().map(([id, original, ...numbers]): WantedImage => {
      const [x1, y1, x2, y2] = numbers.map((each) => (each === null ? NaN : Number(each)));
      const box = [x1 ?? NaN, y1 ?? NaN, x2 ?? NaN, y2 ?? NaN] as const;
      return {
        id: String(cellOf(id ?? null)),
        original: String(cellOf(original ?? null)),
        box: box.every((each) => Number.isFinite(each)) ? box : null,
      };
    });
  }
}

/** Returns the counts of what is done. */
export async function countCrops(
  connection: DuckDBConnection,
  { lines }: CropPlan,
): Promise<{
  readonly rows: number;
  readonly clipped: number;
  readonly reasons: Readonly<Record<string, number>>;
}> {
  const counted = await connection.runAndReadAll(
    `SELECT status, count(*), count(*) FILTER (clipped) FROM ${lines.table} GROUP BY status ORDER BY count(*) DESC, status`,
  );
  const counts = counted.getRows().map(([status, count, clipped]) => ({
    status: String(status),
    count: Number(count),
    clipped: Number(clipped),
  }));
  return {
    rows: counts.find(({ status }) => status === 'ok')?.count ?? 0,
    clipped: counts.reduce((sum, { clipped }) => sum + clipped, 0),
    reasons: Object.fromEntries(
      counts.filter(({ status }) => status !== 'ok').map(({ status, count }) => [status, count]),
    ),
  };
}

/** Rows of `crop.parquet` that are read at once. */
const GROUP_ROWS = 20_480;

/** Writes `crop.parquet`, whole or not at all. */
export async function writeCropTable(
  connection: DuckDBConnection,
  folder: string,
  { lines }: CropPlan,
): Promise<void> {
  const names = Object.keys(COLUMNS).map(quoted);
  await writeQuery(connection, `SELECT ${names.join(', ')} FROM ${lines.table} ORDER BY place`, {
    path: cropTable(folder),
    groupRows: GROUP_ROWS,
  });
}

/** Yields the changes of the manifest, read from `crop.parquet`. */
export async function* cropChanges(
  connection: DuckDBConnection,
  folder: string,
): AsyncGenerator<ManifestChange, void, void> {
  const result = await connection.stream(
    `SELECT id, status, path, sha256, "outWidth", "outHeight", original, ${BEFORE.map(quoted).join(', ')}
     FROM read_parquet(${literal(cropTable(folder))})`,
  );
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) break;
    for (const cells of chunk.getRows()) {
      const [id, status, path, sha256, width, height, original, ...before] = cells.map(cellOf);
      yield status === 'ok'
        ? {
            id: String(id),
            path: String(path),
            sha256: String(sha256),
            phash: null,
            width: Number(width),
            height: Number(height),
            ...{ x1: null, y1: null, x2: null, y2: null },
            ...{ status: 'kept', reason: null, removedBy: null },
          }
        : {
            id: String(id),
            path: String(original),
            ...Object.fromEntries(BOX.map((name, i) => [name, before[i] ?? null])),
            ...{ status: 'removed', reason: String(status), removedBy: 'crop', split: null },
          };
    }
  }
}
