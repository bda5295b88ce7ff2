/** The classifier's training loop. */
import * as tf from '@tensorflow/tfjs';
import {
  FIRST_BATCH,
  NumericalError,
  OptionsError,
  TensorLeakError,
  type BatchSource,
  type FeatureBatch,
  type LabelledBatch,
  type StepRecord,
} from '@janus/core';
import { preprocess } from '../backbones/preprocessing.js';
import { imageTensor } from '../features.js';
import { whileAveraged } from './averages.js';
import { compilePrediction, type PredictionStep } from './classifier-step.js';
import { isPhaseOver, weightsInUse, type ClassifierTraining } from './classifier-training.js';
import { openUpdate, type Update } from './classifier-update.js';
import {
  createHeadsTally,
  lossTargets,
  shareRight,
  widthOf,
  type HeadsTraining,
} from './heads-loss.js';
import { compileHeadsPrediction, type HeadsPredictionStep } from './heads-step.js';
import type { GivenInputs } from './step-inputs.js';

/** What a classifier trains on: images, or features that frozen layers made of them. */
export type ClassifierBatch = LabelledBatch | FeatureBatch;

/** What {@link classifierSteps} trains and validates on. */
export interface ClassifierSources {
  readonly train: BatchSource<ClassifierBatch>;
  /** Its first epoch is the validation set; images must not be changed in it. */
  readonly validation: BatchSource<ClassifierBatch>;
  /** Stops before the next step when aborted. */
  readonly signal?: AbortSignal;
  /** Seconds since any moment; default the process's clock. */
  readonly clock?: () => number;
}

/** Images per batch that validation sources should have: more gain nothing. */
export const VALIDATION_BATCH = 64;

/**
 * Trains until the last epoch or update of the options, or until `patience` epochs in a row were no better: softmax
 * cross-entropy, Adam, validation after each epoch (the last may be shorter), the best epoch's weights kept. Yields a record per
 * step, and two (train and validation) at the end of each epoch. Whenever it has yielded, `training` is
 * complete, except between the last step of an epoch and its validation record: the caller may save it,
 * stop, and continue with another call.
 *
 * @throws OptionsError when a source is empty, or images come without `preprocessing`
 * @throws NumericalError when the loss is not finite
 * @throws TensorLeakError when a step leaves tensors behind
 */
export async function* classifierSteps(
  training: ClassifierTraining,
  sources: ClassifierSources,
): AsyncGenerator<StepRecord, void, void> {
  const { train, validation } = sources;
  if (train.stepsPerEpoch === 0 || validation.stepsPerEpoch === 0) {
    throw new OptionsError(
      `train: needs images for training and validation, but got ${train.stepsPerEpoch} and ${validation.stepsPerEpoch} batches. Split the data set with \`janus data split\`.`,
    );
  }
  if (isPhaseOver(training)) return;
  const { model, classes, several, preprocessing } = training.options;
  const { precision = 'float32', execution = 'graph' } = training.options;
  const how = { precision, execution };
  const update = openUpdate(training, how);
  const predict: Prediction =
    several === undefined
      ? { several, step: compilePrediction({ model, classes, preprocessing }, how) }
      : { several, step: compileHeadsPrediction({ model, preprocessing }, how) };
  try {
    yield* trainWith(training, sources, { update, predict });
  } finally {
    update.dispose();
    predict.step.dispose();
  }
}

/** The prediction of one target, or of several. */
type Prediction =
  | { readonly several: undefined; readonly step: PredictionStep }
  | { readonly several: HeadsTraining; readonly step: HeadsPredictionStep };

interface Steps {
  readonly update: Update;
  readonly predict: Prediction;
}

