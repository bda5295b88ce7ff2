import { NumericalError, OptionsError } from '@janus/core';
import { minimise, type Minimum } from './lbfgs.js';

/** Rows of numbers with their classes. */
export interface LabelledRows {
  /** float32 [N, D]. */
  readonly data: Float32Array;
  /** D. */
  readonly columns: number;
  /** Class numbers from 0, one per row of `data`. */
  readonly labels: ArrayLike<number>;
  /** The rows that count, by number; default all. A row may be named more than once. */
  readonly rows?: ArrayLike<number>;
}

/** Options of {@link fitLogisticRegression}. */
export interface LogisticOptions {
  /** At least 2. */
  readonly classes: number;
  /**
   * Weight of half the squared weights, added to the mean loss, at least 0; biases are free. scikit-learn's
   * `C` is 1 / (penalty * rows).
   */
  readonly penalty: number;
  /** Weight of each class in the loss; default 1 each. */
  readonly classWeights?: readonly number[];
  /** Where the search begins: another fit of the same shape, for example with a larger penalty. */
  readonly start?: LogisticModel;
  /** Largest gradient at the end; default 1e-5. */
  readonly tolerance?: number;
  /** Default 500. */
  readonly maxIterations?: number;
}

/** A linear classifier. */
export interface LogisticModel {
  readonly classes: number;
  /** D. */
  readonly columns: number;
  /**
   * float64 [outputs, D + 1], the bias last; one output for two classes (the second one's log-odds), else
   * one per class.
   */
  readonly weights: Float64Array;
  readonly iterations: number;
  /** False when the iterations ran out. */
  readonly converged: boolean;
}

/** Returns the outputs of a classifier: one for two classes. */
export const outputsOf = (classes: number): number => (classes === 2 ? 1 : classes);

/**
 * Fits a logistic regression with a ridge penalty, softmax for more than two classes, in float64 by
 * L-BFGS. The same input gives the same output, bit for bit.
 *
 * Source: the objective of scikit-learn's `LogisticRegression`, divided by C and the number of rows.
 *
 * @throws OptionsError when there are no rows, a class number is out of range or the penalty is negative
 * @throws NumericalError when the data holds numbers that are not finite
 */
export function fitLogisticRegression(
  given: LabelledRows,
  options: LogisticOptions,
): LogisticModel {
  const { data, columns, labels } = given;
  const { classes, penalty, classWeights, start, tolerance, maxIterations } = options;
  const rows = Int32Array.from(given.rows ?? Array.from({ length: labels.length }, (_, i) => i));
  checkFit(given, rows, options);
  const outputs = outputsOf(classes);
  const width = columns + 1;
  const weightOf = (row: number): number => classWeights?.[labels[row] ?? 0] ?? 1;
  const total = rows.reduce((sum, row) => sum + weightOf(row), 0);
  const scores = new Float64Array(outputs);

  const objective = (point: Float64Array, gradient: Float64Array): number => {
    gradient.fill(0);
    const parts = Array.from({ length: outputs }, (_, k) => ({
      weights: point.subarray(k * width, (k + 1) * width),
      slopes: gradient.subarray(k * width, (k + 1) * width),
    }));
    let loss = 0;
    for (const index of rows) {
      const row = data.subarray(index * columns, (index + 1) * columns);
      parts.forEach(({ weights }, k) => {
        scores[k] = scoreOf(weights, row);
      });
      const weight = weightOf(index) / total;
      loss += weight * lossOf(scores, labels[index] ?? 0);
      parts.forEach(({ slopes }, k) => {
        addRow(slopes, row, weight * (scores[k] ?? 0));
      });
    }
    let squares = 0;
    for (const { weights, slopes } of parts) {
      for (let j = 0; j < columns; j++) {
        const weight = weights[j] ?? 0;
        squares += weight * weight;
        slopes[j] = (slopes[j] ?? 0) + penalty * weight;
      }
    }
    return loss + (penalty / 2) * squares;
  };
  const found = minimise(objective, start?.weights ?? new Float64Array(outputs * width), {
    ...(tolerance === undefined ? {} : { tolerance }),
    ...(maxIterations === undefined ? {} : { maxIterations }),
  });
  return modelOf(found, classes, columns);
}

/** Returns the classifier that a minimisation found; throws a NumericalError when it found none. */
export function modelOf(found: Minimum, classes: number, columns: number): LogisticModel {
  const { value, iterations, converged, point } = found;
  if (!Number.isFinite(value)) {
    throw new NumericalError(
      `fitLogisticRegression: the loss must be finite, but is ${value}. Check the rows for numbers that are not finite.`,
      { step: iterations, losses: { crossEntropy: value } },
    );
  }
  return { classes, columns, weights: point, iterations, converged };
}

