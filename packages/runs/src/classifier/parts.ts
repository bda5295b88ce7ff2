import {
  JanusError,
  OptionsError,
  readParts,
  type ProgressListener,
  type RunParts,
  type RunRecord,
} from '@janus/core';
import { openDataset, type Dataset } from '@janus/data';
import { imageParts, type StoredImage } from '../parts.js';
import type { ClassifierRunOptions } from './options.js';
import { runDataset } from './run-dataset.js';
import { imagesOfTargets } from './tasks.js';

/** The domain of a classifier's parts. */
export const IMAGES = 'images';

/** Returns the images of a classifier's data set by part: those that have a value of the target, or of one of several. */
export async function classifierParts(
  dataset: Dataset,
  target: string,
  report?: ProgressListener,
): Promise<RunParts> {
  const hashes = new Map(dataset.rows.map(({ id, sha256 }) => [id, sha256]));
  const parts = await imageParts(
    (split) =>
      imagesOfTargets(dataset, target, { split }).map(({ id, path }): StoredImage => {
        return { id, path, sha256: hashes.get(id) ?? null };
      }),
    report,
  );
  return { format: 1, domains: { [IMAGES]: { title: dataset.name, parts } } };
}

/**
 * Returns the images that a classifier run was trained with: as its folder keeps them, else those of its data set where
 * that is the same as then; undefined where neither is known.
 */
export async function knownClassifierParts(
  folder: string,
  { options, dataHash }: RunRecord<ClassifierRunOptions>,
  opened?: Dataset,
): Promise<RunParts | undefined> {
  const kept = await readParts(folder);
  if (kept !== undefined) return kept;
  const { data, target } = options;
  try {
    const then = runDataset(opened ?? (await openDataset(data)), options);
    return then.hash === dataHash ? await classifierParts(then, target) : undefined;
  } catch (error) {
    // No such folder, column or fold any more.
    if (error instanceof JanusError) return undefined;
    throw error;
  }
}

/** Whether a data set is the one that a run began with; false where it has no such fold any more. */
export function isSameData(
  dataset: Dataset,
  { options, dataHash }: RunRecord<ClassifierRunOptions>,
): boolean {
  try {
    return runDataset(dataset, options).hash === dataHash;
  } catch (error) {
    if (error instanceof OptionsError) return false;
    throw error;
  }
}