async function* trainWith(
  training: ClassifierTraining,
  sources: ClassifierSources,
  { update, predict }: Steps,
): AsyncGenerator<StepRecord, void, void> {
  const { train, validation, signal } = sources;
  const { clock = (): number => performance.now() / 1000 } = sources;
  const { options } = training;
  const { phase, stepsBefore = 0, epochsBefore = 0 } = options;
  const start = clock();
  const rateAt = (step: number): number =>
    options.learningRate * (options.schedule?.(step, options.epochs * train.stepsPerEpoch) ?? 1);
  const recordOf = (
    each: Pick<StepRecord, 'kind' | 'losses' | 'metrics' | 'split' | 'epoch'>,
  ): StepRecord => ({
    ...each,
    step: stepsBefore + training.progress.step,
    epoch: epochsBefore + each.epoch,
    phase,
    learningRate: rateAt(training.progress.step - 1),
    seconds: clock() - start,
  });
  if (options.keepStart === true && training.progress.step === 0) {
    const { loss } = await validate(training, validation, predict);
    training.best = await weightsInUse(training);
    training.progress = { ...training.progress, bestLoss: loss };
  }
  for await (const batch of train.batches(training.progress.cursor)) {
    if (signal?.aborted === true) return;
    const { epoch } = training.progress.cursor;
    const learningRate = rateAt(training.progress.step);
    const { loss, correct } = await oneStep(training, batch, { update, learningRate });
    const { step, lossSum, correctSum, seen } = training.progress;
    training.progress = {
      ...training.progress,
      step: step + 1,
      cursor: batch.next,
      lossSum: lossSum + loss * batch.size,
      correctSum: correctSum + correct,
      seen: seen + batch.size,
    };
    yield recordOf({
      ...{ kind: 'step', split: 'train', epoch },
      losses: { crossEntropy: loss },
      metrics: { accuracy: correct / batch.size },
    });
    if (batch.next.epoch === epoch && !isPhaseOver(training)) continue;
    const trained = meansOf(training);
    const found = await validateAveraged(training, validation, predict);
    checkFinite(found.loss, { split: 'validation', step: stepsBefore + training.progress.step });
    const { bestLoss } = training.progress;
    const isBetter = bestLoss === null || found.loss < bestLoss;
    if (isBetter) training.best = await weightsInUse(training);
    training.progress = {
      ...training.progress,
      ...{ lossSum: 0, correctSum: 0, seen: 0 },
      ...(isBetter ? { bestLoss: found.loss, bestEpoch: epoch + 1 } : {}),
    };
    for (const [split, { loss: crossEntropy, accuracy, ...more }] of [
      ['train', trained],
      ['validation', found],
    ] as const) {
      const measured = {
        losses: { crossEntropy, ...more.losses },
        metrics: { accuracy, ...more.metrics },
      };
      yield recordOf({ kind: 'epoch', split, epoch: epoch + 1, ...measured });
    }
    if (isPhaseOver(training)) return;
  }
}

interface Measured {
  readonly loss: number;
  readonly accuracy: number;
  /** Of several targets, each by its name. */
  readonly losses?: Readonly<Record<string, number>>;
  readonly metrics?: Readonly<Record<string, number>>;
}

function meansOf({ progress }: ClassifierTraining): Measured {
  const { lossSum, correctSum, seen } = progress;
  return { loss: lossSum / seen, accuracy: correctSum / seen };
}

async function oneStep(
  training: ClassifierTraining,
  batch: ClassifierBatch,
  { update, learningRate }: { readonly update: Update; readonly learningRate: number },
): Promise<{ readonly loss: number; readonly correct: number }> {
  const { options, progress } = training;
  const before = tf.memory().numTensors;
  const { labels } = batch;
  const { several, labelSmoothing = 0 } = options;
  const known = several === undefined ? [] : batch.ids.map(several.labelsOf);
  const given = inputsOf(training, batch);
  const { loss, predictions } = await update.run(
    {
      ...{ given, labels, weights: Float32Array.from(labels, weightsOf(training)) },
      ...(several && { targets: lossTargets(several.heads, known, labelSmoothing) }),
    },
    learningRate,
  );
  tf.dispose(given);
  const correct =
    several === undefined
      ? countEqual(predictions, labels)
      : batch.size * shareRight(predictions, known);
  const { stepsBefore = 0 } = options;
  checkFinite(loss, { split: 'train', step: stepsBefore + progress.step + 1 });
  const grown = tf.memory().numTensors - before;
  if (grown > 0) {
    throw new TensorLeakError(
      `train: a step must leave as many tensors as it found, but left ${grown} more. Report this as a bug.`,
      grown,
    );
  }
  return { loss, correct };
}

