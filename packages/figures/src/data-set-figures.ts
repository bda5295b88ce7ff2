/** Chooses the figures of a data set from its counts. */
import { ageColumnKind, areBands, type BinGrid, type Bins } from '@janus/core';
import { cleaningFlow } from './cleaning-flow.js';
import {
  bandDistribution,
  missingValues,
  sizeMap,
  stepFunnel,
  type FunnelStep,
} from './data-set.js';
import { histogram, labelDistribution, splitBalance, type ValueCounts } from './distributions.js';
import type { Figure } from './figure.js';

/** The distribution of sizes in pixels. */
export interface SizeCounts {
  /** Counts by width (x) and height (y). */
  readonly grid: BinGrid;
  readonly median: { readonly width: number; readonly height: number };
}

/** Counts of a data set; whatever is left out gets no figure. */
export interface DataSetCounts {
  /** The steps in the order in which they ran, with the rows left and removed by each. */
  readonly steps: readonly {
    readonly step: string;
    readonly rows: number;
    readonly rejected: number;
    readonly reasons: ValueCounts;
  }[];
  /** Images in use; everything below is counted over these. */
  readonly kept?: number | undefined;
  /** Counts by column, then by value. */
  readonly distributions?: Readonly<Record<string, ValueCounts>> | undefined;
  /** Counts by column, then by split, then by value. */
  readonly splitBalances?:
    Readonly<Record<string, Readonly<Record<string, ValueCounts>>>> | undefined;
  /** Images without a value, by column. */
  readonly missing?: ValueCounts | undefined;
  /** Binned values of numeric columns. */
  readonly numbers?: Readonly<Record<string, Bins>> | undefined;
  /** Sizes of the images. */
  readonly sizes?: SizeCounts | undefined;
  /** Sizes of the face or object boxes. */
  readonly boxes?: SizeCounts | undefined;
}

/** One figure of {@link dataSetFigures}. */
export interface DataSetFigure {
  /** Unique, and usable as a file name: `column-age-group`. */
  readonly name: string;
  readonly about: 'steps' | 'column' | 'split' | 'missing' | 'sizes' | 'boxes';
  /** The column, where `about` is `column` or `split`. */
  readonly column?: string;
  readonly figure: Figure;
}

/** Options of {@link dataSetFigures}. */
export interface DataSetFiguresOptions {
  /** Columns shown first; only their splits are compared. Default: no column first, splits of all. */
  readonly targets?: readonly string[];
  /** Largest number of columns that get a figure; default 30. */
  readonly maxColumns?: number;
}

/** How each step is called in the figure. */
const STEP_NAMES: Readonly<Record<string, string>> = {
  import: 'Imported',
  fetch: 'Fetched',
  crop: 'Cropped',
  clean: 'Cleaned',
  split: 'Split',
};

/** A numeric column with more distinct values gets a histogram instead of bars. */
const MAX_BARS = 12;
/** A column with more classes gets no comparison of its splits. */
const MAX_CLASSES = 20;

const total = (counts: ValueCounts): number => Object.values(counts).reduce((sum, n) => sum + n, 0);

/**
 * Draws the figures of a data set: rows left after each step, columns (targets, then ages, then others),
 * splits, missing values, and sizes of images and boxes. A figure that would be empty is left out.
 */
export function dataSetFigures(
  counts: DataSetCounts,
  options: DataSetFiguresOptions = {},
): readonly DataSetFigure[] {
  const { targets, maxColumns = 30 } = options;
  const figures: DataSetFigure[] = [];
  const add = (about: DataSetFigure['about'], figure: Figure, column?: string): void => {
    const name = column === undefined ? about : `${about}-${fileName(column)}`;
    const taken = figures.filter((each) => each.name.startsWith(name)).length;
    figures.push({
      name: figures.some((each) => each.name === name) ? `${name}-${taken + 1}` : name,
      about,
      ...(column === undefined ? {} : { column }),
      figure,
    });
  };
  const { steps } = counts;
  if ((steps[0]?.rows ?? 0) + (steps[0]?.rejected ?? 0) > 0) {
    add('steps', stepFunnel(named(steps)));
  }
  for (const column of columnsOf(counts, targets ?? []).slice(0, maxColumns)) {
    const figure = columnFigure(counts, column);
    if (figure !== undefined) add('column', figure, column);
  }
  const balances = Object.entries(counts.splitBalances ?? {}).filter(
    ([column]) => targets?.includes(column) ?? true,
  );
  for (const [column, splits] of balances) {
    const classes = new Set(Object.values(splits).flatMap((split) => Object.keys(split)));
    if (classes.size < 2 || classes.size > MAX_CLASSES) continue;
    add('split', splitBalance(splits, { title: `${column} in each split` }), column);
  }
  const { kept, missing = {}, sizes, boxes } = counts;
  if (kept !== undefined && kept > 0 && total(missing) > 0) {
    add('missing', missingValues(missing, { rows: kept }));
  }
  if (sizes !== undefined && spreads(sizes)) {
    add('sizes', sizeMap(sizes.grid, { title: 'Sizes of the images', median: sizes.median }));
  }
  if (boxes !== undefined && spreads(boxes)) {
    const { grid, median } = boxes;
    add('boxes', sizeMap(grid, { title: 'Sizes of the boxes', median, unit: 'boxes' }));
  }
  return figures;
}

/** Returns steps as the figures call them. */
function named(steps: DataSetCounts['steps']): readonly FunnelStep[] {
  return steps.map((step) => ({ ...step, name: STEP_NAMES[step.step] ?? step.step }));
}

/** Draws where the rows of a data set went, from step to step; undefined where no step removed any. */
export function dataSetFlow({ steps }: Pick<DataSetCounts, 'steps'>): Figure | undefined {
  const removing = steps.filter(({ rejected }) => rejected > 0);
  return removing.length === 0 ? undefined : cleaningFlow(named(removing));
}

/** Returns whether sizes fall into more than one bin. */
function spreads({ grid }: SizeCounts): boolean {
  return grid.counts.flat().filter((n) => n > 0).length > 1;
}

function fileName(column: string): string {
  return (
    column
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '') || 'column'
  );
}

/** Returns the columns that have a figure: targets, ages, others, then those on how the set was made. */
function columnsOf(counts: DataSetCounts, targets: readonly string[]): readonly string[] {
  const rank = (column: string): number => {
    if (targets.includes(column)) return 0;
    if (column === 'planted' || column === 'split' || column.endsWith('_truth')) return 3;
    return ageColumnKind(column) === undefined ? 2 : 1;
  };
  const all = [
    ...new Set([...Object.keys(counts.distributions ?? {}), ...Object.keys(counts.numbers ?? {})]),
  ];
  return all
    .filter((column) => columnFigure(counts, column) !== undefined)
    .sort((a, b) => rank(a) - rank(b));
}

function columnFigure(counts: DataSetCounts, column: string): Figure | undefined {
  const values = counts.distributions?.[column];
  const bins = counts.numbers?.[column];
  const kind = ageColumnKind(column);
  const quantity = kind === 'age' ? 'Age (years)' : kind === 'birth' ? 'Year of birth' : column;
  const few = values !== undefined && Object.keys(values).length <= MAX_BARS;
  if (bins !== undefined && !few) return histogram(bins, { quantity, title: column });
  if (values === undefined || total(values) === 0) return undefined;
  return few && areBands(Object.keys(values))
    ? bandDistribution(values, { quantity, title: column })
    : labelDistribution(values, { title: column });
}
