import * as tf from '@tensorflow/tfjs';
import {
  hashOfText,
  NumericalError,
  OptionsError,
  permutationOf,
  streamOf,
  TensorLeakError,
  type NamedArray,
  type StepRecord,
} from '@janus/core';
import type { Execution, Precision } from '@janus/engine';
import { createAdam, type Adam } from '../adam.js';
import { compilePrediction, compileUpdate, type PredictionStep } from './classifier-step.js';
import { arraysOf, assignArrays, variablesOf, type NamedVariables } from '../model-variables.js';

/** Something to train on: inputs by number, and a label for each. */
export interface LabelledInputs {
  readonly count: number;
  /** Class numbers. */
  readonly labels: ArrayLike<number>;
  /**
   * Returns the inputs of these numbers as one tensor; the caller disposes it.
   *
   * @param epoch counted from 0; -1 where nothing is trained
   */
  readonly batch: (items: ArrayLike<number>, epoch: number) => tf.Tensor | Promise<tf.Tensor>;
  /** Is told which batches come next, in this order, so that they can be made ahead. */
  readonly expect?: (batches: readonly ArrayLike<number>[], epoch: number) => void;
}

/** Options of {@link createClassifierTraining}. */
export interface ClassifierTrainingOptions {
  /** Inputs to logits; its trainable weights are trained in place. */
  readonly model: tf.LayersModel;
  readonly train: LabelledInputs;
  readonly validation: LabelledInputs;
  readonly classes: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly seed: number;
  /** What the model computes in; default float32. */
  readonly precision?: Precision;
  /** How its steps run; default `graph`. */
  readonly execution?: Execution;
  readonly phase: 'head' | 'fine-tune';
  /** Weigh each class by the inverse of its share, so that a rare one counts as much; default false. */
  readonly balanced?: boolean;
  /**
   * Counts the weights that the phase begins with as epoch 0, so that {@link ClassifierTraining.useBest} goes back
   * to them when no epoch has a lower validation loss; default false. For weights trained already.
   */
  readonly keepStart?: boolean;
  /** Steps and epochs that came before this phase, for the records; default 0. */
  readonly stepsBefore?: number;
  readonly epochsBefore?: number;
}

/** A phase's state as JSON and arrays: what a checkpoint holds. */
export interface ClassifierTrainingSnapshot {
  readonly arrays: readonly NamedArray[];
  readonly state: ClassifierTrainingState;
}

/** The part of the state that is no array. */
export interface ClassifierTrainingState {
  readonly step: number;
  readonly epoch: number;
  /** Batches of the epoch that are done. */
  readonly batch: number;
  readonly lossSum: number;
  readonly rightSum: number;
  readonly seen: number;
  readonly bestLoss: number | null;
  readonly bestEpoch: number;
}

/** A training phase that can be stopped after any step. */
export interface ClassifierTraining {
  /** Yields a record a step, and two (train and validation) at the end of each epoch. */
  steps(): AsyncGenerator<StepRecord, void, void>;
  snapshot(): Promise<ClassifierTrainingSnapshot>;
  /** Goes on where a snapshot was taken. */
  restore(snapshot: ClassifierTrainingSnapshot): void;
  /** Sets the weights of the epoch with the lowest validation loss. */
  useBest(): void;
  /** The epoch whose weights {@link ClassifierTraining.useBest} sets, counted from 1; 0 for those of the start. */
  bestEpoch(): number;
  dispose(): void;
}

const FIRST_STATE: ClassifierTrainingState = {
  step: 0,
  epoch: 0,
  batch: 0,
  lossSum: 0,
  rightSum: 0,
  seen: 0,
  bestLoss: null,
  bestEpoch: 0,
};

/** Returns the weight of each class: 1, or the inverse of its share over the number of classes. */
export function classWeightsOf(
  labels: ArrayLike<number>,
  classes: number,
  balanced: boolean,
): readonly number[] {
  if (!balanced) return Array.from({ length: classes }, () => 1);
  const counts = Array.from({ length: classes }, () => 0);
  for (const label of Array.from(labels)) counts[label] = (counts[label] ?? 0) + 1;
  return counts.map((count) => (count === 0 ? 0 : labels.length / (classes * count)));
}

