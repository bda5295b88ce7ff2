/** One update of a classifier from a batch: mixing, parts of a batch, gradients, optimizer, averages. */
import * as tf from '@tensorflow/tfjs';
import { hashOfText } from '@janus/core';
import type { CompileOptions } from '@janus/engine';
import type { NamedVariables } from '../model-variables.js';
import { numberTensors } from '../optimizer.js';
import { averageRateOf } from './averages.js';
import {
  compileParts,
  compileUpdate,
  type PartsStep,
  type UpdateParts,
  type UpdateStep,
} from './classifier-step.js';
import type { ClassifierTraining } from './classifier-training.js';
import type { GivenInputs } from './step-inputs.js';
import { drawMixture, mixInputs, type Mixture } from './mixing.js';

/** A batch as an update takes it. */
export interface UpdateBatch {
  /** The model's inputs, float32 [B, ...], or pixels; the caller disposes them. */
  readonly given: GivenInputs;
  /** int32 [B]. */
  readonly labels: Int32Array;
  /** Weight of each image in the loss, float32 [B]. */
  readonly weights: Float32Array;
  /** Of several targets, instead of labels and weights: float32 [B, classes], as `lossTargets` gives. */
  readonly targets?: Float32Array;
}

/** What an update found before it changed the weights. */
export interface UpdateResult {
  /** Weighted mean cross-entropy, nats. */
  readonly loss: number;
  /** The class of each image; int32 [B]; of several targets, image after image. */
  readonly predictions: Int32Array;
}

/** An update that is ready. */
export interface Update {
  /** Updates the weights at that learning rate. */
  readonly run: (batch: UpdateBatch, learningRate: number) => Promise<UpdateResult>;
  readonly dispose: () => void;
}

/** Makes the update of a training ready; the caller disposes it. */
export function openUpdate(training: ClassifierTraining, options: CompileOptions): Update {
  const { model, classes, labelSmoothing = 0, clipNorm = 0, parts: count = 1 } = training.options;
  const { several, preprocessing } = training.options;
  const { variables, optimizer, averages } = training;
  const parts: UpdateParts = {
    ...{ model, variables, optimizer, averages, classes, labelSmoothing, clipNorm },
    preprocessing,
    ...(several === undefined ? {} : { isLearned: several.heads.map(({ weight }) => weight > 0) }),
  };
  if (count === 1) {
    const step = compileUpdate(parts, options);
    return {
      run: (batch, rate) => runWhole(training, { batch, rate, step }),
      dispose: () => {
        step.dispose();
      },
    };
  }
  const sums = zerosLike(variables);
  const step = compileParts({ ...parts, sums }, options);
  return {
    run: (batch, rate) => runInParts(training, { batch, rate, step }),
    dispose: () => {
      step.dispose();
      for (const sum of Object.values(sums)) sum.dispose();
    },
  };
}

const zerosLike = (variables: NamedVariables): NamedVariables =>
  Object.fromEntries(
    Object.entries(variables).map(([name, { shape }]) => [
      name,
      tf.tidy(() => tf.variable(tf.zeros(shape), false)),
    ]),
  );

interface Work<Step> {
  readonly batch: UpdateBatch;
  readonly rate: number;
  readonly step: Step;
}

async function runWhole(
  training: ClassifierTraining,
  { batch, rate, step }: Work<UpdateStep>,
): Promise<UpdateResult> {
  const mixed = mixtureOf(training, batch);
  const given = {
    ...inputsOf(batch, { mixed, from: 0, to: batch.labels.length }),
    maskSeed: maskSeedOf(training, 0),
    ...numbersOf(training, rate),
  };
  const made = await step.run(given);
  const [loss = NaN] = await made.loss.data();
  const predictions = Int32Array.from(await made.predictions.data());
  tf.dispose([given, made]);
  return { loss, predictions };
}

