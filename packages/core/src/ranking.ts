/** How well scores rank images of a class before all others, whatever the threshold: ROC and precision-recall. */
import { OptionsError } from './errors.js';

/** Scores in order, from the highest: what curves and areas are computed of. */
export interface RankedScores {
  /** Item numbers, highest score first. */
  readonly order: readonly number[];
  /** Whether each item is of the class, by item number. */
  readonly positive: readonly boolean[];
  /** Whether a position is the last of its score: equal scores are one step of a curve. */
  readonly ends: readonly boolean[];
}

/**
 * Ranks items by score.
 *
 * @param scores higher means more likely of the class
 * @param positive whether each item is of the class
 * @throws OptionsError when the lists differ in length or a score is not a number
 */
export function rankScores(scores: readonly number[], positive: readonly boolean[]): RankedScores {
  const wrong = scores.find((score) => Number.isNaN(score));
  if (scores.length !== positive.length || wrong !== undefined) {
    throw new OptionsError(
      `rankScores: needs a number for each item, but got ${scores.length} scores of ${positive.length} items${wrong === undefined ? '' : ', one of which is not a number'}. Read both from one predictions file.`,
    );
  }
  const order = scores.map((_, i) => i).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
  const ends = order.map((item, at) => scores[item] !== scores[order[at + 1] ?? -1]);
  return { order, positive, ends };
}

/** A point of a curve, both 0 to 1. */
export type CurvePoint = readonly [x: number, y: number];

/** What has been passed at a threshold: items of the class, and others. */
type Step = (hits: number, misses: number) => void;

/** Calls `step` after each distinct score; returns the totals. */
function walk(
  { order, positive, ends }: RankedScores,
  step: Step,
  weights?: ArrayLike<number>,
): { readonly hits: number; readonly misses: number } {
  let [hits, misses] = [0, 0];
  order.forEach((item, at) => {
    const weight = weights === undefined ? 1 : (weights[item] ?? 0);
    if (positive[item] === true) hits += weight;
    else misses += weight;
    if (ends[at] === true) step(hits, misses);
  });
  return { hits, misses };
}

/**
 * Returns the area under the ROC curve, 0 to 1: the chance that an item of the class has a higher score than another,
 * ties counting half. NaN where all items are of the class, or none is.
 *
 * @param weights how often each item counts, by item number; default once
 */
export function rocArea(ranked: RankedScores, weights?: ArrayLike<number>): number {
  let [area, lastHits, lastMisses] = [0, 0, 0];
  const { hits, misses } = walk(
    ranked,
    (h, m) => {
      area += ((m - lastMisses) * (h + lastHits)) / 2;
      [lastHits, lastMisses] = [h, m];
    },
    weights,
  );
  return hits > 0 && misses > 0 ? area / (hits * misses) : NaN;
}

/**
 * Returns the average precision, 0 to 1: precision at each threshold, weighted by the recall that it adds, without
 * interpolation. NaN where no item is of the class.
 *
 * @param weights how often each item counts, by item number; default once
 * Source: scikit-learn's `average_precision_score`.
 */
export function averagePrecision(ranked: RankedScores, weights?: ArrayLike<number>): number {
  let [sum, last] = [0, 0];
  const { hits } = walk(
    ranked,
    (h, m) => {
      if (h > last) sum += ((h - last) * h) / (h + m);
      last = h;
    },
    weights,
  );
  return hits > 0 ? sum / hits : NaN;
}

/** Returns the ROC curve: false positive rate and recall at each threshold, from (0, 0) to (1, 1). */
export function rocCurve(ranked: RankedScores): readonly CurvePoint[] {
  const counts: [number, number][] = [[0, 0]];
  const { hits, misses } = walk(ranked, (h, m) => counts.push([m, h]));
  return counts.map(([m, h]) => [m / Math.max(1, misses), h / Math.max(1, hits)]);
}

/** Returns the precision-recall curve: recall and precision at each threshold, the highest first. */
export function precisionRecallCurve(ranked: RankedScores): readonly CurvePoint[] {
  const counts: [number, number][] = [];
  const { hits } = walk(ranked, (h, m) => counts.push([h, h / (h + m)]));
  return counts.map(([h, precision]) => [h / Math.max(1, hits), precision]);
}

/**
 * Returns at most about `most` points of a curve, the first and last among them: those at which it has moved by the same
 * distance.
 */
export function thinCurve(points: readonly CurvePoint[], most: number): readonly CurvePoint[] {
  if (points.length <= most) return points;
  const moved: number[] = [];
  points.forEach(([x, y], i) => {
    const [a, b] = points[i - 1] ?? [x, y];
    moved.push((moved[i - 1] ?? 0) + Math.abs(x - a) + Math.abs(y - b));
  });
  const step = Math.max((moved.at(-1) ?? 0) / (most - 1), 1e-9);
  let next = 0;
  return points.filter((_, i) => {
    const at = moved[i] ?? 0;
    if (at < next && i < points.length - 1) return false;
    while (next <= at) next += step;
    return true;
  });
}