/**
 * Returns a training phase: mini-batches in a seeded order, softmax cross-entropy, Adam, validation
 * after each epoch, the best epoch's weights kept. Its whole state is in its snapshot, so that a run
 * that was killed and restored equals one that was not, bit for bit.
 *
 * @throws OptionsError when there is nothing to train on
 */
export function createClassifierTraining(options: ClassifierTrainingOptions): ClassifierTraining {
  const { model, train, validation, classes, seed, phase, epochs, batchSize } = options;
  const { learningRate, stepsBefore = 0, epochsBefore = 0 } = options;
  const { precision = 'float32', execution = 'graph' } = options;
  if (train.count === 0 || validation.count === 0) {
    throw new OptionsError(
      `train: needs images for training and validation, but got ${train.count} and ${validation.count}. Split the data set with \`janus data split\`.`,
    );
  }
  const variables: NamedVariables = variablesOf(model);
  const adam: Adam = createAdam({ learningRate });
  const weights = classWeightsOf(train.labels, classes, options.balanced ?? false);
  const stepsPerEpoch = Math.ceil(train.count / batchSize);
  let state = FIRST_STATE;
  let best: readonly NamedArray[] = [];

  adam.prepare(variables);
  const step = compileUpdate({ model, variables, adam, classes }, { precision, execution });
  const predict = compilePrediction({ model, classes }, { precision, execution });

  const update = async (items: Uint32Array): Promise<{ loss: number; right: number }> => {
    const before = tf.memory().numTensors;
    const { alphaT, epsilonHat } = adam.advance();
    const given = {
      inputs: await train.batch(items, state.epoch),
      labels: labelsOf(train, items),
      sampleWeights: tf.tensor1d(
        Float32Array.from(items, (i) => weights[train.labels[i] ?? 0] ?? 1),
      ),
      maskSeed: tf.scalar(hashOfText(`${seed}/${phase}/dropout/${state.step}`) | 0, 'int32'),
      alphaT: tf.scalar(alphaT),
      epsilonHat: tf.scalar(epsilonHat),
    };
    const made = await step.run(given);
    const [loss = NaN] = await made.loss.data();
    const right = countRight(await made.predictions.data(), items, train.labels);
    tf.dispose([given, made]);
    if (!Number.isFinite(loss)) {
      throw new NumericalError(
        `train: the loss must be finite, but is ${loss} at step ${state.step + 1}. Lower --learning-rate.`,
        { step: state.step + 1, losses: { crossEntropy: loss } },
      );
    }
    const grown = tf.memory().numTensors - before;
    if (grown > 0) {
      throw new TensorLeakError(`train: a step must not leave tensors, but left ${grown}.`, grown);
    }
    return { loss, right };
  };

  return {
    async *steps() {
      const began = performance.now();
      const record = (
        each: Pick<StepRecord, 'kind' | 'losses' | 'metrics' | 'split'>,
      ): StepRecord => ({
        ...each,
        step: stepsBefore + state.step,
        epoch: epochsBefore + state.epoch + (each.kind === 'epoch' ? 1 : 0),
        phase,
        learningRate,
        seconds: (performance.now() - began) / 1000,
      });
      if (options.keepStart === true && state.step === 0) {
        const { loss } = await validate(predict, validation, weights);
        best = await arraysOf(variables);
        state = { ...state, bestLoss: loss };
      }
      while (state.epoch < epochs) {
        const order = permutationOf(train.count, streamOf(seed, phase, 'order', state.epoch));
        const batches = Array.from({ length: stepsPerEpoch }, (_, i) =>
          order.slice(i * batchSize, (i + 1) * batchSize),
        );
        train.expect?.(batches.slice(state.batch), state.epoch);
        while (state.batch < stepsPerEpoch) {
          const items = batches[state.batch] ?? new Uint32Array();
          const { loss, right } = await update(items);
          state = {
            ...state,
            step: state.step + 1,
            batch: state.batch + 1,
            lossSum: state.lossSum + loss * items.length,
            rightSum: state.rightSum + right,
            seen: state.seen + items.length,
          };
          yield record({
            kind: 'step',
            split: 'train',
            losses: { crossEntropy: loss },
            metrics: { accuracy: right / items.length },
          });
        }
        const found = await validate(predict, validation, weights);
        const { lossSum, rightSum, seen } = state;
        const trainRecord = record({
          kind: 'epoch',
          split: 'train',
          losses: { crossEntropy: lossSum / seen },
          metrics: { accuracy: rightSum / seen },
        });
        const validationRecord = record({
          kind: 'epoch',
          split: 'validation',
          losses: { crossEntropy: found.loss },
          metrics: { accuracy: found.accuracy },
        });
        const better = state.bestLoss === null || found.loss < state.bestLoss;
        if (better) best = await arraysOf(variables);
        state = {
          ...FIRST_STATE,
          step: state.step,
          epoch: state.epoch + 1,
          bestLoss: better ? found.loss : state.bestLoss,
          bestEpoch: better ? state.epoch + 1 : state.bestEpoch,
        };
        yield trainRecord;
        yield validationRecord;
      }
    },
    snapshot: async () => ({
      arrays: [
        ...prefixed('weights', await arraysOf(variables)),
        ...prefixed('adam', await adam.slots()),
        ...prefixed('best', best),
      ],
      state,
    }),
    restore: (snapshot) => {
      assignArrays(variables, unprefixed('weights', snapshot.arrays));
      adam.restore(unprefixed('adam', snapshot.arrays));
      best = unprefixed('best', snapshot.arrays);
      state = snapshot.state;
    },
    useBest: () => {
      if (best.length > 0) assignArrays(variables, best);
    },
    bestEpoch: () => state.bestEpoch,
    dispose: () => {
      step.dispose();
      predict.dispose();
      adam.dispose();
    },
  };
}

