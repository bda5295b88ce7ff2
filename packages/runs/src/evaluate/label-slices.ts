/** Accuracy by the values of a data set's label columns, and by pairs of them. */
import {
  bandedColumn,
  holm,
  MIN_CELL,
  OptionsError,
  sliceFrame,
  type NamedColumn,
  type SlicedPredictions,
  type SliceFrame,
  type SlicesRecord,
} from '@janus/core';
import type { Dataset } from '@janus/data';

/** Which slices are made. */
export interface SliceOptions {
  /** Label columns; default all. Every pair of those that are named is crossed. */
  readonly slices?: readonly string[] | undefined;
  /** Smallest group whose accuracy is given; default 20, below which an interval is wider than 40 points. */
  readonly minCell?: number | undefined;
}

/** A column with more groups than this holds names, not groups. */
const MAX_GROUPS = 20;

/** With more columns than this, only pairs with the target are crossed, unless columns are named. */
const MAX_CROSSED = 4;

/**
 * Returns accuracy by the groups of each label column and by intersections, p values corrected for their number; undefined
 * where the data has no column of groups.
 *
 * @param images ids, one per prediction
 * @throws OptionsError when a column that is named is none of the data's
 */
export function labelSlices(
  predictions: SlicedPredictions,
  source: {
    readonly dataset: Dataset;
    readonly images: readonly string[];
    readonly target: string;
  },
  options: SliceOptions = {},
): SlicesRecord | undefined {
  const { dataset, images, target } = source;
  const { minCell = MIN_CELL } = options;
  if (!(Number.isInteger(minCell) && minCell >= 1)) {
    throw new OptionsError(
      `--min-cell: must be a whole number of at least 1, but got ${minCell}. 20 is usual.`,
    );
  }
  const { columns, leftOut } = columnsOf(dataset, images, { target, named: options.slices });
  if (columns.length === 0) return undefined;
  const own: NamedColumn = { name: target, groups: predictions.classes, of: predictions.labels };
  const all = options.slices !== undefined || columns.length <= MAX_CROSSED;
  const pairs = [own, ...(all ? columns : [])].flatMap((first, i) =>
    columns.slice(i).map((second) => [first, second]),
  );
  const frames = [...columns.map((column) => [column]), ...pairs].map((each) =>
    sliceFrame(predictions, each, minCell),
  );
  return { minCell, leftOut, frames: corrected(frames) };
}

/** The columns that are groups, and why others are not. */
function columnsOf(
  dataset: Dataset,
  images: readonly string[],
  { target, named }: { readonly target: string; readonly named: readonly string[] | undefined },
): { readonly columns: readonly NamedColumn[]; readonly leftOut: SlicesRecord['leftOut'] } {
  const stray = named?.find((name) => !dataset.labels.includes(name));
  if (stray !== undefined) {
    throw new OptionsError(
      `--slices: must be label columns of ${dataset.folder} (${dataset.labels.join(', ')}), but got ${stray}. Choose some of them.`,
    );
  }
  const rows = new Map(dataset.rows.map((row) => [row.id, row.labels]));
  const columns: NamedColumn[] = [];
  const leftOut: { column: string; reason: string }[] = [];
  for (const name of named ?? dataset.labels) {
    if (name === target) continue;
    const column = bandedColumn(images.map((id) => rows.get(id)?.[name] ?? null));
    const { length } = column.groups;
    if (length > 1 && length <= MAX_GROUPS) columns.push({ ...column, name });
    else {
      const reason = length < 2 ? 'one value' : `${length} values, more than ${MAX_GROUPS}`;
      leftOut.push({ column: name, reason: length === 0 ? 'no value' : reason });
    }
  }
  return { columns, leftOut };
}

/** Corrects the p values of frames for their number. */
function corrected(frames: readonly SliceFrame[]): readonly SliceFrame[] {
  const tested = frames.filter(({ p }) => p !== undefined);
  const adjusted = holm(tested.map(({ p = 1 }) => p));
  return frames.map((frame) => {
    const at = tested.indexOf(frame);
    return at < 0 ? frame : { ...frame, p: adjusted[at] };
  });
}
