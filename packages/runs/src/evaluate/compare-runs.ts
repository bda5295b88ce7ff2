/** A run and another on the images that both were measured on. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  accuracyOf,
  clusterBootstrap,
  DataError,
  discordantPairs,
  mcnemar,
  OptionsError,
  type ComparisonRecord,
} from '@janus/core';
import type { MeasuredItem } from './measured-items.js';
import { readPredictions } from './predictions-table.js';

/** Which of the same images two classifiers got right. */
export interface RightAnswers {
  /** What the other is called. */
  readonly other: string;
  readonly right: readonly boolean[];
  readonly otherRight: readonly boolean[];
  /** The person of each image. */
  readonly clusters: readonly string[];
}

/** Compares two classifiers on the same images. */
export function comparisonRecord({
  other,
  right,
  otherRight,
  clusters,
}: RightAnswers): ComparisonRecord {
  const value = (list: readonly boolean[], i: number): number => (list[i] === true ? 1 : 0);
  return {
    other,
    n: right.length,
    accuracy: accuracyOf(right, clusters),
    otherAccuracy: accuracyOf(otherRight, clusters),
    difference: clusterBootstrap({
      clusters,
      statistic: (items) =>
        items.reduce((sum, i) => sum + value(right, i) - value(otherRight, i), 0) / items.length,
    }),
    ...mcnemar(discordantPairs(right, otherRight)),
  };
}

/** What a run said of images, to be compared with another. */
export interface RunAnswers {
  readonly items: readonly MeasuredItem[];
  /** Class numbers. */
  readonly predicted: readonly number[];
  readonly classes: readonly string[];
  /** Name of the predictions in a run's folder. */
  readonly table: string;
}

/**
 * Compares a run with what another run's folder says of the same images, found by content.
 *
 * @throws DataError when the other run was not evaluated on this data; OptionsError when the two share no image, or label them
 * otherwise
 */
export async function compareWithRun(
  other: string,
  { items, predicted, classes, table }: RunAnswers,
): Promise<ComparisonRecord> {
  const path = join(other, table);
  if (!existsSync(path)) {
    throw new DataError(
      `--against: ${other} must hold ${table}, but does not. Evaluate it on the same data first: janus evaluate ${other}.`,
      { path },
    );
  }
  const stored = await readPredictions(path);
  const common = items.flatMap((item, i) => {
    const found = stored(item);
    const own = { label: classes[item.label] ?? '', predicted: classes[predicted[i] ?? 0] ?? '' };
    return found === undefined ? [] : [{ item, own, found }];
  });
  if (common.length === 0) {
    throw new OptionsError(
      `--against: ${other} must have been measured on images that this run is measured on, but none of ${items.length} is among them. Choose one of the same data, or the same --split.`,
    );
  }
  const strange = common.find(({ own, found }) => own.label !== found.label);
  if (strange !== undefined) {
    throw new OptionsError(
      `--against: ${other} must have learned the same classes, but has ${strange.item.id} as ${strange.found.label}, which is ${strange.own.label} here. Choose a run of the same target.`,
    );
  }
  return comparisonRecord({
    other,
    right: common.map(({ own }) => own.label === own.predicted),
    otherRight: common.map(({ found }) => found.label === found.predicted),
    clusters: common.map(({ item }) => item.cluster),
  });
}
