import type { SplitName } from './split-name.js';
import type { Cell } from './cell.js';
import type { Schema } from './tables.js';

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

/** The steps that can remove a row, in the order in which they run. */
const STEPS = ['import', 'fetch', 'crop', 'clean', 'split'] as const;
type Step = (typeof STEPS)[number];

/** One image of a data set. */
export interface ManifestRow {
  readonly id: string;
  /**
   * Path of the image, relative to the data folder, or absolute where the image stays outside; empty where only an
   * address is known so far.
   */
  readonly path: string;
  /** Address that the image is fetched from. */
  readonly url: string | null;
  /** sha256 of the file, lower-case hexadecimal; before a fetch: the one that the source states. */
  readonly sha256: string | null;
  /** Perceptual hash, 16 hexadecimal digits. */
  readonly phash: string | null;
  /** Size of the image in pixels; null before it is measured. */
  readonly width: number | null;
  readonly height: number | null;
  /** Box of the person or thing, left, top, right, bottom; its unit is `boxUnit` in the data set's record. */
  readonly x1: number | null;
  readonly y1: number | null;
  readonly x2: number | null;
  readonly y2: number | null;
  /** The person that is shown: images of one identity stay in one split. */
  readonly identity: string | null;
  readonly status: 'kept' | 'removed';
  /** Why the row was removed; null for a kept row. */
  readonly reason: string | null;
  /** The step that removed the row: earlier steps cannot restore it, and later ones do not judge it. */
  readonly removedBy: Step | null;
  readonly split: SplitName | null;
  /** Labels by column: text or numbers. */
  readonly labels: Readonly<Record<string, Cell>>;
}

/** Returns a row of an image that no step has looked at: kept, in no split; what is not given is null. */
export function newRow(
  row: Pick<ManifestRow, 'id' | 'path' | 'labels'> & Partial<ManifestRow>,
): ManifestRow {
  return {
    url: null,
    sha256: null,
    phash: null,
    width: null,
    height: null,
    x1: null,
    y1: null,
    x2: null,
    y2: null,
    identity: null,
    status: 'kept',
    reason: null,
    removedBy: null,
    split: null,
    ...row,
  };
}

/** The id of a row and the fields that change; the others stay. */
export type ManifestChange = Pick<ManifestRow, 'id'> & Partial<Omit<ManifestRow, 'id'>>;

/**
 * Returns whether `step` judges a row: a kept one, or one that this step or a later one removed.
 */
export function judgedBy(row: Pick<ManifestRow, 'status' | 'removedBy'>, step: Step): boolean {
  if (row.status === 'kept') return true;
  // Before the column existed, only clean removed rows.
  return STEPS.indexOf(row.removedBy ?? 'clean') >= STEPS.indexOf(step);
}

/** Distinct texts up to which a column shares them between rows: one with more holds names, not classes. */
const MAX_SHARED = 256;

/**
 * Returns a function that returns the same object for equal texts, so that a million rows do not hold a million copies
 * of `kept`.
 */
function sharing(): (value: Cell) => Cell {
  const known = new Map<string, string>();
  let open = true;
  return (value) => {
    if (!open || typeof value !== 'string') return value;
    const found = known.get(value);
    if (found !== undefined) return found;
    open = known.size < MAX_SHARED;
    if (open) known.set(value, value);
    else known.clear();
    return value;
  };
}

/** Converts columns of cells, all of one length, to rows. */
type RowReader = (columns: readonly (readonly Cell[])[]) => ManifestRow[];

/** Returns a reader of tables with these columns; absent ones read as null. */
export function rowReader(names: readonly string[]): RowReader {
  const share = names.map(sharing);
  const labels = names.flatMap((name, k) => (name in FIXED_COLUMNS ? [] : [[name, k] as const]));
  return (pieces) => {
    const columns = pieces.map((values, k) => values.map((value) => share[k]?.(value) ?? value));
    const column = (name: string): readonly Cell[] => columns[names.indexOf(name)] ?? [];
    const texts = (name: string): readonly (string | null)[] =>
      column(name).map((value) => (value === null ? null : String(value)));
    const numbers = (name: string): readonly (number | null)[] =>
      column(name).map((value) => (typeof value === 'number' ? value : null));
    const [id, path, url, sha256] = [texts('id'), texts('path'), texts('url'), texts('sha256')];
    const [phash, width, height] = [texts('phash'), numbers('width'), numbers('height')];
    const [x1, y1, x2, y2] = [numbers('x1'), numbers('y1'), numbers('x2'), numbers('y2')];
    const [identity, status, reason] = [texts('identity'), texts('status'), texts('reason')];
    const [removedBy, split] = [texts('removedBy'), texts('split')];
    return (columns[0] ?? []).map((_, i): ManifestRow => {
      const own: Record<string, Cell> = {};
      for (const [name, k] of labels) own[name] = columns[k]?.[i] ?? null;
      return {
        id: id[i] ?? '',
        path: path[i] ?? '',
        url: url[i] ?? null,
        sha256: sha256[i] ?? null,
        phash: phash[i] ?? null,
        width: width[i] ?? null,
        height: height[i] ?? null,
        x1: x1[i] ?? null,
        y1: y1[i] ?? null,
        x2: x2[i] ?? null,
        y2: y2[i] ?? null,
        identity: identity[i] ?? null,
        status: status[i] === 'removed' ? 'removed' : 'kept',
        reason: reason[i] ?? null,
        removedBy: (removedBy[i] ?? null) as Step | null,
        split: (split[i] ?? null) as ManifestRow['split'],
        labels: own,
      };
    });
  };
}
