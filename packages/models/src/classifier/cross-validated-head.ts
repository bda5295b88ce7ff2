/** A linear head on few images of one's own: fitted on all of them, and measured on each when it was left out. */
import { permutationOf, streamOf, type StepRecord } from '@janus/core';
import type * as tf from '@tensorflow/tfjs';
import type { Features } from '../features.js';
import { buildDense } from './classifier-head.js';
import { balancedClassWeights } from './classifier-training.js';
import { centred, fitLinearHead, meansOf, setDense, type LabelledFeatures } from './linear-head.js';
import { ALL_PENALTIES } from './linear-penalties.js';
import { fitLogisticRegression, predictLogistic } from './logistic-regression.js';

/** Images to learn from, as a frozen backbone sees them. */
export interface HeadImages extends LabelledFeatures {
  readonly classes: number;
  /** What an image is of: images of one name are alike, and stay together. */
  readonly groups: readonly string[];
}

/** Most parts of a cross-validation; with ten, a head learns from eight tenths of the images. */
const MOST_FOLDS = 10;

/** One part is measured, one chooses the penalty, one is learned from. */
const LEAST_FOLDS = 3;

/**
 * Returns the fold of each image, from 0: each class is spread over all folds, groups stay whole.
 *
 * @returns undefined where a class has fewer than three groups
 */
export function headFolds(
  { labels, classes, groups }: Pick<HeadImages, 'labels' | 'classes' | 'groups'>,
  seed: number,
): readonly number[] | undefined {
  const byClass = Array.from({ length: classes }, (_, c) => [
    ...new Set(groups.filter((_group, i) => labels[i] === c)),
  ]);
  const folds = Math.min(MOST_FOLDS, ...byClass.map((each) => each.length));
  if (folds < LEAST_FOLDS) return undefined;
  const foldOf = new Map<string, number>();
  byClass.forEach((own, c) => {
    permutationOf(own.length, streamOf(seed, 'folds', c)).forEach((at, place) => {
      const group = own[at] ?? '';
      if (!foldOf.has(group)) foldOf.set(group, (place + c) % folds);
    });
  });
  return groups.map((group) => foldOf.get(group) ?? 0);
}

/** What a cross-validation found. */
export interface CrossValidatedHead {
  /** Of each image by a head that has not seen it, nor chosen its penalty by it: [images][classes]. */
  readonly logits: readonly (readonly number[])[];
  /** The penalty of the lowest mean loss on the images that chose it. */
  readonly penalty: number;
  /** Two records a penalty, means over the folds: what a training writes into `metrics.jsonl`. */
  readonly records: readonly Omit<StepRecord, 'seconds'>[];
}

/**
 * Fits a head for each fold as `fitLinearHead` does: the next fold chooses the penalty, the others are learned from, classes
 * counting equally.
 *
 * @param folds of the images, at least three, as {@link headFolds} makes them
 * @param onFold waits for the caller between folds: a page draws meanwhile
 */
export async function crossValidateHead(
  images: HeadImages,
  folds: readonly number[],
  onFold: (done: number, total: number) => Promise<void> | void = () => undefined,
): Promise<CrossValidatedHead> {
  const total = Math.max(...folds) + 1;
  const logits: (readonly number[])[] = images.labels.map(() => []);
  const records: Omit<StepRecord, 'seconds'>[] = [];
  for (let fold = 0; fold < total; fold++) {
    const next = (fold + 1) % total;
    const held = indicesOf(folds, (each) => each === fold);
    const train = partOf(
      images,
      indicesOf(folds, (each) => each !== fold && each !== next),
    );
    const validation = partOf(
      images,
      indicesOf(folds, (each) => each === next),
    );
    const dense = denseFor(images);
    const { classes } = images;
    const classWeights = balancedClassWeights(train.labels, classes);
    records.push(...fitLinearHead({ dense, classes, train, validation, classWeights }));
    const own = logitsOf(dense, partOf(images, held).features);
    held.forEach((image, i) => (logits[image] = own[i] ?? []));
    dense.dispose();
    await onFold(fold + 1, total);
  }
  const means = meanRecords(records, total);
  return { logits, records: means, penalty: bestPenalty(means) };
}

/** Returns a head fitted on all images with a penalty; the caller disposes it. */
export function fitHead(images: HeadImages, penalty: number): tf.LayersModel {
  const { features, labels, classes } = images;
  const means = meansOf(features);
  const fit = fitLogisticRegression(
    { data: centred(features, means), columns: means.length, labels },
    { classes, penalty, classWeights: balancedClassWeights(labels, classes) },
  );
  const dense = denseFor(images);
  setDense(dense, { fit, means });
  return dense;
}

/** How a head does that learned from some of the images. */
export interface LearningPoint {
  /** Images that it learned from: the mean over the folds. */
  readonly images: number;
  /** Share of the images left out that it got right. */
  readonly accuracy: number;
}

/** Shares of the images outside a fold that a learning curve looks at. */
const SHARES: readonly number[] = [0.25, 0.5, 0.75, 1];

