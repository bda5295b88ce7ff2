/** A classifier's two steps: an update, and a prediction with its loss. */
import * as tf from '@tensorflow/tfjs';
import { compile, type CompileOptions, type CompiledStep } from '@janus/engine';
import { gradientsOf, type NamedVariables } from '../model-variables.js';
import { withMaskSeed } from '../layers.js';
import type { Optimizer } from '../optimizer-contract.js';
import { moveAverages } from './averages.js';
import type { Preprocessing } from '../backbones/preprocessing.js';
import { judgeHeads } from './heads-step.js';
import { preparedInputs, type GivenInputs } from './step-inputs.js';

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

/**
 * A batch, or a part of one: with `inputs` or `images`, and with `labels`, int32 [B], and `sampleWeights`, float32 [B]; or
 * of several targets with `targets`, float32 [B, classes], what each log-probability counts in the loss.
 */
interface BatchInputs extends Readonly<Record<string, tf.Tensor>> {
  /** int32 scalar */
  readonly maskSeed: tf.Tensor;
}

/** What an update changes, and how. */
export interface UpdateParts {
  readonly model: tf.LayersModel;
  readonly variables: NamedVariables;
  readonly optimizer: Optimizer;
  /** Running averages of the variables, where they are kept. */
  readonly averages?: NamedVariables | undefined;
  readonly classes: number;
  /** How images are changed that come as `images`, not as `inputs`. */
  readonly preprocessing?: Preprocessing | undefined;
  /** Default 0. */
  readonly labelSmoothing?: number;
  /** Default 0: gradients keep their length. */
  readonly clipNorm?: number;
  /** Of several targets: whether each output of the model has a part in the loss. */
  readonly isLearned?: readonly boolean[];
}

/** What a batch came to before the update. */
type Found = Readonly<Record<'loss' | 'predictions', tf.Tensor>>;

/**
 * An update from a batch, the numbers of its optimizer and, with averages, `averageRate`. Inputs
 * `partnerLabels` and `partnerWeights`, where images are mixed, are those of the images that each is mixed with.
 */
export type UpdateStep = CompiledStep<BatchInputs, Found>;

/**
 * Makes an update ready: weighted mean cross-entropy, its gradients, the optimizer. It returns the loss before
 * the update, float32 scalar, and the predicted classes, int32 [B]; of several targets [B, targets].
 */
export function compileUpdate(parts: UpdateParts, options: CompileOptions): UpdateStep {
  return compile((given: BatchInputs) => {
    const { inputs, images, maskSeed, targets, ...others } = given;
    const { labels, sampleWeights, partnerLabels, partnerWeights, ...numbers } = others;
    const labelled = { labels, sampleWeights, partnerLabels, partnerWeights };
    const batch = { inputs, images, maskSeed, targets, ...labelled };
    const { loss, gradients, predictions } = gradientsOfBatch(parts, batch);
    applyGradients(parts, gradients, numbers);
    tf.dispose(gradients);
    return { loss, predictions };
  }, options);
}

/** An update in parts: `add` each part of a batch, with its `totalWeight`, then `apply` the sum. */
export interface PartsStep {
  readonly add: CompiledStep<BatchInputs, Found>;
  readonly apply: CompiledStep<Record<string, tf.Tensor>, Readonly<Record<'done', tf.Tensor>>>;
  readonly dispose: () => void;
}

/** Makes an update in parts ready; `sums` are variables of 0 under the names of the others. */
export function compileParts(
  parts: UpdateParts & { readonly sums: NamedVariables },
  options: CompileOptions,
): PartsStep {
  const { sums } = parts;
  const add: PartsStep['add'] = compile((batch: BatchInputs) => {
    const { loss, gradients, predictions } = gradientsOfBatch(parts, batch);
    for (const [name, gradient] of Object.entries(gradients)) {
      sums[name]?.assign(tf.add(sums[name], gradient));
    }
    tf.dispose(gradients);
    return { loss, predictions };
  }, options);
  const apply: PartsStep['apply'] = compile((numbers: Record<string, tf.Tensor>) => {
    const gradients = Object.fromEntries(
      Object.entries(sums).map(([name, sum]) => [name, tf.mul(sum, 1)]),
    );
    applyGradients(parts, gradients, numbers);
    for (const sum of Object.values(sums)) sum.assign(tf.zeros(sum.shape));
    tf.dispose(gradients);
    return { done: tf.scalar(1) };
  }, options);
  return {
    add,
    apply,
    dispose: () => {
      add.dispose();
      apply.dispose();
    },
  };
}

