/** Linear probes on features in memory. */
import { balancedAccuracy, clusterBootstrap, confusionMatrix, type Interval } from '@janus/core';
import {
  fitLogisticRegression,
  predictLogistic,
  type LogisticModel,
  type Pooling,
  type ProbePart,
} from '@janus/models';

/**
 * How a probe scales features: each column to mean 0 and deviation 1; or each row as the classifier's
 * `sqrt-l2` does. Both then subtract the columns' means, which the bias takes up.
 */
export type ProbeNormalisation = 'standard' | 'sqrt-l2';

/** The names of all of them. */
export const PROBE_NORMALISATIONS: readonly ProbeNormalisation[] = ['standard', 'sqrt-l2'];

/** Ridge penalties that are tried, from strong to weak: half decades around what is usual. */
export const PROBE_PENALTIES: readonly number[] = [3, 1, 0.3, 0.1, 0.03, 0.01];

/** Features of images with what is known of each. */
export interface ProbeInput {
  /** float32 [N, columns]. */
  readonly data: Float32Array;
  readonly columns: number;
  /** Class numbers. */
  readonly labels: readonly number[];
  readonly classes: number;
  /** Who or what an image is of; intervals resample these. */
  readonly clusters: readonly string[];
  /** The fold of each row, from 0. */
  readonly folds: readonly number[];
}

/** How well a linear classifier does on one choice of features. */
export interface ProbeRow {
  readonly cut: string;
  readonly pooling: Pooling;
  readonly normalisation: ProbeNormalisation;
  /** The penalty of the lowest loss, of those tried. */
  readonly penalty: number;
  /** Numbers per image. */
  readonly features: number;
  /** Share of images predicted right when they were left out, with its interval. */
  readonly accuracy: Interval;
  readonly balancedAccuracy: Interval;
  /** Mean cross-entropy of the left-out images, nats; each class counts as much. */
  readonly loss: number;
}

/** A part of the features, scaled one way. */
export interface ProbeChoice {
  readonly part: ProbePart;
  readonly normalisation: ProbeNormalisation;
}

/**
 * Returns how well a linear classifier does on a part of the features: for each penalty, each fold is
 * predicted by a fit on the others, classes weighted equally; the penalty of the lowest loss counts.
 */
export function probePart(input: ProbeInput, choice: ProbeChoice): ProbeRow {
  const { part, normalisation } = choice;
  const { labels, classes, clusters, folds } = input;
  const data = scaledColumns(input, choice);
  const foldCount = Math.max(...folds) + 1;
  const all = labels.map((_, i) => i);
  const found = PROBE_PENALTIES.map(() => new Float64Array(labels.length * classes));
  for (let fold = 0; fold < foldCount; fold++) {
    const train = all.filter((i) => folds[i] !== fold);
    const held = all.filter((i) => folds[i] === fold);
    let start: LogisticModel | undefined;
    PROBE_PENALTIES.forEach((penalty, p) => {
      start = fitLogisticRegression(
        { data, columns: part.length, labels, rows: train },
        {
          ...{ classes, penalty, classWeights: weightsOf(train, labels, classes) },
          ...(start === undefined ? {} : { start }),
          tolerance: 1e-4,
        },
      );
      const probabilities = predictLogistic(start, { data, rows: held });
      held.forEach((row, i) => {
        found[p]?.set(probabilities.subarray(i * classes, (i + 1) * classes), row * classes);
      });
    });
  }
  const losses = found.map((each) => lossOf(each, input));
  const best = losses.indexOf(Math.min(...losses));
  const predictions = predictionsOf(found[best] ?? new Float64Array(0), classes);
  const isRight = predictions.map((each, i) => each === labels[i]);
  return {
    ...{ cut: part.cut, pooling: part.pooling, normalisation, features: part.length },
    penalty: PROBE_PENALTIES[best] ?? NaN,
    loss: losses[best] ?? NaN,
    accuracy: clusterBootstrap({
      clusters,
      statistic: (items) => items.filter((i) => isRight[i]).length / items.length,
    }),
    balancedAccuracy: clusterBootstrap({
      clusters,
      statistic: (items) =>
        balancedAccuracy(
          confusionMatrix(
            items.map((i) => labels[i] ?? 0),
            items.map((i) => predictions[i] ?? 0),
            classes,
          ),
        ),
    }),
  };
}

/** Returns weights by which each class counts as much, 1 on average. */
function weightsOf(
  rows: readonly number[],
  labels: readonly number[],
  classes: number,
): readonly number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const row of rows) counts[labels[row] ?? 0] = (counts[labels[row] ?? 0] ?? 0) + 1;
  return counts.map((count) => (count === 0 ? 0 : rows.length / (classes * count)));
}

function lossOf(probabilities: Float64Array, { labels, classes }: ProbeInput): number {
  const all = labels.map((_, i) => i);
  const weights = weightsOf(all, labels, classes);
  let loss = 0;
  labels.forEach((label, i) => {
    const probability = Math.max(probabilities[i * classes + label] ?? 0, 1e-15);
    loss -= (weights[label] ?? 1) * Math.log(probability);
  });
  return loss / labels.length;
}

function predictionsOf(probabilities: Float64Array, classes: number): readonly number[] {
  return Array.from({ length: probabilities.length / classes }, (_, i) => {
    const row = probabilities.subarray(i * classes, (i + 1) * classes);
    return row.indexOf(Math.max(...row));
  });
}

/** Returns a part's columns, scaled: float32 [N, part.length]. */
function scaledColumns(
  { data, columns, labels }: ProbeInput,
  { part: { from, length }, normalisation }: ProbeChoice,
): Float32Array {
  const count = labels.length;
  const scaled = new Float32Array(count * length);
  for (let i = 0; i < count; i++) {
    const row = data.subarray(i * columns + from, i * columns + from + length);
    scaled.set(normalisation === 'sqrt-l2' ? unitRoots(row) : row, i * length);
  }
  const each = (work: (value: number, column: number, at: number) => void): void => {
    scaled.forEach((value, at) => {
      work(value, at % length, at);
    });
  };
  const means = new Float64Array(length);
  const squares = new Float64Array(length);
  each((value, j) => {
    means[j] = (means[j] ?? 0) + value / count;
  });
  each((value, j) => {
    squares[j] = (squares[j] ?? 0) + (value - (means[j] ?? 0)) ** 2 / count;
  });
  // A column that never changes says nothing.
  const scales = squares.map((square) =>
    normalisation === 'sqrt-l2' ? 1 : square === 0 ? 0 : 1 / Math.sqrt(square),
  );
  each((value, j, at) => {
    scaled[at] = (value - (means[j] ?? 0)) * (scales[j] ?? 0);
  });
  return scaled;
}

/** Returns the signed roots of a row, scaled so that the mean of their squares is 1. */
function unitRoots(row: Float32Array): Float32Array {
  const sum = row.reduce((total, each) => total + Math.abs(each), 0);
  const scale = sum === 0 ? 0 : row.length / sum;
  return row.map((each) => Math.sign(each) * Math.sqrt(Math.abs(each) * scale));
}