async function runInParts(
  training: ClassifierTraining,
  { batch, rate, step }: Work<PartsStep>,
): Promise<UpdateResult> {
  const { parts = 1 } = training.options;
  const count = batch.labels.length;
  const mixed = mixtureOf(training, batch);
  const total = batch.weights.reduce((sum, weight) => sum + weight, 0);
  const size = Math.ceil(count / parts);
  const heads = training.options.several?.heads.length ?? 1;
  const predictions = new Int32Array(count * heads);
  let loss = 0;
  for (let from = 0; from < count; from += size) {
    const given = {
      ...inputsOf(batch, { mixed, from, to: Math.min(count, from + size) }),
      maskSeed: maskSeedOf(training, from),
      ...(batch.targets === undefined ? { totalWeight: tf.scalar(total) } : {}),
    };
    const made = await step.add.run(given);
    const [partLoss = NaN] = await made.loss.data();
    loss += partLoss;
    predictions.set(Int32Array.from(await made.predictions.data()), from * heads);
    tf.dispose([given, made]);
  }
  const numbers = numbersOf(training, rate);
  const made = await step.apply.run(numbers);
  await made.done.data();
  tf.dispose([numbers, made]);
  return { loss, predictions };
}

function mixtureOf(
  { options, progress }: ClassifierTraining,
  { given }: UpdateBatch,
): Mixture | undefined {
  const { mix = 'none', seed, phase } = options;
  if (mix === 'none') return undefined;
  const { shape } = 'inputs' in given ? given.inputs : given.images;
  return drawMixture({ mix, shape, seed, stream: [phase, progress.step] });
}

/** A part of a batch. */
interface Part {
  readonly mixed: Mixture | undefined;
  readonly from: number;
  readonly to: number;
}

/** Returns a part of a batch as tensors; of a mixed batch with the labels of the partners. */
function inputsOf(
  { given, labels, weights, targets }: UpdateBatch,
  { mixed, from, to }: Part,
): Record<string, tf.Tensor> {
  const partOf = (whole: tf.Tensor): tf.Tensor =>
    tf.tidy(() => {
      const all = mixed === undefined ? whole : mixInputs(whole, mixed);
      const isWhole = from === 0 && to === labels.length;
      return isWhole ? tf.clone(all) : tf.slice(all, from, to - from);
    });
  const changed: Record<string, tf.Tensor> =
    'inputs' in given ? { inputs: partOf(given.inputs) } : { images: partOf(given.images) };
  if (targets !== undefined) {
    const width = targets.length / labels.length;
    const rows = mixedTargets(targets, { width, mixed }).subarray(from * width, to * width);
    return { ...changed, targets: tf.tensor2d(rows, [to - from, width]) };
  }
  const own = { ...changed, labels: tf.tensor1d(labels.subarray(from, to), 'int32') };
  if (mixed === undefined)
    return { ...own, sampleWeights: tf.tensor1d(weights.subarray(from, to)) };
  const { share, partners } = mixed;
  const others = partners.subarray(from, to);
  return {
    ...own,
    sampleWeights: tf.tensor1d(weights.subarray(from, to).map((weight) => share * weight)),
    partnerLabels: tf.tensor1d(
      others.map((i) => labels[i] ?? 0),
      'int32',
    ),
    partnerWeights: tf.tensor1d(Float32Array.from(others, (i) => (1 - share) * (weights[i] ?? 0))),
  };
}

/** Returns the targets of a batch, each mixed with its partner's in the shares of the images. */
function mixedTargets(
  targets: Float32Array,
  { width, mixed }: { readonly width: number; readonly mixed: Mixture | undefined },
): Float32Array {
  if (mixed === undefined) return targets;
  const { share, partners } = mixed;
  return targets.map((own, at) => {
    const partner = partners[Math.floor(at / width)] ?? 0;
    return share * own + (1 - share) * (targets[partner * width + (at % width)] ?? 0);
  });
}

/** Returns the seed of an update's dropout masks; those of its parts differ. */
function maskSeedOf({ options, progress }: ClassifierTraining, part: number): tf.Scalar {
  const { seed, phase } = options;
  const name = `${seed}/${phase}/dropout/${progress.step}${part === 0 ? '' : `/${part}`}`;
  return tf.scalar(hashOfText(name) | 0, 'int32');
}

/** Counts an update and returns its numbers. */
function numbersOf(
  { optimizer, averages, options, progress }: ClassifierTraining,
  rate: number,
): Record<string, tf.Scalar> {
  const { averageDecay = 0 } = options;
  return {
    ...numberTensors(optimizer.advance(rate)),
    ...(averages === undefined
      ? {}
      : { averageRate: tf.scalar(averageRateOf(averageDecay, progress.step)) }),
  };
}
