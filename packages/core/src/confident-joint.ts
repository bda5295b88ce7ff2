/**
 * How often each given label stands for each true class, estimated from out-of-sample probabilities: confident
 * learning, as cleanlab 2.9 computes it (`cleanlab/count.py`).
 * Source: Northcutt, Jiang and Chuang 2021, JAIR 70, arXiv 1911.00068.
 */
import { OptionsError } from './errors.js';

/** Labels as they are given, and what a classifier says of images that it was not fitted on. */
export interface DoubtedLabels {
  /** Class numbers, one per image. */
  readonly labels: ArrayLike<number>;
  /** float64 [N, classes], each 0 to 1: out of sample, for example by cross-validation. */
  readonly probabilities: ArrayLike<number>;
  readonly classes: number;
}

/** What {@link confidentJoint} counts. */
export interface ConfidentJoint {
  /**
   * Images [given label][true class], scaled to all images: the rows sum to how often each label is given.
   */
  readonly counts: readonly (readonly number[])[];
  /** Images that are confidently of another class than their label's, in order. */
  readonly offDiagonal: readonly number[];
}

/** Probabilities that differ by less are equal. */
export const PROBABILITY_TOLERANCE = 1e-6;

/** The threshold of a class without images: no probability reaches it. */
const UNREACHABLE = 2;

/**
 * Returns the threshold of each class: the mean probability of the class over the images that are labelled with it,
 * at least 2e-6; 2 for a class without images.
 *
 * @throws OptionsError when there are no images, or a label or the number of probabilities does not fit the classes
 */
export function confidentThresholds(given: DoubtedLabels): readonly number[] {
  checkLabels(given);
  const { labels, probabilities, classes } = given;
  return Array.from({ length: classes }, (_, k) => {
    const own = indicesOf(labels, k);
    if (own.length === 0) return UNREACHABLE;
    const sum = sumOf(own.map((i) => probabilities[i * classes + k] ?? 0));
    return Math.max(sum / own.length, 2 * PROBABILITY_TOLERANCE);
  });
}

/** Returns the images that have a label, in order. */
export function indicesOf(labels: ArrayLike<number>, label: number): number[] {
  const found: number[] = [];
  for (let i = 0; i < labels.length; i++) if (labels[i] === label) found.push(i);
  return found;
}

/** Returns the class of the largest of an image's probabilities; the first of equals. */
export function likeliestClass(
  { probabilities, classes }: Pick<DoubtedLabels, 'probabilities' | 'classes'>,
  image: number,
): number {
  let best = 0;
  for (let k = 1; k < classes; k++) {
    const most = probabilities[image * classes + best] ?? 0;
    if ((probabilities[image * classes + k] ?? 0) > most) best = k;
  }
  return best;
}

/**
 * Counts the images that are confidently of a class, by the label that they are given: those whose probability of a
 * class reaches its threshold (of several, the likeliest). Each class has at least one image that is labelled right.
 * Calibrated: scaled so that each label is given as often as it is.
 *
 * @throws OptionsError when there are no images, or a label or the number of probabilities does not fit the classes
 */
export function confidentJoint(given: DoubtedLabels): ConfidentJoint {
  const { labels, probabilities, classes } = given;
  const thresholds = confidentThresholds(given);
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  const offDiagonal: number[] = [];
  for (let i = 0; i < labels.length; i++) {
    const confident = thresholds.flatMap((threshold, k) =>
      (probabilities[i * classes + k] ?? 0) >= threshold - PROBABILITY_TOLERANCE ? [k] : [],
    );
    const [first] = confident;
    if (first === undefined) continue;
    const guess = confident.length === 1 ? first : likeliestClass(given, i);
    const label = labels[i] ?? 0;
    const row = counts[label];
    if (row !== undefined) row[guess] = (row[guess] ?? 0) + 1;
    if (guess !== label) offDiagonal.push(i);
  }
  counts.forEach((row, k) => {
    row[k] = Math.max(row[k] ?? 0, 1);
  });
  return { counts: calibrated(counts, labels), offDiagonal };
}

/** Scales counts so that row k sums to how often label k is given, and rounds them. */
function calibrated(
  counts: readonly (readonly number[])[],
  labels: ArrayLike<number>,
): readonly (readonly number[])[] {
  const scaled = counts.map((row, k) => {
    const sum = sumOf(row);
    const given = indicesOf(labels, k).length;
    return row.map((count) => (count / sum) * given);
  });
  // cleanlab adds up the matrix as it lies in memory, by columns; a count that is all but a half is rounded by that.
  const total = sumOf(scaled.flatMap((_, k) => scaled.map((row) => row[k] ?? 0)));
  return scaled.map((row) => roundedRow(row.map((count) => (count / total) * labels.length)));
}

/**
 * Rounds numbers to whole ones, halves to even, and then moves those that are furthest off until the sum is what it
 * was. cleanlab's `round_preserving_sum`.
 */
function roundedRow(row: readonly number[]): readonly number[] {
  const whole = row.map(roundHalfToEven);
  const aim = roundHalfToEven(sumOf(row));
  for (;;) {
    const missing = aim - sumOf(whole);
    if (missing === 0) return whole;
    const step = Math.sign(missing);
    const order = row.map((_, k) => k).sort((a, b) => offBy(row, whole, a) - offBy(row, whole, b));
    if (step > 0) order.reverse();
    for (const k of order.slice(0, Math.abs(missing))) whole[k] = (whole[k] ?? 0) + step;
  }
}

const offBy = (row: readonly number[], whole: readonly number[], k: number): number =>
  (row[k] ?? 0) - (whole[k] ?? 0);

function roundHalfToEven(value: number): number {
  const low = Math.floor(value);
  const rest = value - low;
  if (rest === 0.5) return low % 2 === 0 ? low : low + 1;
  return rest < 0.5 ? low : low + 1;
}

/** Numbers up to which NumPy adds with eight sums; more are halved first. */
const PAIRWISE_BLOCK = 128;

/** Adds numbers as NumPy does, pairwise: to the last bit, since counts are rounded by the result. */
function sumOf(values: readonly number[]): number {
  const n = values.length;
  if (n < 8) return values.reduce((a, b) => a + b, 0);
  if (n > PAIRWISE_BLOCK) {
    const half = Math.floor(n / 2) - (Math.floor(n / 2) % 8);
    return sumOf(values.slice(0, half)) + sumOf(values.slice(half));
  }
  const sums = values.slice(0, 8);
  let i = 8;
  for (; i + 8 <= n; i += 8) {
    for (let j = 0; j < 8; j++) sums[j] = (sums[j] ?? 0) + (values[i + j] ?? 0);
  }
  const pair = (j: number): number => (sums[j] ?? 0) + (sums[j + 1] ?? 0);
  let sum = pair(0) + pair(2) + (pair(4) + pair(6));
  for (; i < n; i++) sum += values[i] ?? 0;
  return sum;
}

function checkLabels({ labels, probabilities, classes }: DoubtedLabels): void {
  if (labels.length === 0 || probabilities.length !== labels.length * classes) {
    throw new OptionsError(
      `confidentThresholds: needs images with a probability for each of ${classes} classes, but got ${labels.length} labels and ${probabilities.length} probabilities. Give both of the same images.`,
    );
  }
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i];
    if (label !== undefined && Number.isInteger(label) && label >= 0 && label < classes) continue;
    throw new OptionsError(
      `confidentThresholds: labels must be whole numbers from 0 to ${classes - 1}, but image ${i} has ${String(label)}. Number the classes from 0.`,
    );
  }
}