/** Returns the probability of each class: float64 [rows, classes]. */
export function predictLogistic(
  model: LogisticModel,
  { data, rows }: Pick<LabelledRows, 'data' | 'rows'>,
): Float64Array {
  const { classes, columns, weights } = model;
  const outputs = outputsOf(classes);
  const count = rows?.length ?? data.length / columns;
  const probabilities = new Float64Array(count * classes);
  const scores = new Float64Array(outputs);
  for (let i = 0; i < count; i++) {
    const from = (rows?.[i] ?? i) * columns;
    const row = data.subarray(from, from + columns);
    for (let k = 0; k < outputs; k++) {
      scores[k] = scoreOf(weights.subarray(k * (columns + 1), (k + 1) * (columns + 1)), row);
    }
    if (classes === 2) {
      const second = 1 / (1 + Math.exp(-(scores[0] ?? 0)));
      probabilities.set([1 - second, second], i * 2);
    } else {
      const sum = logSumExp(scores);
      for (let k = 0; k < classes; k++) {
        probabilities[i * classes + k] = Math.exp((scores[k] ?? 0) - sum);
      }
    }
  }
  return probabilities;
}

/** Returns the product of a row with weights, the bias last. */
export function scoreOf(weights: Float64Array, row: Float32Array): number {
  const columns = row.length;
  // Four sums at once: one alone waits for each addition before it can begin the next.
  let [a, b, c, d] = [0, 0, 0, 0];
  let j = 0;
  for (; j + 3 < columns; j += 4) {
    a += (weights[j] ?? 0) * (row[j] ?? 0);
    b += (weights[j + 1] ?? 0) * (row[j + 1] ?? 0);
    c += (weights[j + 2] ?? 0) * (row[j + 2] ?? 0);
    d += (weights[j + 3] ?? 0) * (row[j + 3] ?? 0);
  }
  for (; j < columns; j++) a += (weights[j] ?? 0) * (row[j] ?? 0);
  return a + b + (c + d) + (weights[columns] ?? 0);
}

/** Adds a row, and 1 for the bias, times a factor. */
export function addRow(slopes: Float64Array, row: Float32Array, factor: number): void {
  const columns = row.length;
  for (let j = 0; j < columns; j++) slopes[j] = (slopes[j] ?? 0) + factor * (row[j] ?? 0);
  slopes[columns] = (slopes[columns] ?? 0) + factor;
}

/** Returns the loss of a row, nats, and puts its slope by each score in the score's place. */
export function lossOf(scores: Float64Array, label: number): number {
  if (scores.length === 1) {
    const score = scores[0] ?? 0;
    // log(1 + exp(s)) without overflow.
    const soft = Math.max(score, 0) + Math.log1p(Math.exp(-Math.abs(score)));
    scores[0] = 1 / (1 + Math.exp(-score)) - label;
    return soft - label * score;
  }
  const sum = logSumExp(scores);
  const loss = sum - (scores[label] ?? 0);
  for (let k = 0; k < scores.length; k++) {
    scores[k] = Math.exp((scores[k] ?? 0) - sum) - (k === label ? 1 : 0);
  }
  return loss;
}

function logSumExp(scores: Float64Array): number {
  let most = -Infinity;
  for (const score of scores) most = Math.max(most, score);
  let sum = 0;
  for (const score of scores) sum += Math.exp(score - most);
  return most + Math.log(sum);
}

/** Throws an OptionsError for a fit that has no meaning. */
export function checkFit(
  given: Pick<LabelledRows, 'labels'>,
  rows: Int32Array,
  options: Pick<LogisticOptions, 'classes' | 'penalty'>,
): void {
  const { labels } = given;
  const { classes, penalty } = options;
  if (rows.length === 0) {
    throw new OptionsError('fitLogisticRegression: needs rows, but got none. Pass labelled rows.');
  }
  if (!(penalty >= 0)) {
    throw new OptionsError(
      `fitLogisticRegression: penalty must be at least 0, but got ${penalty}. 1e-3 is usual.`,
    );
  }
  for (const row of rows) {
    const label = labels[row];
    if (label !== undefined && Number.isInteger(label) && label >= 0 && label < classes) continue;
    throw new OptionsError(
      `fitLogisticRegression: classes must be whole numbers from 0 to ${classes - 1}, but row ${row} has ${String(label)}. Number the classes from 0.`,
    );
  }
}
