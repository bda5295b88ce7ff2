/** What a step with several targets does with the outputs of the model. */
import * as tf from '@tensorflow/tfjs';
import { compile, type CompileOptions, type CompiledStep } from '@janus/engine';
import type { Preprocessing } from '../backbones/preprocessing.js';
import { preparedInputs, type GivenInputs } from './step-inputs.js';

/** What logits are worth. */
interface JudgedLogits {
  /** Sum of the heads' cross-entropies. */
  readonly loss: tf.Scalar;
  /** int32 [B, heads]. */
  readonly predictions: tf.Tensor;
}

/**
 * Returns the loss and the predicted classes of logits; inside `tidy`.
 *
 * @param logits of each head
 * @param wanted `targets`: float32 [B, classes of the learned heads], what each log-probability counts in the loss;
 * `isLearned`: whether each head has a part in it
 */
export function judgeHeads(
  logits: readonly tf.Tensor2D[],
  wanted: { readonly targets: tf.Tensor; readonly isLearned: readonly boolean[] },
): JudgedLogits {
  const { targets, isLearned } = wanted;
  // A head without a part must not be in the graph of the loss: its gradient would be 0, and Adam decay its kernel.
  const learned = logits.filter((_, i) => isLearned[i] === true);
  return {
    loss: tf.neg<tf.Scalar>(tf.sum(tf.mul(targets, logProbabilitiesOf(learned)))),
    predictions: tf.concat(
      logits.map((each) => tf.reshape(tf.argMax(each, 1), [-1, 1])),
      1,
    ),
  };
}

/** See {@link compileHeadsPrediction}. */
export type HeadsPredictionStep = CompiledStep<
  GivenInputs,
  Readonly<Record<'logProbabilities', tf.Tensor>>
>;

/** Makes ready what a model says of inputs without dropout: float32 [B, sum of classes], side by side. */
export function compileHeadsPrediction(
  parts: { readonly model: tf.LayersModel; readonly preprocessing?: Preprocessing | undefined },
  options: CompileOptions,
): HeadsPredictionStep {
  return compile((given: GivenInputs) => {
    const logits = [parts.model.apply(preparedInputs(given, parts))].flat() as tf.Tensor2D[];
    return { logProbabilities: logProbabilitiesOf(logits) };
  }, options);
}

function logProbabilitiesOf(logits: readonly tf.Tensor2D[]): tf.Tensor2D {
  return tf.concat2d(
    logits.map((each) => tf.logSoftmax(each)),
    1,
  );
}
