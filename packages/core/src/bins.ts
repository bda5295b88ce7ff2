import { OptionsError } from './errors.js';

/**
 * Counts of values in neighbouring bins of one width, whose edges are round numbers: bin `i` holds the
 * values from `(first + i) * width` to below `(first + i + 1) * width`.
 */
export interface Bins {
  /** Which multiple of the width is the lower edge of the first bin. */
  readonly first: number;
  /** In the unit of the values, above 0. */
  readonly width: number;
  readonly counts: readonly number[];
}

/** A value this share of a bin below an edge is on it: 0.3 / 0.1 is a little less than 3. */
export const EDGE_TOLERANCE = 1e-9;

/** What {@link roundBinWidth} looks at besides the ends. */
export interface BinWidthOptions {
  /** How many bins there may be, give or take one at the edges; at least 1. */
  readonly most: number;
  /**
   * Whether all values are whole numbers. Then the width is one too: bins of 2.5 years would hold two
   * ages and three in turns.
   */
  readonly whole?: boolean;
}

/**
 * Returns the smallest of 1, 2, 2.5, 5 times a power of ten with which the bins reach from `low` to
 * `high`; 1 when they are equal.
 */
export function roundBinWidth(low: number, high: number, options: BinWidthOptions): number {
  if (!(high > low)) return 1;
  const { most, whole = false } = options;
  const step = (high - low) / Math.max(1, most);
  if (whole && step <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(step));
  const fits = (width: number): boolean =>
    width >= step * (1 - 1e-9) && (!whole || Number.isInteger(width));
  return ([1, 2, 2.5, 5, 10].find((each) => fits(each * power)) ?? 10) * power;
}

/** Returns the lower edge of bin `i` without the last digits that floating point adds. */
export function binEdge(bins: Pick<Bins, 'first' | 'width'>, i: number): number {
  return Number(((bins.first + i) * bins.width).toPrecision(12));
}

/**
 * Counts values in at most about `most` bins with round edges; values that are not finite are left out.
 *
 * @throws OptionsError when no value is finite
 */
export function binsOf(values: readonly number[], most: number): Bins {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) {
    throw new OptionsError(
      `binsOf: values must hold a finite number, but got ${values.length} values without one. Check the column.`,
    );
  }
  // Not Math.min(...): a table's column may be longer than a call's arguments can be.
  const low = finite.reduce((a, b) => Math.min(a, b));
  const high = finite.reduce((a, b) => Math.max(a, b));
  const width = roundBinWidth(low, high, { most, whole: finite.every(Number.isInteger) });
  const first = Math.floor(low / width + EDGE_TOLERANCE);
  const last = Math.floor(high / width + EDGE_TOLERANCE);
  const counts = Array.from({ length: last - first + 1 }, () => 0);
  for (const value of finite) {
    const bin = Math.floor(value / width + EDGE_TOLERANCE) - first;
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { first, width, counts };
}

/** Counts of pairs of values in bins of both: `counts[j][i]` is bin `i` of x and bin `j` of y. */
export interface BinGrid {
  readonly x: Pick<Bins, 'first' | 'width'>;
  readonly y: Pick<Bins, 'first' | 'width'>;
  /** Rows of equal length, the lowest y first. */
  readonly counts: readonly (readonly number[])[];
}
