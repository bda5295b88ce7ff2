import { OptionsError } from './errors.js';

/**
 * Counts of values in adjacent bins of one width, whose edges are round numbers: bin `i` holds the
 * values from `(first + i) * width` to below `(first + i + 1) * width`.
 */
export interface Bins {
  /** Lower edge of the first bin, as a multiple of the width. */
  readonly first: number;
  /** In the unit of the values, above 0. */
  readonly width: number;
  /** One per bin, lowest first. */
  readonly counts: readonly number[];
}

/** A value less than this share of a bin below an edge counts as on it: 0.3 / 0.1 is a little less than 3. */
export const EDGE_TOLERANCE = 1e-9;

/** Options of {@link roundBinWidth}. */
export interface BinWidthOptions {
  /** Largest number of bins, give or take one at the edges; at least 1. */
  readonly maxBins: number;
  /**
   * Whether all values are whole numbers; default false. If so, the width is one too: bins of 2.5 years
   * would alternate between two ages and three.
   */
  readonly whole?: boolean;
}

/**
 * Returns the smallest width of the form 1, 2, 2.5 or 5 times a power of ten at which `maxBins` bins
 * reach from `low` to `high`; 1 when these are equal.
 *
 * @param low in the unit of the values, as `high`
 */
export function roundBinWidth(low: number, high: number, options: BinWidthOptions): number {
  if (!(high > low)) return 1;
  const { maxBins, whole = false } = options;
  const step = (high - low) / Math.max(1, maxBins);
  if (whole && step <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(step));
  const fits = (width: number): boolean =>
    width >= step * (1 - 1e-9) && (!whole || Number.isInteger(width));
  return ([1, 2, 2.5, 5, 10].find((each) => fits(each * power)) ?? 10) * power;
}

/** Returns the lower edge of bin `i`, counted from 0, rounded to 12 digits against floating-point noise. */
export function binEdge(bins: Pick<Bins, 'first' | 'width'>, i: number): number {
  return Number(((bins.first + i) * bins.width).toPrecision(12));
}

/**
 * Counts values in bins with round edges, about `maxBins` of them at most; values that are not finite are
 * left out.
 *
 * @throws OptionsError when no value is finite
 */
export function binsOf(values: readonly number[], maxBins: number): Bins {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) {
    throw new OptionsError(
      `binsOf: values must hold a finite number, but got ${values.length} values without one. Check the column.`,
    );
  }
  // Not Math.min(...): a table's column may be longer than an argument list can be.
  const low = finite.reduce((a, b) => Math.min(a, b));
  const high = finite.reduce((a, b) => Math.max(a, b));
  const width = roundBinWidth(low, high, { maxBins, whole: finite.every(Number.isInteger) });
  const first = Math.floor(low / width + EDGE_TOLERANCE);
  const last = Math.floor(high / width + EDGE_TOLERANCE);
  const counts = Array.from({ length: last - first + 1 }, () => 0);
  for (const value of finite) {
    const bin = Math.floor(value / width + EDGE_TOLERANCE) - first;
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { first, width, counts };
}

/** Counts of pairs of values: `counts[j][i]` is for bin `i` of x and bin `j` of y. */
export interface BinGrid {
  readonly x: Pick<Bins, 'first' | 'width'>;
  readonly y: Pick<Bins, 'first' | 'width'>;
  /** Rows of equal length, lowest y first. */
  readonly counts: readonly (readonly number[])[];
}