/** Returns a batch's loss with its gradients; of a part, its share of the loss of `totalWeight`. */
function gradientsOfBatch(
  parts: UpdateParts,
  batch: Readonly<Record<string, tf.Tensor | undefined>>,
): {
  readonly loss: tf.Scalar;
  readonly gradients: Record<string, tf.Tensor>;
  readonly predictions: tf.Tensor;
} {
  const { model, variables, classes, labelSmoothing: smoothing = 0, isLearned = [] } = parts;
  const { maskSeed, totalWeight, targets } = batch;
  const { labels, sampleWeights, partnerLabels, partnerWeights } = batch;
  if (maskSeed === undefined) throw new Error('an update has no seed of its masks');
  const kept: tf.Tensor[] = [];
  const lossOf = (logits: tf.Tensor2D, of?: tf.Tensor, weights?: tf.Tensor): tf.Tensor => {
    if (of === undefined || weights === undefined) throw new Error('an update has no labels');
    return tf.sum(
      tf.mul(crossEntropies(logits, of as tf.Tensor1D, { classes, smoothing }), weights),
    );
  };
  const { value, gradients } = withMaskSeed(model, maskSeed, () =>
    gradientsOf(() => {
      const outputs = model.apply(preparedInputs(batch, parts), { training: true });
      if (targets !== undefined) {
        const judged = judgeHeads([outputs].flat() as tf.Tensor2D[], { targets, isLearned });
        kept.push(tf.keep(judged.predictions));
        return judged.loss;
      }
      const logits = outputs as tf.Tensor2D;
      kept.push(tf.keep(tf.argMax(logits, 1)));
      const own = lossOf(logits, labels, sampleWeights);
      const weight = totalWeight ?? sumOf(sampleWeights, partnerWeights);
      const sum =
        partnerLabels === undefined
          ? own
          : tf.add(own, lossOf(logits, partnerLabels, partnerWeights));
      return tf.div<tf.Scalar>(sum, weight);
    }, variables),
  );
  const [predictions] = kept;
  if (predictions === undefined) throw new Error('a step made no prediction');
  const copy = tf.clone(predictions);
  predictions.dispose();
  return { loss: value, gradients, predictions: copy };
}

/** Returns the sum of weights, those of partners included; inside `tidy`. */
function sumOf(weights?: tf.Tensor, partners?: tf.Tensor): tf.Tensor {
  if (weights === undefined) throw new Error('an update has no weights');
  return partners === undefined ? tf.sum(weights) : tf.add(tf.sum(weights), tf.sum(partners));
}

/** Added to the length of gradients by which they are divided, as PyTorch's `clip_grad_norm_` does. */
const CLIP_EPSILON = 1e-6;

/** Shortens gradients to a length of `clipNorm`, all together, updates the variables and moves their averages. */
function applyGradients(
  { variables, optimizer, averages, clipNorm = 0 }: UpdateParts,
  gradients: Readonly<Record<string, tf.Tensor>>,
  { averageRate, ...numbers }: Readonly<Record<string, tf.Tensor>>,
): void {
  tf.tidy(() => {
    optimizer.update(clipNorm > 0 ? clipped(gradients, clipNorm) : gradients, variables, numbers);
  });
  if (averages === undefined) return;
  if (averageRate === undefined) throw new Error('an update has no rate of its averages');
  moveAverages(averages, variables, averageRate);
}

/** Returns gradients of a length of at most `most`, all together; inside `tidy`. Source: Pascanu et al. 2013, arXiv 1211.5063. */
function clipped(
  gradients: Readonly<Record<string, tf.Tensor>>,
  most: number,
): Record<string, tf.Tensor> {
  const squares = Object.values(gradients).map((gradient) => tf.sum(tf.square(gradient)));
  const length = tf.sqrt(tf.addN(squares));
  const factor = tf.minimum(1, tf.div(most, tf.add(length, CLIP_EPSILON)));
  return Object.fromEntries(
    Object.entries(gradients).map(([name, gradient]) => [name, tf.mul(gradient, factor)]),
  );
}

/** See {@link compilePrediction}. */
export type PredictionStep = CompiledStep<
  GivenInputs & { labels: tf.Tensor1D },
  Readonly<Record<'losses' | 'predictions', tf.Tensor>>
>;

/** Makes ready what a model says of inputs without dropout: cross-entropies, float32 [B], and classes, int32 [B]. */
export function compilePrediction(
  parts: Pick<UpdateParts, 'model' | 'classes' | 'preprocessing'>,
  options: CompileOptions,
): PredictionStep {
  const { model, classes } = parts;
  return compile(({ labels, ...given }: GivenInputs & { labels: tf.Tensor1D }) => {
    const logits = model.apply(preparedInputs(given, parts)) as tf.Tensor2D;
    return {
      losses: crossEntropies(logits, labels, { classes }),
      predictions: tf.argMax(logits, 1),
    };
  }, options);
}