function checkFinite(
  loss: number,
  { split, step }: { readonly split: 'train' | 'validation'; readonly step: number },
): void {
  if (Number.isFinite(loss)) return;
  const which = split === 'train' ? 'loss' : 'validation loss';
  throw new NumericalError(
    `train: the ${which} must be finite, but is ${loss} at step ${step}. Lower the learning rate.`,
    { step, losses: { crossEntropy: loss } },
  );
}

/** Returns a batch as a step takes it; the caller disposes it. */
function inputsOf({ options }: ClassifierTraining, batch: ClassifierBatch): GivenInputs {
  if ('features' in batch) {
    return { inputs: tf.tensor(batch.features, [batch.size, ...batch.shape]) };
  }
  const { preprocessing, mix = 'none' } = options;
  if (preprocessing === undefined) {
    throw new OptionsError(
      'train: images need preprocessing, but none was given. Name that of the backbone.',
    );
  }
  // Mixed images have values between whole numbers.
  return mix === 'none'
    ? { images: imageTensor(batch) }
    : { inputs: tf.tidy(() => preprocess(imageTensor(batch), preprocessing)) };
}

const weightsOf = ({ options }: ClassifierTraining): ((label: number) => number) => {
  const { classWeights } = options;
  return (label) => classWeights?.[label] ?? 1;
};

function countEqual(predictions: ArrayLike<number>, labels: Int32Array): number {
  return labels.reduce((sum, label, i) => sum + (predictions[i] === label ? 1 : 0), 0);
}

/** Validates the weights that count: their running averages, where these are kept. */
const validateAveraged = (
  training: ClassifierTraining,
  validation: BatchSource<ClassifierBatch>,
  predict: Prediction,
): Promise<Measured> => whileAveraged(training, () => validate(training, validation, predict));

/** Passes once over the validation set; the loss is weighted as the training's is. */
async function validate(
  training: ClassifierTraining,
  validation: BatchSource<ClassifierBatch>,
  predict: Prediction,
): Promise<Measured> {
  if (predict.several !== undefined) return await validateHeads(training, validation, predict);
  const weightOf = weightsOf(training);
  let lossSum = 0;
  let weightSum = 0;
  let correct = 0;
  let seen = 0;
  for await (const batch of validation.batches(FIRST_BATCH)) {
    const given = {
      ...inputsOf(training, batch),
      labels: tf.tensor1d(batch.labels, 'int32'),
    };
    const made = await predict.step.run(given);
    const losses = await made.losses.data();
    batch.labels.forEach((label, i) => {
      lossSum += (losses[i] ?? 0) * weightOf(label);
      weightSum += weightOf(label);
    });
    correct += countEqual(await made.predictions.data(), batch.labels);
    seen += batch.size;
    tf.dispose([given, made]);
    if (batch.next.epoch > 0) break;
  }
  return { loss: lossSum / weightSum, accuracy: correct / seen };
}

/** The same of several targets, each by itself too. */
async function validateHeads(
  training: ClassifierTraining,
  validation: BatchSource<ClassifierBatch>,
  { several, step }: Extract<Prediction, { readonly several: HeadsTraining }>,
): Promise<Measured> {
  const tally = createHeadsTally(several.heads);
  const width = widthOf(several.heads);
  for await (const batch of validation.batches(FIRST_BATCH)) {
    const given = inputsOf(training, batch);
    const made = await step.run(given);
    const rows = (await made.logProbabilities.data()) as Float32Array;
    batch.ids.forEach((id, i) => {
      tally.add(rows.subarray(i * width, (i + 1) * width), several.labelsOf(id));
    });
    tf.dispose([given, made]);
    if (batch.next.epoch > 0) break;
  }
  return tally.measure();
}
