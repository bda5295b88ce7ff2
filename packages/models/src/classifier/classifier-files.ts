import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as tf from '@tensorflow/tfjs';
import { DataError, writeJson } from '@janus/core';
import { registerLayers } from '../layers.js';
import type { WeightType } from '../export/small-weights.js';
import { loadModel, saveModel } from '../model-files.js';
import type { ClassifierDescription } from './descriptions.js';

/** A trained classifier. */
export interface TrainedClassifier {
  /** Preprocessed images [B, size, size, 3] to logits [B, classes]. */
  readonly model: tf.LayersModel;
  readonly description: ClassifierDescription;
}

/** The file that describes a classifier, beside its model. */
export const DESCRIPTION = 'janus.json';

/** Writes what a trained classifier needs to be told about itself, beside its network. */
export async function saveDescription(
  folder: string,
  description: ClassifierDescription,
): Promise<void> {
  await writeJson(join(folder, DESCRIPTION), description);
}

/**
 * Writes a classifier as one flat network and its description.
 *
 * @param type what weights are written as; default float32
 */
export async function saveClassifier(
  folder: string,
  classifier: TrainedClassifier,
  type: WeightType = 'float32',
): Promise<void> {
  await saveDescription(folder, classifier.description);
  await saveModel(folder, classifier.model, type);
}

/**
 * Returns a classifier that {@link saveClassifier} wrote; the caller disposes its model.
 *
 * @throws DataError when the folder holds none, or one of several targets
 */
export async function loadClassifier(folder: string): Promise<TrainedClassifier> {
  registerLayers();
  const model = await loadModel(folder);
  let description: ClassifierDescription;
  try {
    description = JSON.parse(
      await readFile(join(folder, DESCRIPTION), 'utf8'),
    ) as ClassifierDescription;
  } catch (error) {
    model.dispose();
    throw new DataError(
      `${folder}: a classifier needs a readable ${DESCRIPTION}, but this folder has none. Was it trained as a classifier?`,
      { path: folder, cause: error },
    );
  }
  if (!Array.isArray(description.classes)) {
    model.dispose();
    throw new DataError(
      `${folder}: must tell one target by its classes, but tells several, or a number. Train a classifier with that --target alone.`,
      { path: folder },
    );
  }
  return { model, description };
}
