/** Linear heads of several targets, each fitted exactly on the same features. */
import { percentText } from '@janus/core';
import {
  ALL_PENALTIES,
  besideEachOther,
  centred,
  computeLogits,
  createHeadsTally,
  isFitted,
  logitsByTarget,
  logitsNames,
  meansOf,
  setDense,
  softmax,
  standardised,
  votesOf,
  type ColumnScales,
  type Features,
  type HeadLoss,
  type HeadsMeasure,
  type TargetDescription,
} from '@janus/models';
import type * as tf from '@tensorflow/tfjs';
import { fitFirst, fitNext, type HeadFit } from './tasks-fits.js';
import type { FitRecord } from './objective.js';
import type { TaskItem } from './tasks.js';

/** Features with what is known of their images. */
interface KnownFeatures {
  /** float32 [N, D]. */
  readonly features: Features;
  readonly items: readonly TaskItem[];
}

/** What {@link fitLinearHeads} fits. */
export interface LinearHeadsOptions {
  /** As `buildDenseHeads` makes it, without a hidden layer; its weights are set. */
  readonly dense: tf.LayersModel;
  readonly targets: readonly TargetDescription[];
  readonly heads: readonly HeadLoss[];
  readonly train: KnownFeatures;
  readonly validation: KnownFeatures;
  /** Statistics by which the layers standardise the features, where they do. */
  readonly scales?: ColumnScales | undefined;
  /** Receives a line for each head. */
  readonly line: (text: string) => void;
  /** Ends the fits between their steps; default never. */
  readonly signal?: AbortSignal | undefined;
}

/** The measure by which a head's penalty is chosen, lower is better, and that of the best penalty so far. */
interface Choice {
  best: number;
  /** Place of the best penalty among all. */
  at: number;
  fit: HeadFit | undefined;
  text: string;
}

/**
 * Fits a linear head for each target on the images that have its label, for each of {@link ALL_PENALTIES} (a weak one only
 * while weaker ones help, head by head), and keeps the fit of the lowest validation cross-entropy, head by head. Yields two records a penalty, as `fitLinearHead` does,
 * with the figures of each head under its name. The heads share nothing, so that their weights in the loss change none
 * of them.
 *
 * @throws NumericalError when features are not finite; the reason of `signal` when that is aborted
 */
export async function* fitLinearHeads(
  options: LinearHeadsOptions,
): AsyncGenerator<FitRecord, void, void> {
  const { dense, targets, heads, train, validation, scales, line } = options;
  const rows = scales === undefined ? train.features : standardised(train.features, scales);
  const means = meansOf(rows);
  const features = { data: centred(rows, means), columns: means.length };
  const fits = await fitFirst(options, features);
  const names = logitsNames(targets);
  const judges = heads.map((head, h): HeadLoss => ({
    ...head,
    ...choosersOf(head, h, validation),
  }));
  const choices = heads.map((): Choice => ({
    best: Infinity,
    at: 0,
    fit: undefined,
    text: '',
  }));
  const beside = besideEachOther(dense);
  for (const [i, penalty] of ALL_PENALTIES.entries()) {
    if (!choices.some(({ at }) => isFitted(i, at))) break;
    const own = choices.map(({ at, fit }, h) => {
      // A head whose search has ended stays at its best.
      if (!isFitted(i, at)) return fit;
      const ofHead = fits[h] ?? [];
      return (ofHead[i] ??= fitNext(options, features, { head: h, penalty, last: ofHead.at(-1) }));
    });
    own.forEach((fit, h) => {
      if (fit !== undefined) setDense(dense, { fit: fit.model, means, layer: names[h] ?? '' });
    });
    const trained = await logProbabilities(beside, train, targets);
    const validated = await logProbabilities(beside, validation, targets);
    const chosenBy = measureOf(judges, validated, validation);
    const measured = measureOf(heads, validated, validation);
    choices.forEach((choice, h) => {
      const { name } = heads[h] ?? { name: '' };
      const loss = chosenBy.losses[`crossEntropy ${name}`] ?? Infinity;
      if (loss >= choice.best) return;
      Object.assign(choice, {
        best: loss,
        at: i,
        fit: own[h],
        text: textOf(name, measured),
      });
    });
    for (const [split, { loss, accuracy, losses, metrics }] of [
      ['train', measureOf(heads, trained, train)],
      ['validation', measured],
    ] as const) {
      yield {
        ...{ kind: 'epoch', split, phase: 'head', step: i + 1, epoch: i + 1, learningRate: 0 },
        losses: { crossEntropy: loss, ...losses },
        metrics: { accuracy, penalty, ...metrics },
      };
    }
  }
  choices.forEach(({ fit, at, text }, h) => {
    if (fit !== undefined) setDense(dense, { fit: fit.model, means, layer: names[h] ?? '' });
    line(`${heads[h]?.name ?? ''}: penalty ${ALL_PENALTIES[at] ?? NaN}, validation ${text}`);
  });
}

/** Returns the class weights by which a head's penalty is chosen. */
function choosersOf(
  { classes, classWeights, scale }: HeadLoss,
  h: number,
  { items }: KnownFeatures,
): Pick<HeadLoss, 'classWeights'> {
  if (scale !== undefined) return {};
  const labels = items.map((item) => item.labels[h] ?? -1);
  const weighting = classWeights === undefined ? {} : { classWeights };
  return { classWeights: votesOf({ classes, labels, ...weighting }) };
}

/** Returns the log-probabilities of each image, all heads side by side. */
async function logProbabilities(
  beside: tf.LayersModel,
  { features }: KnownFeatures,
  targets: readonly TargetDescription[],
): Promise<readonly Float32Array[]> {
  const logits = logitsByTarget(await computeLogits(beside, features), targets);
  return Array.from({ length: features.count }, (_, i) =>
    Float32Array.from(logits.flatMap((rows) => softmax(rows[i] ?? []).map(logOf))),
  );
}

/** The logarithm of a probability; one that rounds to 0 counts as the smallest float32. */
const logOf = (probability: number): number => Math.log(Math.max(probability, 1.2e-38));

function measureOf(
  heads: readonly HeadLoss[],
  rows: readonly Float32Array[],
  { items }: KnownFeatures,
): HeadsMeasure {
  const tally = createHeadsTally(heads);
  rows.forEach((row, i) => {
    const item = items[i];
    if (item !== undefined) tally.add(row, item);
  });
  return tally.measure();
}

/** Returns how well a head does: `loss 0.2112, accuracy 91.2 %`. */
function textOf(name: string, { losses, metrics }: HeadsMeasure): string {
  const [loss = NaN, accuracy = NaN] = [
    losses[`crossEntropy ${name}`],
    metrics[`accuracy ${name}`],
  ];
  const mae = metrics[`mae ${name}`];
  const error = mae === undefined ? '' : `, mean absolute error ${mae.toFixed(2)}`;
  return `loss ${loss.toFixed(4)}, accuracy ${percentText(accuracy)}${error}`;
}
