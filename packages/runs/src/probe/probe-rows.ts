/** Linear probes on features in memory. */
import { accuracyOf, balancedAccuracyOf, OptionsError, type Interval } from '@janus/core';
import {
  fitLogisticRegressions,
  predictLogistic,
  type LogisticFit,
  type LogisticModel,
  type Pooling,
} from '@janus/models';
import { scaledColumns, type ProbeChoice, type ProbeNormalisation } from './scaled-columns.js';

/**
 * Ridge penalties that are tried first, as half decades: 1, 0.3 and 0.1. While the best is at an end, two
 * more are tried beyond it, so that what is hard to predict never waits for fits that are all but free.
 */
const FIRST_STEPS: readonly number[] = [0, -1, -2];

/** The last steps that are tried: beyond them a fit is nothing but its bias, or has no penalty to speak of. */
const STRONGEST = 5;
const WEAKEST = -12;

/** Returns the penalty of a half decade: 1 for 0, 3 for 1, 0.3 for -1. */
const penaltyOf = (step: number): number =>
  Number(`${step % 2 === 0 ? 1 : 3}e${Math.floor(step / 2)}`);

/** Features of images with what is known of each. */
export interface ProbeInput {
  /** float32 [N, columns]. */
  readonly data: Float32Array;
  readonly columns: number;
  /** Class numbers. */
  readonly labels: readonly number[];
  readonly classes: number;
  /** Who or what an image is of; intervals resample these where they repeat. */
  readonly clusters: readonly string[];
  /** The fold of each row, from 0. */
  readonly folds: readonly number[];
}

/** How well a linear classifier does on one choice of features. */
export interface ProbeRow {
  readonly cut: string;
  readonly pooling: Pooling;
  readonly normalisation: ProbeNormalisation;
  /** The penalty of the lowest loss, of those tried. */
  readonly penalty: number;
  /** Numbers per image. */
  readonly features: number;
  /** Share of images predicted right when they were left out, with its interval. */
  readonly accuracy: Interval;
  readonly balancedAccuracy: Interval;
  /** Mean cross-entropy of the left-out images, nats; each class counts as much. */
  readonly loss: number;
}

/** Largest gradient at the end of a fit: probabilities no longer change in the third digit. */
export const TOLERANCE = 1e-4;

/** What was found with one penalty. */
interface Tried {
  readonly step: number;
  /** Of each fold's fit. */
  readonly models: readonly LogisticModel[];
  /** Of images when they were left out: float64 [N, classes]. */
  readonly probabilities: Float64Array;
  readonly loss: number;
}

/** Predictions of a linear classifier on images that it was not fitted on. */
export interface HeldOut {
  /** The penalty of the lowest loss, of those tried. */
  readonly penalty: number;
  /** Mean cross-entropy, nats; each class counts as much. */
  readonly loss: number;
  /** float64 [N, classes]. */
  readonly probabilities: Float64Array;
}

/**
 * Returns what a linear classifier says of each image when its fold is left out, classes weighted equally, with the
 * penalty of the lowest loss.
 *
 * @param signal ends the fits between their steps: its reason is thrown
 * @throws OptionsError when all images are in one fold
 */
export async function predictHeldOut(
  input: ProbeInput,
  choice: ProbeChoice,
  signal?: AbortSignal,
): Promise<HeldOut> {
  const { length } = choice.part;
  if (new Set(input.folds).size < 2) {
    throw new OptionsError(
      'probe: images must be in at least two folds, but all are of one identity, or near duplicates of each other. Add images of others.',
    );
  }
  const data = scaledColumns(input, choice);
  const given = { data, columns: length, signal };
  let tried = await tryPenalties(input, { ...given, steps: FIRST_STEPS });
  let best = lowest(tried);
  for (;;) {
    const steps = stepsBeyond(best, tried);
    if (steps.length === 0) break;
    const start = best.models;
    const more = await tryPenalties(input, { ...given, steps, start });
    tried = [...tried, ...more];
    best = lowest(tried);
  }
  const { step, loss, probabilities } = best;
  return { penalty: penaltyOf(step), loss, probabilities };
}

/**
 * Returns how well a linear classifier does on a part of the features: for each penalty, each fold is
 * predicted by a fit on the others, classes weighted equally; the penalty of the lowest loss counts.
 *
 * @param signal ends the fits between their steps: its reason is thrown
 * @throws OptionsError when all images are in one fold
 */
export async function probePart(
  input: ProbeInput,
  choice: ProbeChoice,
  signal?: AbortSignal,
): Promise<ProbeRow> {
  const { part, normalisation } = choice;
  const { penalty, loss, probabilities } = await predictHeldOut(input, choice, signal);
  return {
    ...{ cut: part.cut, pooling: part.pooling, normalisation, features: part.length },
    ...{ penalty, loss, ...accuraciesOf(input, probabilities) },
  };
}

