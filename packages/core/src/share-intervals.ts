/** Intervals of shares of right answers, whether people have several images or not. */
import { balancedAccuracy, clusterBootstrap, wilsonInterval, type Interval } from './statistics.js';

/** Returns the share of some items that are right. */
export const shareOf = (items: readonly number[], of: readonly boolean[]): number =>
  items.reduce((sum, i) => sum + (of[i] === true ? 1 : 0), 0) / items.length;

/**
 * Returns the accuracy of some images with its interval: over people where they repeat, else Wilson's. Where all images are
 * right, or all wrong, every resample of people is alike: the interval is Wilson's then, with people counted in place of images.
 */
export function accuracyOf(
  right: readonly boolean[],
  clusters: readonly string[],
  items: readonly number[] = right.map((_, i) => i),
): Interval {
  const own = items.map((i) => clusters[i] ?? '');
  const people = new Set(own).size;
  const hits = items.filter((i) => right[i] === true).length;
  if (people === own.length) return wilsonInterval(hits, people);
  if (hits === 0 || hits === items.length) return wilsonInterval(hits === 0 ? 0 : people, people);
  return clusterBootstrap({
    clusters: own,
    statistic: (drawn) =>
      shareOf(
        drawn.map((k) => items[k] ?? 0),
        right,
      ),
  });
}

/** What {@link balancedAccuracyOf} compares. */
export interface ClassifiedImages {
  /** True classes, whole numbers from 0 to below `classes`. */
  readonly labels: readonly number[];
  /** Predicted classes, one per label. */
  readonly predicted: ArrayLike<number>;
  /** The person of each image. */
  readonly clusters: readonly string[];
  readonly classes: number;
}

/**
 * Returns the mean recall of the classes that have images, with its interval from resampling people. Where each class is all
 * right or all wrong, every resample is alike, and the interval comes from those of the recalls ({@link accuracyOf}).
 *
 * Source of the latter: Zou, Huang and Zhang 2009, Comput. Stat. Data Anal. 53, for means of independent shares.
 */
export function balancedAccuracyOf(images: ClassifiedImages): Interval {
  const { labels, predicted, clusters, classes } = images;
  const right = labels.map((label, i) => predicted[i] === label);
  const recalls = Array.from({ length: classes }, (_, c) =>
    labels.flatMap((label, i) => (label === c ? [i] : [])),
  )
    .filter((own) => own.length > 0)
    .map((own) => accuracyOf(right, clusters, own));
  if (recalls.length > 0 && recalls.every(({ value }) => value === 0 || value === 1)) {
    return meanOfShares(recalls);
  }
  return clusterBootstrap({
    clusters,
    statistic: (items) => {
      // A thousand resamples: counted in place, without lists of labels and predictions.
      const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
      for (const i of items) {
        const row = counts[labels[i] ?? 0];
        const found = predicted[i] ?? 0;
        if (row !== undefined) row[found] = (row[found] ?? 0) + 1;
      }
      return balancedAccuracy(counts);
    },
  });
}

/** Returns the mean of independent shares; its ends lie as far off as the root of the summed squares of theirs. */
function meanOfShares(shares: readonly Interval[]): Interval {
  const value = shares.reduce((sum, share) => sum + share.value, 0) / shares.length;
  const reach = (end: 'low' | 'high'): number =>
    Math.hypot(...shares.map((share) => share[end] - share.value)) / shares.length;
  return {
    value,
    low: Math.max(0, value - reach('low')),
    high: Math.min(1, value + reach('high')),
  };
}
