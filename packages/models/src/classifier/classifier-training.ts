/** A classifier in training: what a checkpoint saves and restores. */
import type * as tf from '@tensorflow/tfjs';
import { FIRST_BATCH, type BatchCursor, type NamedArray, type ScheduleFactor } from '@janus/core';
import type { Execution, Precision } from '@janus/engine';
import type { Preprocessing } from '../backbones/preprocessing.js';
import { arraysOf, assignArrays, variablesOf, type NamedVariables } from '../model-variables.js';
import type { Optimizer, OptimizerName } from '../optimizer-contract.js';
import { createOptimizer } from '../optimizer.js';
import { createAverages } from './averages.js';
import type { HeadsTraining } from './heads-loss.js';
import type { Mix } from './mixing.js';

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
  /** The optimizer's step size where the schedule's factor is 1. */
  readonly learningRate: number;
  /** Factor of the step size at each update, of those that `epochs` ask for; default 1. */
  readonly schedule?: ScheduleFactor;
  /** Default `adam`. */
  readonly optimizer?: OptimizerName;
  /** Returns the factor of a variable's step size, as `blockFactors` gives; default 1 for all. */
  readonly factorOf?: (variable: string) => number;
  /** Decay of kernels, as `createAdam` takes it; default 0. */
  readonly weightDecay?: number;
  /** Longest gradient, all variables together: a longer one is shortened to it; default 0: none is. */
  readonly clipNorm?: number;
  /**
   * Parts in which a batch passes through the model, for less memory; the update is that of the whole batch. Default 1.
   */
  readonly parts?: number;
  /** Mixes each image of a batch with another of it; default `none`. */
  readonly mix?: Mix;
  /**
   * Share of a running average of the weights that stays at each update, from 0 to below 1; default 0: no average. Where
   * there is one, it is validated and kept instead of the weights.
   */
  readonly averageDecay?: number;
  /** Share of the training target that all classes have in equal parts, 0 to below 1; default 0. */
  readonly labelSmoothing?: number;
  /**
   * Ends the phase when this many epochs in a row had no lower validation loss; default 0: it runs to its
   * last epoch.
   */
  readonly patience?: number;
  /** Updates after which the phase ends, within an epoch or not; default: only its epochs end it. */
  readonly maxSteps?: number;
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
   * Several targets, an output of the model each: `classes`, `classWeights` and the labels of the batches are then
   * theirs. Default: one target.
   */
  readonly several?: HeadsTraining;
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
  readonly optimizer: Optimizer;
  /** Running averages of the variables, where they are kept. */
  readonly averages: NamedVariables | undefined;
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
  const optimizer = createOptimizer(options);
  optimizer.prepare(variables);
  const averages = (options.averageDecay ?? 0) > 0 ? createAverages(variables) : undefined;
  return {
    ...{ options, variables, optimizer, averages },
    progress: START,
    best: [],
    dispose: () => {
      optimizer.dispose();
      for (const each of Object.values(averages ?? {})) each.dispose();
    },
  };
}

/** Returns whether a phase is over: its last epoch or update is done, or too many epochs in a row were no better. */
export function isPhaseOver({ options, progress }: ClassifierTraining): boolean {
  const { epochs, patience = 0, maxSteps = Infinity } = options;
  const { step, bestLoss, bestEpoch, cursor } = progress;
  if (cursor.epoch >= epochs || step >= maxSteps) return true;
  return patience > 0 && bestLoss !== null && cursor.epoch - bestEpoch >= patience;
}

/** Returns everything that the next step depends on, as copies. */
export async function snapshotOfClassifier(
  training: ClassifierTraining,
): Promise<ClassifierSnapshot> {
  const { variables, optimizer, averages, best, progress } = training;
  return {
    arrays: [
      ...prefixed('weights', await arraysOf(variables)),
      ...prefixed(optimizer.kind, await optimizer.slots()),
      ...(averages === undefined ? [] : prefixed('average', await arraysOf(averages))),
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
  const { variables, optimizer, averages } = training;
  assignArrays(variables, unprefixed('weights', arrays));
  optimizer.restore(unprefixed(optimizer.kind, arrays));
  if (averages !== undefined) assignArrays(averages, unprefixed('average', arrays));
  training.best = unprefixed('best', arrays);
  training.progress = progress;
}

/** Returns copies of the weights that count: their running averages, where these are kept. */
export async function weightsInUse({
  variables,
  averages,
}: Pick<ClassifierTraining, 'variables' | 'averages'>): Promise<readonly NamedArray[]> {
  return await arraysOf(averages ?? variables);
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
