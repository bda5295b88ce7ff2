import { basename, resolve } from 'node:path';
import { DataError, OptionsError } from '@janus/core';
import { imagePathOf, labelColumnsOf, manifestHash, readManifest } from './manifest.js';
import { readDatasetRecord, type DatasetRecord } from './dataset-record.js';
import type { ManifestRow } from './manifest-row.js';
import type { SplitName } from './split-name.js';

/** An opened data folder. */
export interface Dataset {
  readonly folder: string;
  /** The folder's name. */
  readonly name: string;
  /** sha256 of everything that training depends on, see `manifestHash`. */
  readonly hash: string;
  readonly record: DatasetRecord;
  /** All rows, including removed ones. */
  readonly rows: readonly ManifestRow[];
  /** Names of the label columns. */
  readonly labels: readonly string[];
}

/**
 * Opens a data folder; all its rows are held in memory.
 *
 * @throws DataError when the folder holds no readable manifest or record
 */
export async function openDataset(folder: string): Promise<Dataset> {
  const rows = await readManifest(folder);
  return {
    folder,
    name: basename(resolve(folder)),
    hash: manifestHash(rows),
    record: await readDatasetRecord(folder),
    rows,
    labels: labelColumnsOf(rows),
  };
}

/** Conditions that a row must meet, all of them: a value, as text, by label column. */
export type Filter = Readonly<Record<string, string>>;

/**
 * Parses conditions written as `column=value[,column=value]`.
 *
 * @throws OptionsError when a condition has no equals sign or no column
 */
export function parseFilter(text: string): Filter {
  return Object.fromEntries(
    text.split(',').map((piece): [string, string] => {
      const at = piece.indexOf('=');
      if (at < 1) {
        throw new OptionsError(
          `filter: must be column=value[,column=value], but got ${text}. Write for example gender=female.`,
        );
      }
      return [piece.slice(0, at).trim(), piece.slice(at + 1).trim()];
    }),
  );
}

/** Options of {@link keptRows}. */
export interface RowsOptions {
  /** Default: rows of all splits, and of none. */
  readonly split?: SplitName;
  /** Default: no conditions. */
  readonly filter?: Filter;
}

/**
 * Returns the kept rows of a data set that meet the conditions, in the order of the manifest.
 *
 * @throws OptionsError when there is no label column of a condition's name, or no kept row of any split has its value:
 * then it lists the values
 */
export function keptRows(dataset: Dataset, options: RowsOptions = {}): readonly ManifestRow[] {
  const { split, filter = {} } = options;
  for (const [column, value] of Object.entries(filter)) requireValue(dataset, column, value);
  return dataset.rows.filter(
    (row) =>
      row.status === 'kept' &&
      (split === undefined || row.split === split) &&
      Object.entries(filter).every(([column, value]) => valueOf(row, column) === value),
  );
}

/** Returns the value of a label as text; null where there is none. */
function valueOf({ labels }: ManifestRow, column: string): string | null {
  const value = labels[column] ?? null;
  return value === null ? null : String(value);
}

/** Values of a column that a message lists. */
const VALUES_SHOWN = 10;

/** Throws an OptionsError that lists the values when no kept row has `value` in `column`. */
function requireValue(dataset: Dataset, column: string, value: string): void {
  requireLabel(dataset, column);
  const kept = dataset.rows.filter((row) => row.status === 'kept');
  if (kept.some((row) => valueOf(row, column) === value)) return;
  const counts = new Map<string, number>();
  for (const row of kept) {
    const each = valueOf(row, column);
    if (each !== null) counts.set(each, (counts.get(each) ?? 0) + 1);
  }
  const shown = [...counts]
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, VALUES_SHOWN)
    .map(([each, count]) => `${each} (${count})`);
  const more = counts.size - shown.length;
  const list = `${shown.join(', ') || 'none'}${more > 0 ? ` and ${more} more` : ''}`;
  throw new OptionsError(
    `${dataset.folder}: ${column} must be a value that kept images have (${list}), but got ${value || 'nothing'}. Choose one of them.`,
  );
}

/** Throws an OptionsError that lists the label columns when `column` is not one of them. */
function requireLabel(dataset: Dataset, column: string): void {
  if (dataset.labels.includes(column)) return;
  throw new OptionsError(
    `${dataset.folder}: a target or filter must be a label column (${dataset.labels.join(', ')}), but got ${column}. Choose one of them.`,
  );
}

/**
 * Returns the values of a label column among the kept rows, sorted; the index of a value is its class number.
 *
 * @throws OptionsError when there is no such label column; DataError when it has fewer than two values
 */
export function classesOf(dataset: Dataset, column: string): readonly string[] {
  requireLabel(dataset, column);
  const values = new Set<string>();
  for (const row of keptRows(dataset)) {
    const value = valueOf(row, column);
    if (value !== null) values.add(value);
  }
  if (values.size < 2) {
    throw new DataError(
      `${dataset.folder}: ${column} must have at least two classes among the kept rows, but has ${[...values].join(', ') || 'none'}. Choose another column, or import the other class.`,
      { path: dataset.folder },
    );
  }
  return [...values].sort();
}

/** An image with its class. */
export interface LabelledItem {
  readonly id: string;
  /** Path that can be opened. */
  readonly path: string;
  /** Class number: index in {@link classesOf}. */
  readonly label: number;
  /** The identity, or the id where the identity is not known. */
  readonly cluster: string;
}

/**
 * Returns the kept rows that meet the conditions and have a value of `column`, as images with class numbers.
 *
 * @throws OptionsError when there is no such label column; DataError when it has fewer than two classes
 */
export function labelledItems(
  dataset: Dataset,
  column: string,
  options: RowsOptions = {},
): readonly LabelledItem[] {
  const classes = classesOf(dataset, column);
  return keptRows(dataset, options).flatMap((row) => {
    const value = valueOf(row, column);
    if (value === null) return [];
    return [
      {
        id: row.id,
        path: imagePathOf(dataset.folder, row.path),
        label: classes.indexOf(value),
        cluster: row.identity ?? row.id,
      },
    ];
  });
}
