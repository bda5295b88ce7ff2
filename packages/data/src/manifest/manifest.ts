import { createHash } from 'node:crypto';
import { isAbsolute, join } from 'node:path';
import type { ManifestRow } from './manifest-row.js';
import { manifestChunks, writeManifestStream } from './manifest-stream.js';
import { writeTable, type TableRow } from './tables.js';
import type { Cell } from './cell.js';

/** An item of the source that did not become a row. */
export interface Reject {
  /** Line or place in the source, from 1; 0 where there is none. */
  readonly row: number;
  readonly path: string;
  readonly reason: string;
  /** The file that `row` refers to, where the source has several. */
  readonly source?: string;
}

/** Returns counts by reason. */
export function countReasons(reasons: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const reason of reasons) counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
}

/** Returns the names of all label columns, in the order in which they first occur. */
export function labelColumnsOf(rows: readonly ManifestRow[]): readonly string[] {
  return [...new Set(rows.flatMap((row) => Object.keys(row.labels)))];
}

/**
 * Writes the manifest, whole or not at all.
 *
 * @throws DataError when two rows have the same id; OptionsError when a label has the name of a fixed column;
 * EnvironmentError when the disk is full
 */
export async function writeManifest(folder: string, rows: readonly ManifestRow[]): Promise<void> {
  await writeManifestStream(folder, rows);
}

/**
 * Returns all rows of a data folder; {@link manifestChunks} reads data sets that do not fit into memory.
 *
 * @throws DataError when the folder holds no readable manifest
 */
export async function readManifest(folder: string): Promise<ManifestRow[]> {
  const rows: ManifestRow[] = [];
  for await (const chunk of manifestChunks(folder)) rows.push(...chunk);
  return rows;
}

/** Writes `rejects.parquet`: what an import could not use, with the reasons. */
export async function writeRejects(folder: string, rejects: readonly Reject[]): Promise<void> {
  await writeTable(
    join(folder, 'rejects.parquet'),
    { row: 'INTEGER', path: 'VARCHAR', reason: 'VARCHAR', source: 'VARCHAR' },
    rejects.map((reject): TableRow => ({ source: null, ...reject })),
  );
}

/** Returns the path of a row's image for opening; `path` is relative to the data folder, or absolute. */
export function imagePathOf(folder: string, path: string): string {
  return isAbsolute(path) ? path : join(folder, path);
}

/**
 * Returns the sha256 of everything that training depends on: id, image, status, split, identity and labels of every
 * row, regardless of their order.
 */
export function manifestHash(rows: readonly ManifestRow[]): string {
  // Lines begin with the id, which is unique, so sorting by id sorts the lines.
  const keys = rows.map(({ id }) => JSON.stringify(id));
  const places = keys.map((_, i) => i);
  const before = (a: number, b: number): boolean => (keys[a] ?? '') < (keys[b] ?? '');
  if (!places.every((i) => i === 0 || before(i - 1, i))) {
    places.sort((a, b) => (before(a, b) ? -1 : 1));
  }
  const entriesOf = entriesInOrder();
  const hash = createHash('sha256');
  places.forEach((place, i) => {
    const row = rows[place];
    if (row === undefined) return;
    const { id, path, sha256, status, split, identity, labels } = row;
    const entries = entriesOf(labels);
    const line = JSON.stringify([id, sha256 ?? path, status, split, identity, entries]);
    hash.update(i === 0 ? line : `\n${line}`);
  });
  return hash.digest('hex');
}

/**
 * Returns a function that returns the entries of labels sorted as text (`name,value`); it sorts the names once for all
 * rows that share them.
 */
function entriesInOrder(): (labels: ManifestRow['labels']) => readonly (readonly [string, Cell])[] {
  let names: readonly string[] = [];
  let order: readonly string[] = [];
  return (labels) => {
    const own = Object.keys(labels);
    // With a comma in a name, the order may depend on the values.
    if (own.some((name) => name.includes(','))) return Object.entries(labels).sort();
    if (own.length !== names.length || own.some((name, i) => name !== names[i])) {
      names = own;
      order = own
        .map((name) => `${name},`)
        .sort()
        .map((text) => text.slice(0, -1));
    }
    return order.map((name) => [name, labels[name] ?? null]);
  };
}
