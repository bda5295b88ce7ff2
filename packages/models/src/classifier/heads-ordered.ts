/** A linear model of ordered classes: the bins of a number. */
import { minimise } from './lbfgs.js';
import {
  addRow,
  checkFit,
  lossOf,
  modelOf,
  outputsOf,
  scoreOf,
  type LabelledRows,
  type LogisticModel,
} from './logistic-regression.js';

/** Options of {@link fitOrderedLogistic}. */
export interface OrderedLogisticOptions {
  /** Where each class stands, one a class, from low to high. */
  readonly centres: readonly number[];
  /** Weight of half the squared weights of the features, added to the mean loss, at least 0; biases are free. */
  readonly penalty: number;
  /** Where the search begins: another fit of the same shape. */
  readonly start?: OrderedLogisticFit;
  /** Largest gradient at the end; default 1e-5. */
  readonly tolerance?: number;
}

/** A fitted model, and the point at which the search ended. */
export interface OrderedLogisticFit {
  /** The same as a softmax with an output a class. */
  readonly model: LogisticModel;
  /** float64 [D + classes]: the direction, then the biases. */
  readonly point: Float64Array;
}

/**
 * Fits logits c_k (w x) + b_k by maximum likelihood with a ridge penalty, in float64 by L-BFGS: one direction for all
 * classes, along which the features move the probability from low ones to high ones, where a softmax has a direction
 * each. c_k are the centres, brought to mean 0 and variance 1 over the rows.
 *
 * Source: the adjacent-categories logit model with scores, Agresti 2010, Analysis of Ordinal Categorical Data, section
 * 4.1; Anderson 1984, J. R. Statist. Soc. B 46 (stereotype model of one dimension, scores given).
 *
 * @throws OptionsError when there are no rows, a class number is out of range or the penalty is negative
 * @throws NumericalError when the data holds numbers that are not finite
 */
export function fitOrderedLogistic(
  given: LabelledRows,
  options: OrderedLogisticOptions,
): OrderedLogisticFit {
  const { data, columns, labels } = given;
  const { penalty, start, tolerance } = options;
  const classes = options.centres.length;
  const rows = Int32Array.from(given.rows ?? Array.from({ length: labels.length }, (_, i) => i));
  checkFit(given, rows, { classes, penalty });
  const scores = standardised(options.centres, rows, labels);
  const own = new Float64Array(classes);
  const weights = new Float64Array(columns + 1); // the last stays 0: biases are apart
  const slopes = new Float64Array(columns + 1);
  const objective = (point: Float64Array, gradient: Float64Array): number => {
    weights.set(point.subarray(0, columns));
    slopes.fill(0);
    gradient.fill(0);
    let loss = 0;
    for (const index of rows) {
      const row = data.subarray(index * columns, (index + 1) * columns);
      const along = scoreOf(weights, row);
      for (let k = 0; k < classes; k++) {
        own[k] = (scores[k] ?? 0) * along + (point[columns + k] ?? 0);
      }
      loss += lossOf(own, labels[index] ?? 0) / rows.length; // own now holds slopes
      let slope = 0;
      for (let k = 0; k < classes; k++) {
        const each = (own[k] ?? 0) / rows.length;
        gradient[columns + k] = (gradient[columns + k] ?? 0) + each;
        slope += (scores[k] ?? 0) * each;
      }
      addRow(slopes, row, slope);
    }
    let squares = 0;
    for (let j = 0; j < columns; j++) {
      const weight = point[j] ?? 0;
      squares += weight * weight;
      gradient[j] = (slopes[j] ?? 0) + penalty * weight;
    }
    return loss + (penalty / 2) * squares;
  };
  const found = minimise(
    objective,
    start?.point ?? new Float64Array(columns + classes),
    tolerance === undefined ? {} : { tolerance },
  );
  const point = softmaxOf(found.point, { scores, columns });
  return { model: modelOf({ ...found, point }, classes, columns), point: found.point };
}

/** Returns centres at mean 0 and variance 1 over the rows. */
function standardised(
  centres: readonly number[],
  rows: Int32Array,
  labels: ArrayLike<number>,
): Float64Array {
  const values = Array.from(rows, (row) => centres[labels[row] ?? 0] ?? 0);
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const spread = variance > 0 ? Math.sqrt(variance) : 1;
  return Float64Array.from(centres, (centre) => (centre - mean) / spread);
}

/** Returns the weights of the same model as a logistic regression has them: float64 [outputs, D + 1]. */
function softmaxOf(
  point: Float64Array,
  { scores, columns }: { readonly scores: Float64Array; readonly columns: number },
): Float64Array {
  const width = columns + 1;
  const outputs = outputsOf(scores.length);
  const weights = new Float64Array(outputs * width);
  // Of two classes, the only output is that of the second over the first.
  const [base, origin, first] =
    outputs === 1 ? [scores[0] ?? 0, point[columns] ?? 0, 1] : [0, 0, 0];
  for (let k = 0; k < outputs; k++) {
    const score = (scores[first + k] ?? 0) - base;
    for (let j = 0; j < columns; j++) weights[k * width + j] = score * (point[j] ?? 0);
    weights[k * width + columns] = (point[columns + first + k] ?? 0) - origin;
  }
  return weights;
}