const prefixed = (prefix: string, arrays: readonly NamedArray[]): NamedArray[] =>
  arrays.map((array) => ({ ...array, name: `${prefix}/${array.name}` }));

const unprefixed = (prefix: string, arrays: readonly NamedArray[]): NamedArray[] =>
  arrays
    .filter(({ name }) => name.startsWith(`${prefix}/`))
    .map((array) => ({ ...array, name: array.name.slice(prefix.length + 1) }));

/** Class numbers of some inputs. int32 [B]; the caller disposes it. */
function labelsOf({ labels }: LabelledInputs, items: ArrayLike<number>): tf.Tensor1D {
  return tf.tensor1d(
    Int32Array.from(items, (i) => labels[i] ?? 0),
    'int32',
  );
}

function countRight(
  predictions: ArrayLike<number>,
  items: ArrayLike<number>,
  labels: ArrayLike<number>,
): number {
  let right = 0;
  for (let i = 0; i < items.length; i++) {
    if (predictions[i] === labels[items[i] ?? 0]) right++;
  }
  return right;
}

/** Inputs at once where nothing is trained. */
export const VALIDATION_BATCH = 64;

async function validate(
  predict: PredictionStep,
  validation: LabelledInputs,
  weights: readonly number[],
): Promise<{ readonly loss: number; readonly accuracy: number }> {
  let lossSum = 0;
  let weightSum = 0;
  let right = 0;
  const batches = Array.from(
    { length: Math.ceil(validation.count / VALIDATION_BATCH) },
    (_, i): Uint32Array => {
      const from = i * VALIDATION_BATCH;
      const length = Math.min(VALIDATION_BATCH, validation.count - from);
      return Uint32Array.from({ length }, (_each, k) => from + k);
    },
  );
  validation.expect?.(batches, -1);
  for (const items of batches) {
    const inputs = await validation.batch(items, -1);
    const given = { inputs, labels: labelsOf(validation, items) };
    const made = await predict.run(given);
    const values = await made.losses.data();
    items.forEach((item, i) => {
      const weight = weights[validation.labels[item] ?? 0] ?? 1;
      lossSum += (values[i] ?? 0) * weight;
      weightSum += weight;
    });
    right += countRight(await made.predictions.data(), items, validation.labels);
    tf.dispose([given, made]);
  }
  return { loss: lossSum / weightSum, accuracy: right / validation.count };
}
