/** What a format costs: a classifier and its export on the same images. */
import type { Interval, Reporter } from '@janus/core';
import { imagePathOf, openDataset } from '@janus/data';
import {
  argMax,
  evaluateClassifier,
  featureRows,
  softmax,
  type TrainedClassifier,
} from '@janus/models';
import { featuresOfSet, openItems } from '../item-images.js';
import { predictionPrefix, readPredictions } from '../look/read-predictions.js';
import { precisionOfRun } from '../precision.js';

/** Accuracy before and after, on the images of the run's evaluation that the data still has. */
export interface ExportLoss {
  /** Part of the data. */
  readonly split: string;
  readonly n: number;
  /** Of the run's own model. */
  readonly original: Interval;
  /** Of the exported one. */
  readonly exported: Interval;
  /** Images that the two name differently. */
  readonly changed: number;
  /** The largest difference of a probability, 0 to 1. */
  readonly largestDifference: number;
}

/** What is compared, and on what. */
export interface MeasureExportOptions {
  readonly classifier: TrainedClassifier;
  /** Reads the exported classifier; it is disposed here. */
  readonly exported: () => Promise<TrainedClassifier & { readonly dispose?: () => void }>;
  /** Data folder. */
  readonly data: string;
  /** The run's, which has its precision. */
  readonly options: Parameters<typeof precisionOfRun>[0];
  readonly reporter: Reporter;
}

/**
 * Predicts the images of a run's evaluation with its classifier and with its export.
 *
 * @throws DataError when the run was not evaluated, or the data is not there
 */
export async function measureExport(
  run: string,
  { classifier, exported, data, options, reporter }: MeasureExportOptions,
): Promise<ExportLoss> {
  const { classes, target, imageSize: size } = classifier.description;
  const predicted = await readPredictions(run, classes, await predictionPrefix(run, target));
  const dataset = await openDataset(data);
  const rows = new Map(dataset.rows.map((row) => [row.id, row]));
  const items = predicted.flatMap(({ id, label }) => {
    const row = rows.get(id);
    if (row === undefined) return [];
    const path = imagePathOf(dataset.folder, row.path);
    return [{ id, label, path, cluster: row.identity ?? id }];
  });
  const set = await openItems(items, { size, folder: dataset.folder, reporter });
  const precision = precisionOfRun(options, reporter);
  const logitsOf = async (
    { model, description }: TrainedClassifier,
    label: string,
  ): Promise<readonly (readonly number[])[]> => {
    const { preprocessing } = description;
    return featureRows(
      await featuresOfSet(model, set, {
        ...{ preprocessing, precision, report: reporter.progress, label },
      }),
    );
  };
  const before = await logitsOf(classifier, 'predicting');
  const other = await exported();
  try {
    const after = await logitsOf(other, 'predicting with the export');
    const split = predicted[0]?.split ?? '';
    const accuracyOf = (logits: readonly (readonly number[])[]): Interval =>
      evaluateClassifier(
        {
          ...{ ids: items.map(({ id }) => id), labels: items.map(({ label }) => label), logits },
          clusters: items.map(({ cluster }) => cluster),
        },
        { target, classes, split },
      ).accuracy;
    return {
      ...{ split, n: items.length, original: accuracyOf(before), exported: accuracyOf(after) },
      ...compared(before, after),
    };
  } finally {
    if (other.dispose === undefined) other.model.dispose();
    else other.dispose();
  }
}

function compared(
  before: readonly (readonly number[])[],
  after: readonly (readonly number[])[],
): Pick<ExportLoss, 'changed' | 'largestDifference'> {
  let [changed, largestDifference] = [0, 0];
  before.forEach((logits, i) => {
    const others = after[i] ?? [];
    if (argMax(logits) !== argMax(others)) changed += 1;
    const [p, q] = [softmax(logits), softmax(others)];
    p.forEach((value, k) => {
      largestDifference = Math.max(largestDifference, Math.abs(value - (q[k] ?? 0)));
    });
  });
  return { changed, largestDifference };
}
