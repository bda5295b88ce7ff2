/**
 * Which given labels are probably wrong: cleanlab's `find_label_issues` (`cleanlab/filter.py`, version 2.9), for labels
 * of one class each. Images that tie are taken in order; cleanlab's order of these is that of NumPy's sort.
 */
import {
  confidentJoint,
  indicesOf,
  likeliestClass,
  PROBABILITY_TOLERANCE,
  type DoubtedLabels,
} from './confident-joint.js';
import { OptionsError } from './errors.js';
import { labelQuality, type LabelQualityMethod } from './label-quality.js';

/**
 * `prune-by-noise-rate`: of each pair of classes, the number that the confident joint counts: those that look most like the
 * other class. `prune-by-class`: of each class, as many, the least likely. `both`: those that both name.
 * `confident-learning`: those that the confident joint counts under another class. `predicted-neq-given`: all that are
 * predicted as another class. `low-normalized-margin`, `low-self-confidence`: the lowest of that quality, the number that
 * `confident-learning` has.
 */
export type LabelFilter =
  | 'prune-by-noise-rate'
  | 'prune-by-class'
  | 'both'
  | 'confident-learning'
  | 'predicted-neq-given'
  | 'low-normalized-margin'
  | 'low-self-confidence';

/** The names of all of them. */
export const LABEL_FILTERS: readonly LabelFilter[] = [
  'prune-by-noise-rate',
  'prune-by-class',
  'both',
  'confident-learning',
  'predicted-neq-given',
  'low-normalized-margin',
  'low-self-confidence',
];

/** Options of {@link findLabelIssues}. */
export interface LabelIssuesOptions {
  /** Default `prune-by-noise-rate`, cleanlab's. */
  readonly filterBy?: LabelFilter;
  /** Share of the estimated wrong labels that is flagged by the pruning filters, 0 to 1; default 1. */
  readonly fracNoise?: number;
  /** A class keeps at least this many images; default 1. */
  readonly minExamplesPerClass?: number;
  /** The order of the result; default `self-confidence`. */
  readonly rankBy?: LabelQualityMethod;
}

/**
 * Returns the images whose label is probably wrong, the most suspicious first.
 *
 * @throws OptionsError when an option is out of range, there are no images, or a label or the number of probabilities
 * does not fit the classes
 */
export function findLabelIssues(
  given: DoubtedLabels,
  options: LabelIssuesOptions = {},
): readonly number[] {
  const { rankBy = 'self-confidence' } = options;
  const scores = labelQuality(given, rankBy);
  return flagged(given, options).sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0) || a - b);
}

function flagged(given: DoubtedLabels, options: LabelIssuesOptions): number[] {
  const { filterBy = 'prune-by-noise-rate', fracNoise = 1, minExamplesPerClass = 1 } = options;
  if (!(fracNoise >= 0 && fracNoise <= 1)) {
    throw new OptionsError(
      `findLabelIssues: fracNoise must be from 0 to 1, but got ${fracNoise}. 1 flags all that are estimated.`,
    );
  }
  if (!Number.isInteger(minExamplesPerClass) || minExamplesPerClass < 0) {
    throw new OptionsError(
      `findLabelIssues: minExamplesPerClass must be a whole number of at least 0, but got ${minExamplesPerClass}. 1 is usual.`,
    );
  }
  const joint = confidentJoint(given);
  const pruning = (): Pruning => ({
    given,
    left: minExamplesPerClass,
    counts: pruneCounts(joint.counts, { left: minExamplesPerClass, share: fracNoise }),
  });
  switch (filterBy) {
    case 'prune-by-noise-rate':
      return contradicted(given, byNoiseRate(pruning()));
    case 'prune-by-class':
      return contradicted(given, byClass(pruning()));
    case 'both': {
      const others = new Set(byClass(pruning()));
      return contradicted(
        given,
        byNoiseRate(pruning()).filter((i) => others.has(i)),
      );
    }
    case 'confident-learning':
      return contradicted(given, joint.offDiagonal);
    case 'predicted-neq-given':
      return contradicted(
        given,
        Array.from({ length: given.labels.length }, (_, i) => i),
      );
    case 'low-normalized-margin':
      return lowest(given, joint.offDiagonal, 'normalized-margin');
    case 'low-self-confidence':
      return lowest(given, joint.offDiagonal, 'self-confidence');
  }
}

