/** A classifier's two steps: an update, and a prediction with its loss. */
import * as tf from '@tensorflow/tfjs';
import { compile, type CompileOptions, type CompiledStep } from '@janus/engine';
import type { Adam, AdamCorrection } from '../adam.js';
import { gradientsOf, type NamedVariables } from '../model-variables.js';
import { withMaskSeed } from '../layers.js';

/**
 * Returns each image's softmax cross-entropy from logits. float32 [B].
 *
 * @param smoothing share of the target that all classes have in equal parts. Source: Szegedy et al. 2016,
 * arXiv 1512.00567, section 7
 */
function crossEntropies(
  logits: tf.Tensor2D,
  labels: tf.Tensor1D,
  { classes, smoothing = 0 }: { readonly classes: number; readonly smoothing?: number },
): tf.Tensor1D {
  const oneHotLabels = tf.cast(tf.oneHot(labels, classes), 'float32');
  const targets =
    smoothing === 0
      ? oneHotLabels
      : tf.add(tf.mul(oneHotLabels, 1 - smoothing), smoothing / classes);
  return tf.neg(tf.sum(tf.mul(targets, tf.logSoftmax(logits)), 1));
}

/** Inputs of an update. */
interface UpdateInputs extends AdamCorrection<tf.Tensor> {
  readonly inputs: tf.Tensor;
  /** int32 [B] */
  readonly labels: tf.Tensor1D;
  /** float32 [B] */
  readonly sampleWeights: tf.Tensor1D;
  /** int32 scalar */
  readonly maskSeed: tf.Scalar;
}

/** See {@link compileUpdate}. */
export type UpdateStep = CompiledStep<
  UpdateInputs,
  Readonly<Record<'loss' | 'predictions', tf.Tensor>>
>;

/**
 * Makes an update ready: weighted mean cross-entropy, its gradients, Adam. It returns the loss before
 * the update, float32 scalar, and the predicted classes, int32 [B].
 */
export function compileUpdate(
  parts: {
    readonly model: tf.LayersModel;
    readonly variables: NamedVariables;
    readonly adam: Adam;
    readonly classes: number;
    /** Default 0. */
    readonly labelSmoothing?: number;
  },
  options: CompileOptions,
): UpdateStep {
  const { model, variables, adam, classes, labelSmoothing: smoothing = 0 } = parts;
  return compile(({ inputs, labels, sampleWeights, maskSeed, ...correction }: UpdateInputs) => {
    const kept: tf.Tensor[] = [];
    const { value, gradients } = withMaskSeed(model, maskSeed, () =>
      gradientsOf(() => {
        const logits = model.apply(inputs, { training: true }) as tf.Tensor2D;
        kept.push(tf.keep(tf.argMax(logits, 1)));
        const losses = tf.mul(
          crossEntropies(logits, labels, { classes, smoothing }),
          sampleWeights,
        );
        return tf.div<tf.Scalar>(tf.sum(losses), tf.sum(sampleWeights));
      }, variables),
    );
    adam.update(gradients, variables, correction);
    tf.dispose(gradients);
    const [predictions] = kept;
    if (predictions === undefined) throw new Error('a step made no prediction');
    const copy = tf.clone(predictions);
    predictions.dispose();
    return { loss: value, predictions: copy };
  }, options);
}

/** See {@link compilePrediction}. */
export type PredictionStep = CompiledStep<
  { inputs: tf.Tensor; labels: tf.Tensor1D },
  Readonly<Record<'losses' | 'predictions', tf.Tensor>>
>;

/** Makes ready what a model says of inputs without dropout: cross-entropies, float32 [B], and classes, int32 [B]. */
export function compilePrediction(
  { model, classes }: { readonly model: tf.LayersModel; readonly classes: number },
  options: CompileOptions,
): PredictionStep {
  return compile(({ inputs, labels }: { inputs: tf.Tensor; labels: tf.Tensor1D }) => {
    const logits = model.apply(inputs) as tf.Tensor2D;
    return {
      losses: crossEntropies(logits, labels, { classes }),
      predictions: tf.argMax(logits, 1),
    };
  }, options);
}
