/** A classifier in training: what a checkpoint saves and restores. */
import type * as tf from '@tensorflow/tfjs';
import { FIRST_BATCH, type BatchCursor, type NamedArray } from '@janus/core';
import type { Execution, Precision } from '@janus/engine';
import { createAdam, type Adam } from '../adam.js';
import type { Preprocessing } from '../backbones/preprocessing.js';
import { arraysOf, assignArrays, variablesOf, type NamedVariables } from '../model-variables.js';

/** A head on frozen layers, then unfrozen layers with it; or all layers from random values. */
export type ClassifierPhase = 'head' | 'fine-tune' | 'from-scratch';

/** Options of {@link createClassifierTraining}. */
export interface ClassifierTrainingOptions {
  /** Inputs to logits, [B, classes]; its trainable weights are trained in place. */
  readonly model: tf.LayersModel;
  readonly classes: number;
  /** How images become inputs; needed where batches hold images, unused where they hold features. */
  readonly preprocessing?: Preprocessing;
  readonly epochs: number;
  /** Adam's step size; constant. */
  readonly learningRate: number;
  /** Decay of kernels, as `createAdam` takes it; default 0. */
  readonly weightDecay?: number;
  /** Share of the training target that all classes have in equal parts, 0 to below 1; default 0. */
  readonly labelSmoothing?: number;
  /**
   * Ends the phase when this many epochs in a row had no lower validation loss; default 0: it runs to its
   * last epoch.
   */
  readonly patience?: number;
  /** Seed of the dropout masks. Batches have the seed of their source. */
  readonly seed: number;
  readonly phase: ClassifierPhase;
  /** What the model computes in; default float32. Its weights stay float32. */
  readonly precision?: Precision;
  /** How its steps run; default `graph`. */
  readonly execution?: Execution;
  /** Weight of each class in the loss, as {@link balancedClassWeights} gives; default 1 each. */
  readonly classWeights?: readonly number[];
  /**
   * Counts the weights that the phase begins with as epoch 0, so that {@link useBestWeights} goes back
   * to them when no epoch has a lower validation loss; default false. For weights trained already.
   */
  readonly keepStart?: boolean;
  /** Steps that came before this phase, for the records; default 0. */
  readonly stepsBefore?: number;
  /** Epochs that came before this phase, for the records; default 0. */
  readonly epochsBefore?: number;
}

/** Where a training stands: all that its next step depends on beside weights and optimizer. */
export interface ClassifierProgress {
  /** Updates done so far in this phase. */
  readonly step: number;
  /** The next batch. */
  readonly cursor: BatchCursor;
  /** Sum of this epoch's losses, each times the images of its batch. */
  readonly lossSum: number;
  /** Images of this epoch that were predicted right. */
  readonly correctSum: number;
  /** Images of this epoch so far. */
  readonly seen: number;
  /** Lowest validation loss so far; null before the first validation. */
  readonly bestLoss: number | null;
  /** The epoch that had it, counted from 1; 0 for the weights of the start. */
  readonly bestEpoch: number;
}

/** A training phase; {@link classifierSteps} changes it. */
export interface ClassifierTraining {
  readonly options: ClassifierTrainingOptions;
  readonly variables: NamedVariables;
  readonly adam: Adam;
  /** Replaced after each step. */
  progress: ClassifierProgress;
  /** Weights of the best epoch; empty before there is one. */
  best: readonly NamedArray[];
  /** Frees the optimizer; the model is the caller's. */
  dispose(): void;
}

/** A phase's state as arrays and JSON: what a checkpoint holds. */
export interface ClassifierSnapshot {
  readonly arrays: readonly NamedArray[];
  readonly progress: ClassifierProgress;
}

const START: ClassifierProgress = {
  step: 0,
  cursor: FIRST_BATCH,
  lossSum: 0,
  correctSum: 0,
  seen: 0,
  bestLoss: null,
  bestEpoch: 0,
};

/** Returns the weight of each class: the inverse of its share, divided by the number of classes. */
export function balancedClassWeights(
  labels: ArrayLike<number>,
  classes: number,
): readonly number[] {
  const counts = Array.from({ length: classes }, () => 0);
  for (const label of Array.from(labels)) counts[label] = (counts[label] ?? 0) + 1;
  return counts.map((count) => (count === 0 ? 0 : labels.length / (classes * count)));
}

/** Returns a training phase that has not begun; the caller disposes it. */
export function createClassifierTraining(options: ClassifierTrainingOptions): ClassifierTraining {
  const variables = variablesOf(options.model);
  const { learningRate, weightDecay = 0 } = options;
  const adam = createAdam({ learningRate, weightDecay });
  adam.prepare(variables);
  return {
    options,
    variables,
    adam,
    progress: START,
    best: [],
    dispose: () => {
      adam.dispose();
    },
  };
}

/** Returns whether a phase is over: its last epoch is done, or too many in a row were no better. */
export function isPhaseOver({ options, progress }: ClassifierTraining): boolean {
  const { epochs, patience = 0 } = options;
  const { bestLoss, bestEpoch, cursor } = progress;
  if (cursor.epoch >= epochs) return true;
  return patience > 0 && bestLoss !== null && cursor.epoch - bestEpoch >= patience;
}

/** Returns everything that the next step depends on, as copies. */
export async function snapshotOfClassifier(
  training: ClassifierTraining,
): Promise<ClassifierSnapshot> {
  const { variables, adam, best, progress } = training;
  return {
    arrays: [
      ...prefixed('weights', await arraysOf(variables)),
      ...prefixed('adam', await adam.slots()),
      ...prefixed('best', best),
    ],
    progress,
  };
}

/**
 * Sets a training to where a snapshot was taken; its next steps then equal, bit for bit, those of the
 * training that was saved.
 *
 * @throws CheckpointError when an array is missing or of another shape
 */
export function restoreClassifier(
  training: ClassifierTraining,
  snapshot: ClassifierSnapshot,
): void {
  const { arrays, progress } = snapshot;
  assignArrays(training.variables, unprefixed('weights', arrays));
  training.adam.restore(unprefixed('adam', arrays));
  training.best = unprefixed('best', arrays);
  training.progress = progress;
}

/** Sets the weights of the epoch with the lowest validation loss. */
export function useBestWeights({ variables, best }: ClassifierTraining): void {
  if (best.length > 0) assignArrays(variables, best);
}

const prefixed = (prefix: string, arrays: readonly NamedArray[]): NamedArray[] =>
  arrays.map((array) => ({ ...array, name: `${prefix}/${array.name}` }));

const unprefixed = (prefix: string, arrays: readonly NamedArray[]): NamedArray[] =>
  arrays
    .filter(({ name }) => name.startsWith(`${prefix}/`))
    .map((array) => ({ ...array, name: array.name.slice(prefix.length + 1) }));