/** Returns how often heads are right that learned from fewer images, at one penalty: whether more would help. */
export function headLearningCurve(
  images: HeadImages,
  folds: readonly number[],
  penalty: number,
): readonly LearningPoint[] {
  const { labels, classes } = images;
  const numbers = [...new Set(folds)];
  return SHARES.flatMap((share): readonly LearningPoint[] => {
    let [right, learned] = [0, 0];
    for (const fold of numbers) {
      const rows = drawnOfEach(
        images,
        indicesOf(folds, (each) => each !== fold),
        share,
      );
      if (new Set(rows.map((row) => labels[row])).size < classes) return [];
      const train = partOf(images, rows);
      const means = meansOf(train.features);
      const fit = fitLogisticRegression(
        { data: centred(train.features, means), columns: means.length, labels: train.labels },
        { classes, penalty, classWeights: balancedClassWeights(train.labels, classes) },
      );
      const held = partOf(
        images,
        indicesOf(folds, (each) => each === fold),
      );
      const shares = predictLogistic(fit, { data: centred(held.features, means) });
      held.labels.forEach((label, i) => {
        const row = shares.subarray(i * classes, (i + 1) * classes);
        if (row.indexOf(Math.max(...row)) === label) right++;
      });
      learned += rows.length / numbers.length;
    }
    return [{ images: Math.round(learned), accuracy: right / labels.length }];
  });
}

/** Returns a share of each class's rows, at least one, drawn without regard to their order. */
function drawnOfEach(
  { labels, classes }: HeadImages,
  rows: readonly number[],
  share: number,
): readonly number[] {
  return Array.from({ length: classes }, (_, c) => {
    const own = rows.filter((row) => labels[row] === c);
    const count = Math.max(1, Math.round(share * own.length));
    const order = permutationOf(own.length, streamOf(1, 'learning curve', c));
    return Array.from(order.slice(0, count), (at) => own[at] ?? 0);
  }).flat();
}

const indicesOf = (folds: readonly number[], keep: (fold: number) => boolean): readonly number[] =>
  folds.flatMap((fold, i) => (keep(fold) ? [i] : []));

function partOf({ features, labels }: LabelledFeatures, rows: readonly number[]): LabelledFeatures {
  const columns = features.data.length / features.count;
  const data = new Float32Array(rows.length * columns);
  rows.forEach((row, i) => {
    data.set(features.data.subarray(row * columns, (row + 1) * columns), i * columns);
  });
  return {
    features: { data, count: rows.length, shape: features.shape },
    labels: rows.map((row) => labels[row] ?? 0),
  };
}

function denseFor({ features, classes }: HeadImages): tf.LayersModel {
  const inputShape = [features.data.length / features.count];
  return buildDense({ inputShape, classes, units: [], dropout: 0, seed: 1 });
}

/** Returns the logits of a linear head, computed in float64. */
function logitsOf(dense: tf.LayersModel, { data, count }: Features): readonly number[][] {
  const [kernel, bias] = dense
    .getLayer('logits')
    .getWeights()
    .map((weight) => weight.dataSync());
  const classes = bias?.length ?? 0;
  const columns = data.length / count;
  return Array.from({ length: count }, (_, i) =>
    Array.from({ length: classes }, (_class, c) => {
      let sum = bias?.[c] ?? 0;
      for (let j = 0; j < columns; j++) {
        sum += (data[i * columns + j] ?? 0) * (kernel?.[j * classes + c] ?? 0);
      }
      return sum;
    }),
  );
}

/** Returns the mean of the records of each penalty and split, of penalties that all folds tried. */
function meanRecords(
  records: readonly Omit<StepRecord, 'seconds'>[],
  folds: number,
): readonly Omit<StepRecord, 'seconds'>[] {
  return ALL_PENALTIES.flatMap((_, at) =>
    (['train', 'validation'] as const).flatMap((split) => {
      const own = records.filter((each) => each.step === at + 1 && each.split === split);
      const [first] = own;
      if (first === undefined || own.length < folds) return [];
      const mean = (of: (record: Omit<StepRecord, 'seconds'>) => number): number =>
        own.reduce((sum, each) => sum + of(each), 0) / own.length;
      const crossEntropy = mean(({ losses }) => losses['crossEntropy'] ?? NaN);
      const accuracy = mean(({ metrics }) => metrics?.['accuracy'] ?? NaN);
      return [{ ...first, losses: { crossEntropy }, metrics: { ...first.metrics, accuracy } }];
    }),
  );
}

/** Returns the penalty of the lowest validation loss. */
function bestPenalty(records: readonly Omit<StepRecord, 'seconds'>[]): number {
  const [first, ...rest] = records.filter(({ split }) => split === 'validation');
  const best = rest.reduce(
    (low, each) =>
      (each.losses['crossEntropy'] ?? Infinity) < (low?.losses['crossEntropy'] ?? Infinity)
        ? each
        : low,
    first,
  );
  return best?.metrics?.['penalty'] ?? 1;
}
