/** What the head of a run learns, apart from how it is trained. */
import type { StepRecord } from '@janus/core';
import {
  balancedClassWeights,
  buildDense,
  fitLinearHead,
  parseHead,
  saveClassifier,
  stackedFeatures,
  standardised,
  type ClassifierTrainingOptions,
  type ColumnScales,
  type Features,
  type Preprocessing,
} from '@janus/models';
import type * as tf from '@tensorflow/tfjs';
import type { Parts } from './features.js';
import type { ResolvedClassifierOptions } from './options.js';
import type { PhaseFeatures } from './phases.js';

/** A record of a fit, but for its time. */
export type FitRecord = Omit<StepRecord, 'seconds'>;

/** What a head learns. */
export interface Objective {
  /** Loss of equal probabilities, nats: about where a training begins. */
  readonly startLoss: number;
  /** Returns the layers above the pooling, from rows of features to logits. */
  readonly buildDense: (inputShape: readonly number[]) => tf.LayersModel;
  /**
   * Fits linear layers on features; the caller may stop in between. With the statistics by which the layers standardise
   * them, where they do.
   */
  readonly fit: (
    dense: tf.LayersModel,
    features: PhaseFeatures,
    scales?: ColumnScales,
  ) => Iterable<FitRecord> | AsyncIterable<FitRecord>;
  /** What a training by steps needs of it. */
  readonly training: Pick<ClassifierTrainingOptions, 'classes' | 'classWeights' | 'several'>;
  /** Writes the trained model with its description. */
  readonly save: (
    folder: string,
    trained: { readonly model: tf.LayersModel; readonly preprocessing: Preprocessing },
  ) => Promise<void>;
}

/** Returns a list several times over: what is known of images, for their copies too. */
export const repeated = <Item>(list: readonly Item[], times: number): readonly Item[] =>
  Array.from({ length: times }, () => list).flat();

/** What {@link oneTarget} is of. */
export interface OneTargetContext {
  /** Label column. */
  readonly target: string;
  readonly classes: readonly string[];
  readonly parts: Parts;
  readonly options: ResolvedClassifierOptions;
}

/** Returns the objective of one target with classes. */
export function oneTarget(context: OneTargetContext): Objective {
  const { target, classes: names, parts, options } = context;
  const { head, dropout, seed, normalisation, size: imageSize } = options;
  const classes = names.length;
  const labelsOf = (part: keyof Parts): readonly number[] => parts[part].map(({ label }) => label);
  const weighting =
    options.classWeights === 'balanced'
      ? { classWeights: balancedClassWeights(labelsOf('train'), classes) }
      : {};
  return {
    startLoss: Math.log(Math.max(2, classes)),
    buildDense: (inputShape) =>
      buildDense({
        ...{ inputShape, classes, dropout, seed, normalisation },
        units: head === 'linear' ? [] : parseHead(head),
      }),
    fit: (dense, features, scales) => {
      const scaled = (each: Features): Features =>
        scales === undefined ? each : standardised(each, scales);
      const train = {
        features: stackedFeatures([features.train, ...features.copies].map(scaled)),
        labels: repeated(labelsOf('train'), 1 + features.copies.length),
      };
      const validation = {
        features: scaled(features.validation),
        labels: labelsOf('validation'),
      };
      return fitLinearHead({ dense, classes, ...weighting, train, validation });
    },
    training: { classes, ...weighting },
    save: async (folder, { model, preprocessing }) => {
      const description = { format: 1, target, classes: names, imageSize, preprocessing } as const;
      await saveClassifier(folder, { model, description });
    },
  };
}
