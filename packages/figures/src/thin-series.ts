import type { Series } from './series.js';

/** Options of {@link thinned}. */
export interface ThinnedOptions {
  /** Intervals of equal width along x, at least 1; default {@link SCREEN_BUCKETS}. */
  readonly buckets?: number;
}

/** Two points each make a thousand: the number of columns of a plot of 760 px that a reader can tell apart. */
export const SCREEN_BUCKETS = 500;

/** Digits that are kept of a thinned value: a plot of 8,000 px shows four. */
const DIGITS = 6;

/**
 * Returns a curve with what a screen can show: of each interval of x its lowest and its highest point, in their order, and the
 * first and the last point of the whole. A curve of no more points is returned as it is.
 *
 * @param series with x in ascending order
 * Source: the M4 aggregation without its inner ends, Jugel et al. 2014, VLDB 7(10), section 4.
 */
export function thinned(series: Series, options: ThinnedOptions = {}): Series {
  const { buckets = SCREEN_BUCKETS } = options;
  const { x, y } = series;
  if (x.length <= 2 * buckets + 2) return series;
  const kept = [0, ...extremes(series, buckets), x.length - 1];
  const places = [...new Set(kept)].sort((a, b) => a - b);
  const rounded = (value: number | undefined): number => Number((value ?? 0).toPrecision(DIGITS));
  return { x: places.map((i) => x[i] ?? 0), y: places.map((i) => rounded(y[i])) };
}

/** Returns the places of the lowest and the highest value of each interval that has one. */
function extremes({ x, y }: Series, buckets: number): readonly number[] {
  const first = x[0] ?? 0;
  const width = ((x.at(-1) ?? 0) - first) / buckets;
  const low = new Map<number, number>();
  const high = new Map<number, number>();
  x.forEach((at, i) => {
    const bucket = width > 0 ? Math.min(buckets - 1, Math.floor((at - first) / width)) : 0;
    const value = y[i] ?? 0;
    if (value < (y[low.get(bucket) ?? -1] ?? Infinity)) low.set(bucket, i);
    if (value > (y[high.get(bucket) ?? -1] ?? -Infinity)) high.set(bucket, i);
  });
  return [...low.values(), ...high.values()];
}
