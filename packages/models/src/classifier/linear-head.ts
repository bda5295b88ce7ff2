/** A linear head, fitted exactly instead of by steps. */
import type { StepRecord } from '@janus/core';
import * as tf from '@tensorflow/tfjs';
import type { Features } from '../features.js';
import { ALL_PENALTIES, isFitted } from './linear-penalties.js';
import {
  fitLogisticRegression,
  predictLogistic,
  type LogisticModel,
} from './logistic-regression.js';

/** A class of fewer validation images has no say in the choice of the penalty: balanced, one image would decide. */
const ENOUGH_IMAGES = 5;

/** Features with the classes of their images. */
export interface LabelledFeatures {
  /** float32 [N, D]. */
  readonly features: Features;
  /** Class numbers. */
  readonly labels: readonly number[];
}

/** What {@link fitLinearHead} fits. */
export interface LinearHeadOptions {
  /** Dense layers from [B, D] to [B, classes] without a hidden one; their weights are set. */
  readonly dense: tf.LayersModel;
  readonly classes: number;
  readonly train: LabelledFeatures;
  readonly validation: LabelledFeatures;
  /** Weight of each class in the loss; default 1 each. */
  readonly classWeights?: readonly number[];
}

/** How well a fit does. */
interface Measured {
  readonly loss: number;
  readonly accuracy: number;
}

/**
 * Fits a linear classifier on features for each of {@link ALL_PENALTIES}, weak ones only while they help, and
 * sets the head's weights to those of the lowest validation loss (of the classes with 5 validation images or more, where there are
 * any): what any other head has to beat. Yields two records a penalty (train
 * and validation, the penalty among their metrics), as an epoch of steps does. The caller may stop in between.
 *
 * @throws NumericalError when features are not finite
 */
export function* fitLinearHead(
  options: LinearHeadOptions,
): Generator<Omit<StepRecord, 'seconds'>, void, void> {
  const { dense, classes, classWeights } = options;
  const means = meansOf(options.train.features);
  const train = { ...options.train, data: centred(options.train.features, means) };
  const validation = { ...options.validation, data: centred(options.validation.features, means) };
  const columns = means.length;
  const weighting = classWeights === undefined ? {} : { classWeights };
  const { labels } = options.validation;
  const votes = votesOf({ classes, labels, ...weighting });
  let fit: LogisticModel | undefined;
  let best = Infinity;
  let bestAt = 0;
  for (const [i, penalty] of ALL_PENALTIES.entries()) {
    if (!isFitted(i, bestAt)) return;
    fit = fitLogisticRegression(
      { data: train.data, columns, labels: train.labels },
      { ...{ classes, penalty, ...weighting }, ...(fit === undefined ? {} : { start: fit }) },
    );
    const measured = [train, validation].map((part) => measure(fit, part, classWeights));
    const { loss } = measure(fit, validation, votes);
    if (loss < best) {
      best = loss;
      bestAt = i;
      setDense(dense, { fit, means });
    }
    for (const [j, split] of (['train', 'validation'] as const).entries()) {
      yield {
        ...{ kind: 'epoch', split, phase: 'head', step: i + 1, epoch: i + 1, learningRate: 0 },
        losses: { crossEntropy: measured[j]?.loss ?? NaN },
        metrics: { accuracy: measured[j]?.accuracy ?? NaN, penalty },
      };
    }
  }
}

/**
 * Returns the weight of each class in the choice of the penalty.
 *
 * @param given `labels`: class numbers of the validation images; those of none are passed over
 */
export function votesOf(given: {
  readonly classes: number;
  readonly labels: readonly number[];
  /** Default 1 each. */
  readonly classWeights?: readonly number[];
}): readonly number[] {
  const { classes, labels, classWeights } = given;
  const counts = Array.from(
    { length: classes },
    (_, c) => labels.filter((label) => label === c).length,
  );
  const someAreEnough = counts.some((count) => count >= ENOUGH_IMAGES);
  return counts.map((count, c) =>
    someAreEnough && count < ENOUGH_IMAGES ? 0 : (classWeights?.[c] ?? 1),
  );
}

/** Returns the mean of each column. */
export function meansOf({ data, count }: Features): Float64Array {
  const means = new Float64Array(data.length / count);
  data.forEach((value, at) => {
    const column = at % means.length;
    means[column] = (means[column] ?? 0) + value / count;
  });
  return means;
}

/** Returns features without the means of their columns. */
export const centred = ({ data }: Features, means: Float64Array): Float32Array =>
  data.map((value, at) => value - (means[at % means.length] ?? 0));

/** Returns the mean loss, weighted as in training, and the accuracy. */
function measure(
  fit: LogisticModel | undefined,
  { data, labels }: { readonly data: Float32Array; readonly labels: readonly number[] },
  classWeights?: readonly number[],
): Measured {
  if (fit === undefined) return { loss: NaN, accuracy: NaN };
  const { classes } = fit;
  const probabilities = predictLogistic(fit, { data });
  let [loss, weights, right] = [0, 0, 0];
  labels.forEach((label, i) => {
    const row = probabilities.subarray(i * classes, (i + 1) * classes);
    const weight = classWeights?.[label] ?? 1;
    loss -= weight * Math.log(Math.max(row[label] ?? 0, Number.MIN_VALUE));
    weights += weight;
    if (row.indexOf(Math.max(...row)) === label) right++;
  });
  return { loss: loss / weights, accuracy: right / labels.length };
}

/** A fit on centred features, and the layer that is to have its weights. */
interface FittedLayer {
  readonly fit: LogisticModel;
  readonly means: Float64Array;
  /** Default `logits`. */
  readonly layer?: string;
}

/** Sets the weights of a dense layer: those of the fit, moved from centred features to the features. */
export function setDense(
  dense: tf.LayersModel,
  { fit, means, layer = 'logits' }: FittedLayer,
): void {
  const { classes, columns, weights } = fit;
  const outputs = weights.length / (columns + 1);
  const kernel = new Float32Array(columns * classes);
  const bias = new Float32Array(classes);
  for (let c = 0; c < classes; c++) {
    // Two classes have one output, the log-odds of the second: half of it for one, minus half for the other.
    const [output, factor] = outputs === 1 ? [0, c === 1 ? 0.5 : -0.5] : [c, 1];
    const own = weights.subarray(output * (columns + 1), (output + 1) * (columns + 1));
    let offset = own[columns] ?? 0;
    for (let j = 0; j < columns; j++) {
      kernel[j * classes + c] = factor * (own[j] ?? 0);
      offset -= (own[j] ?? 0) * (means[j] ?? 0);
    }
    bias[c] = factor * offset;
  }
  tf.tidy(() => {
    dense.getLayer(layer).setWeights([tf.tensor2d(kernel, [columns, classes]), tf.tensor1d(bias)]);
  });
}