/** Returns what the likeliest classes are worth, with intervals over people where they repeat. */
export function accuraciesOf(
  { labels, classes, clusters }: Pick<ProbeInput, 'labels' | 'classes' | 'clusters'>,
  probabilities: Float64Array,
): Pick<ProbeRow, 'accuracy' | 'balancedAccuracy'> {
  const predicted = predictionsOf(probabilities, classes);
  return {
    accuracy: accuracyOf(
      labels.map((label, i) => predicted[i] === label),
      clusters,
    ),
    balancedAccuracy: balancedAccuracyOf({ labels, predicted, clusters, classes }),
  };
}

/** Returns the two steps beyond the best one where it is at an end of those tried; none elsewhere. */
function stepsBeyond(best: Tried, tried: readonly Tried[]): readonly number[] {
  const steps = tried.map(({ step }) => step);
  const beyond =
    best.step === Math.min(...steps)
      ? [best.step - 1, best.step - 2]
      : best.step === Math.max(...steps)
        ? [best.step + 1, best.step + 2]
        : [];
  return beyond.filter((step) => step >= WEAKEST && step <= STRONGEST);
}

/** Returns that of the lowest loss; the stronger penalty of equals. */
const lowest = (tried: readonly Tried[]): Tried =>
  tried.reduce((best, each) =>
    each.loss < best.loss || (each.loss === best.loss && each.step > best.step) ? each : best,
  );

/** The penalties of {@link tryPenalties}, and what they are tried on. */
interface Penalties {
  /** float32 [N, columns], scaled. */
  readonly data: Float32Array;
  readonly columns: number;
  /** Half decades. */
  readonly steps: readonly number[];
  /** A fit of each fold to start from; default 0. */
  readonly start?: readonly LogisticModel[];
  readonly signal: AbortSignal | undefined;
}

async function tryPenalties(input: ProbeInput, given: Penalties): Promise<readonly Tried[]> {
  const { labels, classes, folds } = input;
  const { data, columns, steps, start, signal } = given;
  const all = labels.map((_, i) => i);
  const parts = [...new Set(folds)].map((fold) => ({
    train: all.filter((i) => folds[i] !== fold),
    held: all.filter((i) => folds[i] === fold),
  }));
  const fits = steps.flatMap((step) =>
    parts.map(({ train }, p): LogisticFit => {
      const from = start?.[p];
      return {
        ...{ rows: train, penalty: penaltyOf(step) },
        classWeights: weightsOf(train, labels, classes),
        ...(from === undefined ? {} : { start: from }),
      };
    }),
  );
  const models = await fitLogisticRegressions({ data, columns, labels }, fits, {
    ...{ classes, tolerance: TOLERANCE, signal },
  });
  return steps.map((step, s): Tried => {
    const own = models.slice(s * parts.length, (s + 1) * parts.length);
    const probabilities = new Float64Array(labels.length * classes);
    own.forEach((model, p) => {
      const held = parts[p]?.held ?? [];
      const found = predictLogistic(model, { data, rows: held });
      held.forEach((row, i) => {
        probabilities.set(found.subarray(i * classes, (i + 1) * classes), row * classes);
      });
    });
    return { step, models: own, probabilities, loss: lossOf(probabilities, input) };
  });
}

/** Returns weights by which each class counts as much, 1 on average. */
export function weightsOf(
  rows: readonly number[],
  labels: readonly number[],
  classes: number,
): readonly number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const row of rows) counts[labels[row] ?? 0] = (counts[labels[row] ?? 0] ?? 0) + 1;
  return counts.map((count) => (count === 0 ? 0 : rows.length / (classes * count)));
}

/** Returns the mean cross-entropy, nats; each class counts as much. */
export function lossOf(
  probabilities: Float64Array,
  { labels, classes }: Pick<ProbeInput, 'labels' | 'classes'>,
): number {
  const all = labels.map((_, i) => i);
  const weights = weightsOf(all, labels, classes);
  let loss = 0;
  labels.forEach((label, i) => {
    const probability = Math.max(probabilities[i * classes + label] ?? 0, 1e-15);
    loss -= (weights[label] ?? 1) * Math.log(probability);
  });
  return loss / labels.length;
}

function predictionsOf(probabilities: Float64Array, classes: number): readonly number[] {
  return Array.from({ length: probabilities.length / classes }, (_, i) => {
    const row = probabilities.subarray(i * classes, (i + 1) * classes);
    return row.indexOf(Math.max(...row));
  });
}
