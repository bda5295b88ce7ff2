/** What each head of several counts in the loss, and how well it does. */
import { argMax } from './classifier-evaluate.js';
import { expectedNumber, type OrderedScale } from './heads-scale.js';

/** A head in training. */
export interface HeadLoss {
  /** The target, for the records. */
  readonly name: string;
  readonly classes: number;
  /** Factor of its cross-entropy in the sum over the heads, 0 or more; at 0 its weights stay as they are. */
  readonly weight: number;
  /** Weight of each class in its cross-entropy; default 1 each. */
  readonly classWeights?: readonly number[];
  /** Of a number that is predicted in bins: its mean absolute error is measured too. */
  readonly scale?: OrderedScale;
}

/** What is known of an image: a label and a number for each head. */
export interface HeadLabels {
  /** Class numbers; -1 where there is no label. */
  readonly labels: readonly number[];
  /** Of heads with a scale: the number itself; null elsewhere. */
  readonly values: readonly (number | null)[];
}

/** What a training with several targets has of its own. */
export interface HeadsTraining {
  /** In the order of the model's outputs. */
  readonly heads: readonly HeadLoss[];
  /** Returns the labels of an image by its manifest id. */
  readonly labelsOf: (id: string) => HeadLabels;
}

/** Returns the loss of equal probabilities, nats. */
export const startLossOf = (heads: readonly HeadLoss[]): number =>
  heads.reduce((sum, { weight, classes }) => sum + weight * Math.log(classes), 0);

/** Returns the number of all heads' classes. */
export const widthOf = (heads: readonly Pick<HeadLoss, 'classes'>[]): number =>
  heads.reduce((sum, { classes }) => sum + classes, 0);

/** Returns the heads that have a part in the loss. */
export const learnedHeads = (heads: readonly HeadLoss[]): readonly HeadLoss[] =>
  heads.filter(({ weight }) => weight > 0);

/**
 * Returns what each log-probability of a batch counts in the loss: float32 [B, sum of classes of {@link learnedHeads}]. A
 * head's cross-entropy is the mean over the images that have its label, by class weight, times the head's weight; an image without it counts
 * nothing there.
 *
 * @param smoothing share of the target that all classes of a head have in equal parts. Source: Szegedy et al. 2016,
 * arXiv 1512.00567, section 7
 */
export function lossTargets(
  heads: readonly HeadLoss[],
  rows: readonly HeadLabels[],
  smoothing: number,
): Float32Array {
  const width = widthOf(learnedHeads(heads));
  const targets = new Float32Array(rows.length * width);
  let from = 0;
  heads.forEach(({ classes, weight, classWeights }, h) => {
    if (weight === 0) return;
    const counts = rows.map(({ labels }) => {
      const label = labels[h] ?? -1;
      return label < 0 ? 0 : (classWeights?.[label] ?? 1);
    });
    const total = counts.reduce((a, b) => a + b, 0);
    rows.forEach(({ labels }, i) => {
      const count = counts[i] ?? 0;
      if (count === 0) return;
      const share = (weight * count) / total;
      for (let c = 0; c < classes; c++) {
        const wanted = (labels[h] === c ? 1 - smoothing : 0) + smoothing / classes;
        targets[i * width + from + c] = share * wanted;
      }
    });
    from += classes;
  });
  return targets;
}

/**
 * Returns the share of a batch's labels that were predicted right, 0 to 1.
 *
 * @param predictions int32 [B, heads]
 */
export function shareRight(predictions: ArrayLike<number>, rows: readonly HeadLabels[]): number {
  let [right, n] = [0, 0];
  rows.forEach(({ labels }, i) => {
    labels.forEach((label, h) => {
      if (label < 0) return;
      n += 1;
      if (predictions[i * labels.length + h] === label) right += 1;
    });
  });
  return n === 0 ? 0 : right / n;
}

/** How well heads do. */
export interface HeadsMeasure {
  /** Sum of the heads' cross-entropies times their weights. */
  readonly loss: number;
  /** Share of the labels that were predicted right, 0 to 1. */
  readonly accuracy: number;
  /** `crossEntropy <target>`; heads without a label are absent. */
  readonly losses: Readonly<Record<string, number>>;
  /** `accuracy <target>`, and `mae <target>` of a number. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** Adds up how well heads do, image by image. */
export interface HeadsTally {
  /** @param logProbabilities of all heads side by side */
  add(logProbabilities: Float32Array, labels: HeadLabels): void;
  measure(): HeadsMeasure;
}

/** Sums of one head. */
interface HeadSums {
  loss: number;
  weights: number;
  right: number;
  error: number;
  n: number;
}

/** Returns an empty tally. */
export function createHeadsTally(heads: readonly HeadLoss[]): HeadsTally {
  const sums = heads.map((): HeadSums => ({ loss: 0, weights: 0, right: 0, error: 0, n: 0 }));
  return {
    add: (logProbabilities, { labels, values }) => {
      let from = 0;
      heads.forEach(({ classes, classWeights, scale }, h) => {
        const own = logProbabilities.subarray(from, from + classes);
        from += classes;
        const [label = -1, sum] = [labels[h], sums[h]];
        if (label < 0 || sum === undefined) return;
        const weight = classWeights?.[label] ?? 1;
        sum.loss -= weight * (own[label] ?? 0);
        sum.weights += weight;
        sum.right += argMax([...own]) === label ? 1 : 0;
        sum.n += 1;
        const value = values[h] ?? null;
        if (scale === undefined || value === null) return;
        sum.error += Math.abs(expectedNumber(own.map(Math.exp), scale) - value);
      });
    },
    measure: () => measureOf(heads, sums),
  };
}

function measureOf(heads: readonly HeadLoss[], sums: readonly HeadSums[]): HeadsMeasure {
  const found = heads.flatMap(({ name, weight, scale }, h) => {
    const sum = sums[h];
    if (sum === undefined || sum.n === 0) return [];
    return [{ name, weight, scale, ...sum, crossEntropy: sum.loss / sum.weights }];
  });
  const total = (of: (each: (typeof found)[number]) => number): number =>
    found.reduce((sum, each) => sum + of(each), 0);
  return {
    loss: total(({ weight, crossEntropy }) => weight * crossEntropy),
    accuracy: total(({ right }) => right) / total(({ n }) => n),
    losses: Object.fromEntries(
      found.map(({ name, crossEntropy }) => [`crossEntropy ${name}`, crossEntropy]),
    ),
    metrics: Object.fromEntries(
      found.flatMap(({ name, right, error, n, scale }) => [
        [`accuracy ${name}`, right / n],
        ...(scale === undefined ? [] : [[`mae ${name}`, error / n] as const]),
      ]),
    ),
  };
}