/** Returns those images that are predicted as another class than their label's, by more than the tolerance. */
function contradicted(given: DoubtedLabels, images: readonly number[]): number[] {
  const { labels, probabilities, classes } = given;
  return images.filter((i) => {
    const label = labels[i] ?? 0;
    const own = (probabilities[i * classes + label] ?? 0) + PROBABILITY_TOLERANCE;
    const best = likeliestClass(given, i);
    if (best === label) return false;
    const most = probabilities[i * classes + best] ?? 0;
    // Of equals, the first class is predicted.
    return most > own || (most === own && best < label);
  });
}

/** Returns the images of the lowest quality: the number that are confidently of another class. */
function lowest(
  given: DoubtedLabels,
  offDiagonal: readonly number[],
  method: LabelQualityMethod,
): number[] {
  const scores = labelQuality(given, method);
  const count = contradicted(given, offDiagonal).length;
  return Array.from(scores.keys())
    .sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0) || a - b)
    .slice(0, count);
}

/** Images to flag, by counts of classes. */
interface Pruning {
  readonly given: DoubtedLabels;
  /** Images that a class keeps at least. */
  readonly left: number;
  /** Images [true class][given label]. */
  readonly counts: readonly (readonly number[])[];
}

/** Returns the counts of which images are flagged: the confident joint, turned, with enough of each class left. */
function pruneCounts(
  joint: readonly (readonly number[])[],
  { left, share }: { readonly left: number; readonly share: number },
): readonly (readonly number[])[] {
  const turned = joint.map((_, k) => joint.map((row) => row[k] ?? 0));
  const added = turned.map((row, k) => Math.max(row[k] ?? 0, left) - (row[k] ?? 0));
  const noisy = turned.map((_, k) =>
    Math.max(turned.filter((row) => (row[k] ?? 0) !== 0).length - 1, 1),
  );
  const rest = turned.map((row, k) =>
    row.map((count, j) =>
      j === k ? Math.max(count, left) : Math.max(count - (added[j] ?? 0) / (noisy[j] ?? 1), 0),
    ),
  );
  return rest.map((row, k) =>
    row.map((count, j) => {
      if (j !== k) return Math.trunc(count * share);
      const spared = rest.reduce(
        (sum, other, i) => (i === k ? sum : sum + ((other[k] ?? 0) - (other[k] ?? 0) * share)),
        0,
      );
      return Math.trunc(count + spared);
    }),
  );
}

/**
 * Returns, of each given label and each other class, the images that look most like that class; a class's only image is
 * never flagged, as in cleanlab.
 */
function byNoiseRate({ given, left, counts }: Pruning): number[] {
  const { labels, probabilities, classes } = given;
  const found = new Set<number>();
  for (let k = 0; k < classes; k++) {
    const own = indicesOf(labels, k);
    if (own.length <= Math.max(left, 1)) continue;
    for (let j = 0; j < classes; j++) {
      const count = counts[j]?.[k] ?? 0;
      if (j === k || count <= 0) continue;
      const margin = (i: number): number =>
        (probabilities[i * classes + j] ?? 0) - (probabilities[i * classes + k] ?? 0);
      const order = [...own].sort((a, b) => margin(b) - margin(a) || a - b);
      for (const i of order.slice(0, count)) found.add(i);
    }
  }
  return [...found].sort((a, b) => a - b);
}

/** Returns, of each given label, the images of the lowest probability of it. */
function byClass({ given, left, counts }: Pruning): number[] {
  const { labels, probabilities, classes } = given;
  const found: number[] = [];
  for (let k = 0; k < classes; k++) {
    const own = indicesOf(labels, k);
    if (own.length <= Math.max(left, 1)) continue;
    const probabilityOf = (i: number): number => probabilities[i * classes + k] ?? 0;
    const order = [...own].sort((a, b) => probabilityOf(a) - probabilityOf(b) || a - b);
    const wrong = own.length - (counts[k]?.[k] ?? 0);
    found.push(...order.slice(0, Math.max(0, wrong)));
  }
  return found.sort((a, b) => a - b);
}
