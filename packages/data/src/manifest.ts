import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { DataError, OptionsError, writeJson } from '@janus/core';
import { readTable, writeTable, type Cell, type Schema, type TableRow } from './tables.js';

/** The columns that every manifest begins with; label columns follow. */
export const FIXED_COLUMNS: Schema = {
  id: 'VARCHAR',
  path: 'VARCHAR',
  sha256: 'VARCHAR',
  width: 'INTEGER',
  height: 'INTEGER',
  identity: 'VARCHAR',
  status: 'VARCHAR',
  reason: 'VARCHAR',
  split: 'VARCHAR',
};

/** One picture of a data set. */
export interface ManifestRow {
  readonly id: string;
  /** Relative to the data folder, or absolute for pictures left where they are. */
  readonly path: string;
  readonly sha256: string | null;
  readonly width: number | null;
  readonly height: number | null;
  /** Who is on it: pictures of one identity stay in one split. */
  readonly identity: string | null;
  readonly status: 'kept' | 'removed';
  /** Why it was removed. */
  readonly reason: string | null;
  readonly split: 'train' | 'validation' | 'test' | null;
  /** Everything else that is known: text or whole numbers. */
  readonly labels: Readonly<Record<string, Cell>>;
}

/** A thing of the source that did not become a row. */
export interface Reject {
  /** Line or place in the source, counted from 1; 0 where there is none. */
  readonly row: number;
  readonly path: string;
  readonly reason: string;
}

/** What one step did to a data set. */
export interface StepResult {
  /** Rows that are in use after the step. */
  readonly rows: number;
  /** Rows that the step took out. */
  readonly rejected: number;
  readonly reasons: Readonly<Record<string, number>>;
}

/** The story of a data set: `dataset.json`. */
export interface DatasetRecord {
  readonly format: 1;
  readonly name: string;
  readonly source: string;
  readonly licence: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly steps: readonly (StepResult & { readonly step: string; readonly options: unknown })[];
}

const RECORD = 'dataset.json';
const MANIFEST = 'manifest.parquet';

/** Returns counts by reason. */
export function countReasons(reasons: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const reason of reasons) counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
}

/** Returns the names of all label columns, in the order of their first row. */
export function labelColumnsOf(rows: readonly ManifestRow[]): readonly string[] {
  return [...new Set(rows.flatMap((row) => Object.keys(row.labels)))];
}

/**
 * Writes the manifest, whole or not at all.
 *
 * @throws DataError when two rows have one id; OptionsError when a label is called like a fixed column
 */
export async function writeManifest(folder: string, rows: readonly ManifestRow[]): Promise<void> {
  const seen = new Set<string>();
  for (const { id } of rows) {
    if (seen.has(id)) {
      throw new DataError(
        `${folder}: ids must be unique, but ${id} occurs twice. Give the source's id column.`,
        { path: folder },
      );
    }
    seen.add(id);
  }
  const labels = labelColumnsOf(rows);
  const clash = labels.find((name) => name in FIXED_COLUMNS);
  if (clash !== undefined) {
    throw new OptionsError(
      `${folder}: a label column may not be called ${clash}, which is a column of every manifest. Rename it.`,
    );
  }
  const schema: Record<string, 'VARCHAR' | 'INTEGER' | 'DOUBLE'> = {
    ...FIXED_COLUMNS,
  };
  for (const name of labels) {
    const values = rows.map((row) => row.labels[name] ?? null).filter((value) => value !== null);
    const numeric = values.length > 0 && values.every((value) => typeof value === 'number');
    schema[name] = !numeric ? 'VARCHAR' : values.every(Number.isInteger) ? 'INTEGER' : 'DOUBLE';
  }
  await writeTable(
    join(folder, MANIFEST),
    schema,
    rows.map(({ labels: own, ...fixed }): TableRow => ({ ...fixed, ...own })),
  );
}

/**
 * Returns all rows of a data folder.
 *
 * @throws DataError when the folder holds no manifest
 */
export async function readManifest(folder: string): Promise<ManifestRow[]> {
  const path = join(folder, MANIFEST);
  if (!existsSync(path)) {
    throw new DataError(
      `${folder}: a data folder has manifest.parquet, but there is none. Make one with \`janus data import\`.`,
      { path },
    );
  }
  return (await readTable(path)).map(rowOfTable);
}

function rowOfTable(row: TableRow): ManifestRow {
  const text = (name: string): string | null => {
    const value = row[name];
    return value === null || value === undefined ? null : String(value);
  };
  const number = (name: string): number | null => {
    const value = row[name];
    return typeof value === 'number' ? value : null;
  };
  return {
    id: text('id') ?? '',
    path: text('path') ?? '',
    sha256: text('sha256'),
    width: number('width'),
    height: number('height'),
    identity: text('identity'),
    status: text('status') === 'removed' ? 'removed' : 'kept',
    reason: text('reason'),
    split: text('split') as ManifestRow['split'],
    labels: Object.fromEntries(Object.entries(row).filter(([name]) => !(name in FIXED_COLUMNS))),
  };
}

/** Writes what an import could not use, each with its reason. */
export async function writeRejects(folder: string, rejects: readonly Reject[]): Promise<void> {
  await writeTable(
    join(folder, 'rejects.parquet'),
    { row: 'INTEGER', path: 'VARCHAR', reason: 'VARCHAR' },
    rejects.map((reject): TableRow => ({ ...reject })),
  );
}

/** Returns the path of a picture that can be opened. */
export function imagePathOf(folder: string, path: string): string {
  return isAbsolute(path) ? path : join(folder, path);
}

/** Returns the story of a data folder. */
export async function readDatasetRecord(folder: string): Promise<DatasetRecord> {
  const path = join(folder, RECORD);
  try {
    return JSON.parse(await readFile(path, 'utf8')) as DatasetRecord;
  } catch (error) {
    throw new DataError(
      `${path}: a data folder has a readable dataset.json, but this one has not. Make it again with \`janus data import\`.`,
      { path, cause: error },
    );
  }
}

/** Writes `dataset.json`. */
export async function writeDatasetRecord(folder: string, record: DatasetRecord): Promise<void> {
  await writeJson(join(folder, RECORD), record);
}

/** Adds a step to the story of a data folder. */
export async function recordStep(
  folder: string,
  step: string,
  details: { readonly result: StepResult; readonly options: unknown },
): Promise<void> {
  const record = await readDatasetRecord(folder);
  const { rows, rejected, reasons } = details.result;
  const entry = { step, rows, rejected, reasons, options: details.options };
  await writeDatasetRecord(folder, {
    ...record,
    steps: [...record.steps.filter((each) => each.step !== step), entry],
  });
}

/**
 * Returns the sha256 of what training depends on: id, picture, status, split and labels of every row,
 * whatever their order.
 */
export function manifestHash(rows: readonly ManifestRow[]): string {
  const lines = rows.map(({ id, path, sha256, status, split, identity, labels }) =>
    JSON.stringify([id, sha256 ?? path, status, split, identity, Object.entries(labels).sort()]),
  );
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex');
}
