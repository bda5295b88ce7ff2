/** What a classifier said of each image: `predictions.parquet`, from which measures can be made again. */
import { DataError } from '@janus/core';
import { readTable, writeTable } from '@janus/data';
import { argMax, temperedProbabilities } from '@janus/models';
import type { MeasuredItem } from './measured-items.js';

/** The predictions of some images. */
export interface TablePredictions {
  readonly items: readonly MeasuredItem[];
  /** One row an image. */
  readonly logits: readonly (readonly number[])[];
  readonly classes: readonly string[];
  readonly split: string;
  /** What logits are divided by; default: nothing. */
  readonly temperature?: { readonly value: number } | undefined;
}

/**
 * Writes one row an image: id, content, person, label, prediction, and the probability of each class, as `predict` gives it.
 */
export async function writePredictions(path: string, predictions: TablePredictions): Promise<void> {
  const { items, logits, classes, split, temperature } = predictions;
  const probabilities = temperedProbabilities(logits, temperature);
  await writeTable(
    path,
    {
      id: 'VARCHAR',
      split: 'VARCHAR',
      label: 'VARCHAR',
      predicted: 'VARCHAR',
      ...Object.fromEntries(classes.map((name) => [`p_${name}`, 'DOUBLE' as const])),
      sha256: 'VARCHAR',
      person: 'VARCHAR',
    },
    items.map((item, i) => ({
      id: item.id,
      split,
      label: classes[item.label] ?? null,
      predicted: classes[argMax(logits[i] ?? [])] ?? null,
      ...Object.fromEntries(classes.map((name, c) => [`p_${name}`, probabilities[i]?.[c] ?? null])),
      sha256: item.sha256,
      person: item.cluster,
    })),
  );
}

/** What another run said of an image. */
export interface StoredPrediction {
  readonly label: string;
  readonly predicted: string;
}

/** Predictions by the content of their images, and by id where the content is not known. */
export type StoredPredictions = (image: {
  readonly id: string;
  readonly sha256: string | null;
}) => StoredPrediction | undefined;

/**
 * Returns how to look up what a run said of an image.
 *
 * @param path of a table that {@link writePredictions} made
 * @throws DataError when there is none: the run was not evaluated
 */
export async function readPredictions(path: string): Promise<StoredPredictions> {
  const rows = await readTable(path);
  const [byContent, byId] = [
    new Map<string, StoredPrediction>(),
    new Map<string, StoredPrediction>(),
  ];
  for (const { id, sha256, label, predicted } of rows) {
    if (typeof label !== 'string' || typeof predicted !== 'string') {
      throw new DataError(
        `${path}: must have a label and a prediction in each row, but ${String(id)} has none. Evaluate the run again.`,
        { path },
      );
    }
    if (typeof sha256 === 'string') byContent.set(sha256, { label, predicted });
    else byId.set(String(id), { label, predicted });
  }
  return ({ id, sha256 }) => (sha256 === null ? undefined : byContent.get(sha256)) ?? byId.get(id);
}
