import type { Cell, Schema, TableRow } from './tables.js';

/** The columns that every manifest begins with; label columns follow. */
export const FIXED_COLUMNS: Schema = {
  id: 'VARCHAR',
  path: 'VARCHAR',
  url: 'VARCHAR',
  sha256: 'VARCHAR',
  phash: 'VARCHAR',
  width: 'INTEGER',
  height: 'INTEGER',
  x1: 'DOUBLE',
  y1: 'DOUBLE',
  x2: 'DOUBLE',
  y2: 'DOUBLE',
  identity: 'VARCHAR',
  status: 'VARCHAR',
  reason: 'VARCHAR',
  removedBy: 'VARCHAR',
  split: 'VARCHAR',
};

/** The steps that can take a row out, in the order in which they are done. */
export const STEPS = ['import', 'fetch', 'crop', 'clean', 'split'] as const;
export type Step = (typeof STEPS)[number];

/** One picture of a data set. */
export interface ManifestRow {
  readonly id: string;
  /**
   * Relative to the data folder, or absolute for pictures left where they are; empty where only an
   * address is known so far.
   */
  readonly path: string;
  /** Where it is fetched from. */
  readonly url: string | null;
  /** Of the file's bytes, lower-case hexadecimal; before a fetch: what the source says it must be. */
  readonly sha256: string | null;
  /** Perceptual hash, 16 hexadecimal digits. */
  readonly phash: string | null;
  readonly width: number | null;
  readonly height: number | null;
  /** The box of what is shown, in the unit that the data set's record names (`boxUnit`). */
  readonly x1: number | null;
  readonly y1: number | null;
  readonly x2: number | null;
  readonly y2: number | null;
  /** Who is on it: pictures of one identity stay in one split. */
  readonly identity: string | null;
  readonly status: 'kept' | 'removed';
  /** Why it was removed. */
  readonly reason: string | null;
  /** The step that removed it: no earlier step may bring it back, no later one judges it. */
  readonly removedBy: Step | null;
  readonly split: 'train' | 'validation' | 'test' | null;
  /** Everything else that is known: text or numbers. */
  readonly labels: Readonly<Record<string, Cell>>;
}

/** A row with its place in the manifest, and what of it changes; what is not named stays. */
export type ManifestChange = Pick<ManifestRow, 'id'> & Partial<Omit<ManifestRow, 'id'>>;

/**
 * Returns whether `step` judges a row: one that is in use, or that this step or a later one took out.
 */
export function judgedBy(row: Pick<ManifestRow, 'status' | 'removedBy'>, step: Step): boolean {
  if (row.status === 'kept') return true;
  // Folders of before the column existed were only ever cleaned.
  return STEPS.indexOf(row.removedBy ?? 'clean') >= STEPS.indexOf(step);
}

/** Returns a row of the manifest's table as what it means. */
export function rowOfTable(row: TableRow): ManifestRow {
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
    url: text('url'),
    sha256: text('sha256'),
    phash: text('phash'),
    width: number('width'),
    height: number('height'),
    x1: number('x1'),
    y1: number('y1'),
    x2: number('x2'),
    y2: number('y2'),
    identity: text('identity'),
    status: text('status') === 'removed' ? 'removed' : 'kept',
    reason: text('reason'),
    removedBy: text('removedBy') as Step | null,
    split: text('split') as ManifestRow['split'],
    labels: Object.fromEntries(Object.entries(row).filter(([name]) => !(name in FIXED_COLUMNS))),
  };
}
