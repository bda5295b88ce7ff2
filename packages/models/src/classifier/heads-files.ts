import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as tf from '@tensorflow/tfjs';
import { writeJson } from '@janus/core';
import type { Preprocessing } from '../backbones/preprocessing.js';
import { registerLayers } from '../layers.js';
import { loadModel, saveModel } from '../model-files.js';
import { DESCRIPTION, loadClassifier } from './classifier-files.js';
import { besideEachOther, type TargetDescription } from './heads.js';

/** What a network of several targets needs to know about itself: `model/janus.json`. */
export interface HeadsDescription {
  readonly format: 2;
  /** In the order of the network's outputs. */
  readonly targets: readonly TargetDescription[];
  /** Side of the square images in pixels. */
  readonly imageSize: number;
  readonly preprocessing: Preprocessing;
}

/** A trained network of several targets. */
export interface TrainedHeads {
  /** Preprocessed images [B, size, size, 3] to logits [B, classes], an output a target. */
  readonly model: tf.LayersModel;
  readonly description: HeadsDescription;
}

/** A trained network of one target or more, ready to tell them. */
export interface LoadedHeads {
  /** Preprocessed images [B, size, size, 3] to logits [B, classes], an output a target. */
  readonly model: tf.LayersModel;
  /** Preprocessed images [B, size, size, 3] to the logits of all targets side by side, [B, sum of classes]. */
  readonly joined: tf.LayersModel;
  readonly description: HeadsDescription;
  /** Frees the network. */
  readonly dispose: () => void;
}

/** Writes a network of several targets and its description. */
export async function saveHeads(
  folder: string,
  { model, description }: TrainedHeads,
): Promise<void> {
  await writeJson(join(folder, DESCRIPTION), description);
  await saveModel(folder, model);
}

/**
 * Returns the description of a trained classifier of one target or more.
 *
 * @returns undefined where it tells one target without an order, as `saveClassifier` writes it, or there is none
 */
export async function readHeadsDescription(folder: string): Promise<HeadsDescription | undefined> {
  try {
    const text = await readFile(join(folder, DESCRIPTION), 'utf8');
    const description = JSON.parse(text) as { readonly format?: unknown };
    return description.format === 2 ? (description as HeadsDescription) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Returns a network that {@link saveHeads} or `saveClassifier` wrote; the caller disposes it.
 *
 * @throws DataError when the folder holds none
 */
export async function loadHeads(folder: string): Promise<LoadedHeads> {
  const several = await readHeadsDescription(folder);
  if (several !== undefined) {
    registerLayers();
    return loaded(await loadModel(folder), several);
  }
  const { model, description } = await loadClassifier(folder);
  const { target, classes, imageSize, preprocessing, temperature } = description;
  const fitted = temperature === undefined || temperature === null ? {} : { temperature };
  const targets = [{ target, classes, ...fitted }];
  return loaded(model, { format: 2, targets, imageSize, preprocessing });
}

function loaded(model: tf.LayersModel, description: HeadsDescription): LoadedHeads {
  return {
    model,
    joined: besideEachOther(model),
    description,
    dispose: () => {
      model.dispose();
    },
  };
}
