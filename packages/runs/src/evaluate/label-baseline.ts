/** What label columns alone tell of a target: the classifier that one of images has to beat. */
import {
  accuracyOf,
  balancedAccuracyOf,
  DataError,
  OptionsError,
  type Interval,
} from '@janus/core';
import type { Dataset, LabelledItem } from '@janus/data';
import { fitLogisticRegression, predictLogistic, type LabelledRows } from '@janus/models';
import { codeColumns } from './label-codes.js';

/** The images of each part, with class numbers. */
export interface BaselineParts {
  readonly train: readonly LabelledItem[];
  readonly validation: readonly LabelledItem[];
  readonly measured: readonly LabelledItem[];
}

/** What {@link labelBaseline} reads. */
export interface LabelBaselineOptions {
  /** Label columns; not the target. */
  readonly columns: readonly string[];
  readonly target: string;
  /** Number of classes of the target. */
  readonly classes: number;
}

/** What {@link labelBaseline} returns. */
export interface LabelBaseline {
  readonly columns: readonly string[];
  /** Ridge penalty with the lowest validation loss. */
  readonly penalty: number;
  /** Class number that it says of each measured image. */
  readonly predicted: readonly number[];
  readonly accuracy: Interval;
  readonly balancedAccuracy: Interval;
}

/** Penalties of which the one with the lowest validation loss is kept. */
const PENALTIES = [1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 1e-4] as const;

/**
 * Fits a logistic regression that reads label columns in place of images on the train part, its penalty chosen on validation,
 * and measures it. Each image counts as much, whatever its class: that has the best accuracy. Numbers enter with their square, texts as one column a value that training has, missing values as a column
 * of their own.
 *
 * @throws OptionsError when there is no column, or one is not of the data or is the target; DataError when a part is empty
 */
export function labelBaseline(
  dataset: Dataset,
  parts: BaselineParts,
  options: LabelBaselineOptions,
): LabelBaseline {
  const { columns, target, classes } = options;
  const stray = columns.find((name) => name === target || !dataset.labels.includes(name));
  if (columns.length === 0 || stray !== undefined) {
    throw new OptionsError(
      `--baseline: must be label columns other than ${target} (${dataset.labels.filter((name) => name !== target).join(', ')}), but got ${stray ?? 'none'}. Choose some of them.`,
    );
  }
  const empty = (['train', 'validation', 'measured'] as const).find(
    (part) => parts[part].length === 0,
  );
  if (empty !== undefined) {
    throw new DataError(
      `${dataset.folder}: a baseline needs images in each part, but ${empty} has none. Split the data with a validation part.`,
      { path: dataset.folder },
    );
  }
  const code = codeColumns(dataset, columns, parts.train);
  const rowsOf = (items: readonly LabelledItem[]): LabelledRows => ({
    ...code(items),
    labels: items.map(({ label }) => label),
  });
  const [train, validation, measured] = [parts.train, parts.validation, parts.measured].map(rowsOf);
  if (train === undefined || validation === undefined || measured === undefined) {
    throw new DataError(`${dataset.folder}: has no parts.`, { path: dataset.folder });
  }
  const fits = PENALTIES.map((penalty) => {
    const model = fitLogisticRegression(train, { classes, penalty });
    return {
      penalty,
      model,
      loss: lossOn(validation, predictLogistic(model, validation), classes),
    };
  });
  const best = fits.reduce((a, b) => (b.loss < a.loss ? b : a));
  const found = predictLogistic(best.model, measured);
  const predicted = parts.measured.map((_, i) => {
    const row = found.subarray(i * classes, (i + 1) * classes);
    return row.indexOf(Math.max(...row));
  });
  return {
    columns,
    penalty: best.penalty,
    predicted,
    ...measuresOf(parts.measured, predicted, classes),
  };
}

/** Mean loss, nats. */
function lossOn({ labels }: LabelledRows, probabilities: Float64Array, classes: number): number {
  let sum = 0;
  for (let i = 0; i < labels.length; i++) {
    sum -= Math.log(Math.max(probabilities[i * classes + (labels[i] ?? 0)] ?? 0, Number.MIN_VALUE));
  }
  return sum / labels.length;
}

function measuresOf(
  items: readonly LabelledItem[],
  predicted: readonly number[],
  classes: number,
): Pick<LabelBaseline, 'accuracy' | 'balancedAccuracy'> {
  const clusters = items.map(({ cluster }) => cluster);
  return {
    accuracy: accuracyOf(
      items.map(({ label }, i) => label === predicted[i]),
      clusters,
    ),
    balancedAccuracy: balancedAccuracyOf({
      ...{ predicted, clusters, classes },
      labels: items.map(({ label }) => label),
    }),
  };
}
