import { OptionsError } from './errors.js';
import { streamOf } from './random.js';

/** An estimate with its interval (95 %, unless stated otherwise). */
export interface Interval {
  readonly value: number;
  /** Lower end. */
  readonly low: number;
  /** Upper end. */
  readonly high: number;
}

/**
 * Returns the median: the middle value, or the mean of the two middle ones.
 *
 * @throws OptionsError when `values` is empty
 */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const low = sorted[(sorted.length - 1) >> 1];
  const high = sorted[sorted.length >> 1];
  if (low === undefined || high === undefined) {
    throw new OptionsError('medianOf: needs a value, but got none. Measure something first.');
  }
  return (low + high) / 2;
}

/** The standard normal quantile of a two-sided 95 % interval. */
export const Z_95 = 1.959963984540054;

/**
 * Returns the share of successes with its Wilson score interval.
 *
 * @param z standard normal quantile; default {@link Z_95}, for 95 %
 * @throws OptionsError when `successes` is not between 0 and `n`, or `n` is 0
 * Source: Wilson 1927.
 */
export function wilsonInterval(successes: number, n: number, z: number = Z_95): Interval {
  if (!(n > 0) || successes < 0 || successes > n) {
    throw new OptionsError(
      `wilsonInterval: successes must be from 0 to n and n above 0, but got ${successes} of ${n}. Count something first.`,
    );
  }
  const p = successes / n;
  const scale = 1 + (z * z) / n;
  const centre = (p + (z * z) / (2 * n)) / scale;
  const half = (z / scale) * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  // At the ends the closed form is exactly 0 or 1, which floating point would miss by one bit.
  return {
    value: p,
    low: successes === 0 ? 0 : centre - half,
    high: successes === n ? 1 : centre + half,
  };
}

/** Options of {@link clusterBootstrap}. */
export interface ClusterBootstrapOptions {
  /** The cluster (such as the person) of each item. */
  readonly clusters: readonly string[];
  /** Computes the statistic of items, by index; an item that was drawn twice occurs twice. */
  readonly statistic: (items: readonly number[]) => number;
  /** Resamples; default 1,000, at which the ends vary by less than 0.2 points at n = 300. */
  readonly resamples?: number;
  /** Default 1. */
  readonly seed?: number;
}

/**
 * Returns a statistic of all items with its 95 % percentile interval from resampling whole clusters:
 * the interval to use where one person has several images. Resamples whose statistic is not finite are
 * left out.
 *
 * Source: Field and Welsh 2007, J. R. Statist. Soc. B 69.
 */
export function clusterBootstrap(options: ClusterBootstrapOptions): Interval {
  const { clusters, statistic, resamples = 1000, seed = 1 } = options;
  const members = new Map<string, number[]>();
  clusters.forEach((cluster, item) => {
    const list = members.get(cluster);
    if (list === undefined) members.set(cluster, [item]);
    else list.push(item);
  });
  const groups = [...members.values()];
  const stream = streamOf(seed, 'bootstrap');
  const values: number[] = [];
  for (let i = 0; i < resamples; i++) {
    const items: number[] = [];
    groups.forEach(() => {
      items.push(...(groups[stream.integer(groups.length)] ?? []));
    });
    const value = statistic(items);
    if (Number.isFinite(value)) values.push(value);
  }
  values.sort((a, b) => a - b);
  const at = (rate: number): number =>
    values[Math.min(values.length - 1, Math.max(0, Math.round(rate * (values.length - 1))))] ?? NaN;
  return { value: statistic(clusters.map((_, i) => i)), low: at(0.025), high: at(0.975) };
}

/**
 * Returns counts [true class][predicted class].
 *
 * @param labels true classes, whole numbers from 0 to below `classes`
 * @param predictions predicted classes, one per label
 * @param classes number of classes
 * @throws OptionsError when a label or prediction is not below `classes`
 */
export function confusionMatrix(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  classes: number,
): number[][] {
  const counts = Array.from({ length: classes }, () => Array.from({ length: classes }, () => 0));
  for (let i = 0; i < labels.length; i++) {
    const row = counts[labels[i] ?? -1];
    const predicted = predictions[i] ?? -1;
    if (row === undefined || !(predicted in row)) {
      throw new OptionsError(
        `confusionMatrix: labels and predictions must be below ${classes}, but item ${i} has ${labels[i] ?? 'none'} and ${predicted}. Check the class list.`,
      );
    }
    row[predicted] = (row[predicted] ?? 0) + 1;
  }
  return counts;
}

/**
 * Returns the mean of the classes' recalls, 0 to 1; classes without examples are left out.
 *
 * @param confusion counts [true class][predicted class]
 */
export function balancedAccuracy(confusion: readonly (readonly number[])[]): number {
  const recalls = confusion.flatMap((row, i) => {
    const n = row.reduce((a, b) => a + b, 0);
    return n === 0 ? [] : [(row[i] ?? 0) / n];
  });
  return recalls.reduce((a, b) => a + b, 0) / recalls.length;
}
