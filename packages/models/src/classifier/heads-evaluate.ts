/** How well one head of several does. */
import { clusterBootstrap, type ClassifierEvaluation, type NumberFigures } from '@janus/core';
import { evaluateClassifier, type Predictions } from './classifier-evaluate.js';
import type { HeadLabels } from './heads-loss.js';
import { expectedNumber } from './heads-scale.js';
import { softmax } from './softmax.js';
import type { TargetDescription } from './heads.js';

/** What a head said of some images, with or without a label. */
export interface HeadPredictions extends Pick<Predictions, 'ids' | 'logits' | 'clusters'> {
  /** Of all heads. */
  readonly items: readonly HeadLabels[];
}

/**
 * Returns the figures of head number `h` on the images that have its label: those of a classifier, and of a number its
 * mean absolute error.
 *
 * @returns undefined where no image has a label
 */
export function evaluateHead(
  { ids, logits, clusters, items }: HeadPredictions,
  h: number,
  context: { readonly description: TargetDescription; readonly split: string },
): ClassifierEvaluation | undefined {
  const { target, classes, scale, temperature } = context.description;
  const own = items.flatMap(({ labels }, i) => ((labels[h] ?? -1) < 0 ? [] : [i]));
  if (own.length === 0) return undefined;
  const among = <Value>(values: readonly Value[]): readonly Value[] =>
    own.flatMap((i) => values[i] ?? []);
  const people = own.map((i) => clusters[i] ?? '');
  const rows = own.map((i) => logits[i] ?? []);
  const measured = evaluateClassifier(
    {
      ids: among(ids),
      labels: own.map((i) => items[i]?.labels[h] ?? 0),
      ...{ logits: rows, clusters: people },
    },
    { target, classes, split: context.split, temperature: temperature ?? undefined },
  );
  if (scale === undefined) return measured;
  const errors = own.map((i, k) => {
    const value = items[i]?.values[h] ?? NaN;
    return { value, error: Math.abs(expectedNumber(softmax(rows[k] ?? []), scale) - value) };
  });
  return { ...measured, ...numberFigures(errors, { clusters: people, median: scale.median }) };
}

/** The error up to which an image counts as told, in the unit of the number. */
const WITHIN = 5;

/** Returns the figures of a number from its values and errors. */
function numberFigures(
  errors: readonly { readonly value: number; readonly error: number }[],
  { clusters, median }: { readonly clusters: readonly string[]; readonly median: number },
): NumberFigures {
  const meanOf = (of: (each: (typeof errors)[number]) => number) => ({
    clusters,
    statistic: (items: readonly number[]): number =>
      items.reduce((sum, i) => sum + of(errors[i] ?? { value: NaN, error: NaN }), 0) / items.length,
  });
  return {
    mae: clusterBootstrap(meanOf(({ error }) => error)),
    withinFive: clusterBootstrap(meanOf(({ error }) => (error <= WITHIN ? 1 : 0))),
    medianMae: meanOf(({ value }) => Math.abs(value - median)).statistic(errors.map((_, i) => i)),
  };
}
