/** Many logistic regressions on the same numbers, fitted together. */
import * as tf from '@tensorflow/tfjs';
import { passSignal } from '../pass-signal.js';
import { minimisation, type Evaluated, type Minimisation, type Minimum } from './lbfgs.js';
import {
  checkFit,
  lossOf,
  modelOf,
  outputsOf,
  type LabelledRows,
  type LogisticModel,
  type LogisticOptions,
} from './logistic-regression.js';

/** One of the fits of {@link fitLogisticRegressions}. */
export interface LogisticFit extends Pick<LogisticOptions, 'penalty' | 'classWeights' | 'start'> {
  /** The rows that count, by number; a row may be named more than once. */
  readonly rows: ArrayLike<number>;
}

/** Options of {@link fitLogisticRegressions}, of all fits. */
export type LogisticBatchOptions = Pick<
  LogisticOptions,
  'classes' | 'tolerance' | 'maxIterations'
> & {
  /** Ends the fits before the next step: its reason is thrown, and nothing is returned. Default never. */
  readonly signal?: AbortSignal | undefined;
};

/** Error of a loss whose scores are float32 products: near a minimum, smaller differences say nothing. */
const ROUNDING = 1e-7;

/**
 * Fits logistic regressions as `fitLogisticRegression` does, all at once: the products of the rows with
 * the weights, and of the rows with the slopes, are two matrix products on the engine for each step of all
 * fits. These are float32; losses, slopes and steps are float64. Folds and penalties of one data set take
 * about the time of a few fits.
 *
 * @returns a model for each fit, in order
 * @throws OptionsError when a fit has no rows, a class number is out of range or a penalty is negative
 * @throws NumericalError when the data holds numbers that are not finite; the reason of `signal` when that is aborted
 */
export async function fitLogisticRegressions(
  given: Omit<LabelledRows, 'rows'>,
  fits: readonly LogisticFit[],
  options: LogisticBatchOptions,
): Promise<readonly LogisticModel[]> {
  const { data, columns, labels } = given;
  const { classes, tolerance, maxIterations, signal } = options;
  const outputs = outputsOf(classes);
  const running = fits.map((fit): RunningFit => {
    const rows = Int32Array.from(fit.rows);
    checkFit(given, rows, { classes, penalty: fit.penalty });
    const start = fit.start?.weights ?? new Float64Array(outputs * (columns + 1));
    const search = minimisation(start, {
      ...{ rounding: ROUNDING },
      ...(tolerance === undefined ? {} : { tolerance }),
      ...(maxIterations === undefined ? {} : { maxIterations }),
    });
    return { fit, rows, search, ...next(search.next()) };
  });
  const count = labels.length;
  const matrix = tf.tensor2d(data, [count, columns]);
  try {
    for (;;) {
      const open = running.filter(({ found }) => found === undefined);
      if (open.length === 0) break;
      await passSignal(signal);
      const evaluated = await evaluate(open, { matrix, labels, outputs });
      open.forEach((each, i) => {
        const at = evaluated[i];
        if (at !== undefined) Object.assign(each, next(each.search.next(at)));
      });
    }
  } finally {
    matrix.dispose();
  }
  return running.flatMap(({ found }) =>
    found === undefined ? [] : [modelOf(found, classes, columns)],
  );
}

/** A fit between two steps. */
interface RunningFit {
  readonly fit: LogisticFit;
  readonly rows: Int32Array;
  readonly search: Minimisation;
  /** Where its loss is wanted: float64 [outputs, columns + 1], the bias last. */
  point: Float64Array;
  /** Undefined until it has ended. */
  found: Minimum | undefined;
}

function next(step: IteratorResult<Float64Array, Minimum>): Pick<RunningFit, 'point' | 'found'> {
  return step.done === true
    ? { point: step.value.point, found: step.value }
    : { point: step.value, found: undefined };
}

/** What all fits share. */
interface Shared {
  /** float32 [N, columns]. */
  readonly matrix: tf.Tensor2D;
  readonly labels: ArrayLike<number>;
  readonly outputs: number;
}

/** Returns the loss of each fit at its point, and its gradient there. */
async function evaluate(
  fits: readonly RunningFit[],
  { matrix, labels, outputs }: Shared,
): Promise<readonly Evaluated[]> {
  const [count, columns] = matrix.shape;
  const width = columns + 1;
  const total = fits.length * outputs;
  const weights = new Float32Array(total * columns);
  fits.forEach(({ point }, f) => {
    for (let k = 0; k < outputs; k++) {
      weights.set(point.subarray(k * width, k * width + columns), (f * outputs + k) * columns);
    }
  });
  // [count, total]: the scores of all fits without their biases.
  const scores = await product(() =>
    tf.matMul(matrix, tf.tensor2d(weights, [total, columns]), false, true),
  );
  const slopes = new Float32Array(count * total);
  const biases = new Float64Array(total);
  const losses = fits.map((fit, f) =>
    lossOfFit(fit, { f, scores, slopes, biases, labels, total, outputs, width }),
  );
  // [total, columns]
  const sums = await product(() =>
    tf.matMul(tf.tensor2d(slopes, [count, total]), matrix, true, false),
  );
  return fits.map(({ fit: { penalty }, point }, f) => {
    const gradient = new Float64Array(outputs * width);
    let squares = 0;
    for (let k = 0; k < outputs; k++) {
      const from = (f * outputs + k) * columns;
      for (let j = 0; j < columns; j++) {
        const weight = point[k * width + j] ?? 0;
        squares += weight * weight;
        gradient[k * width + j] = (sums[from + j] ?? 0) + penalty * weight;
      }
      gradient[k * width + columns] = biases[f * outputs + k] ?? 0;
    }
    return { value: (losses[f] ?? 0) + (penalty / 2) * squares, gradient };
  });
}

interface LossOfFit {
  /** Number of the fit. */
  readonly f: number;
  /** float32 [N, total]. */
  readonly scores: Float32Array;
  /** float32 [N, total]: the loss's slope by each score is written here. */
  readonly slopes: Float32Array;
  /** float64 [total]: the loss's slope by each bias is written here. */
  readonly biases: Float64Array;
  readonly labels: ArrayLike<number>;
  readonly total: number;
  readonly outputs: number;
  readonly width: number;
}

/** Returns the mean loss of a fit's rows, weighted by their classes. */
function lossOfFit({ fit, rows, point }: RunningFit, given: LossOfFit): number {
  const { f, scores, slopes, biases, labels, total, outputs, width } = given;
  const weightOf = (row: number): number => fit.classWeights?.[labels[row] ?? 0] ?? 1;
  const sum = rows.reduce((all, row) => all + weightOf(row), 0);
  const own = new Float64Array(outputs);
  let loss = 0;
  for (const row of rows) {
    const from = row * total + f * outputs;
    for (let k = 0; k < outputs; k++) {
      own[k] = (scores[from + k] ?? 0) + (point[(k + 1) * width - 1] ?? 0);
    }
    const weight = weightOf(row) / sum;
    loss += weight * lossOf(own, labels[row] ?? 0);
    for (let k = 0; k < outputs; k++) {
      const slope = weight * (own[k] ?? 0);
      slopes[from + k] = (slopes[from + k] ?? 0) + slope;
      biases[f * outputs + k] = (biases[f * outputs + k] ?? 0) + slope;
    }
  }
  return loss;
}

/** Returns the numbers of a matrix that is computed, and disposes it. */
async function product(compute: () => tf.Tensor): Promise<Float32Array> {
  const result = tf.tidy(compute);
  try {
    return (await result.data()) as Float32Array;
  } finally {
    result.dispose();
  }
}
