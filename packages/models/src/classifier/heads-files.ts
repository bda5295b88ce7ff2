import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { OptionsError, writeJson } from '@janus/core';
import { registerLayers } from '../layers.js';
import { loadModel, saveModel } from '../model-files.js';
import type { WeightType } from '../export/small-weights.js';
import { DESCRIPTION, loadClassifier, type TrainedClassifier } from './classifier-files.js';
import { headsDescriptionOf, type HeadsDescription } from './descriptions.js';
import { besideEachOther } from './heads.js';

/** A trained network of several targets. */
export interface TrainedHeads {
  /** Preprocessed images [B, size, size, 3] to logits [B, classes], an output a target. */
  readonly model: tf.LayersModel;
  readonly description: HeadsDescription;
}

/** A trained network of one target or more, ready to tell them. */
export interface LoadedHeads extends TrainedHeads {
  /** Preprocessed images [B, size, size, 3] to the logits of all targets side by side, [B, sum of classes]. */
  readonly joined: tf.LayersModel;
  /** Frees the network. */
  readonly dispose: () => void;
}

/**
 * Writes a network of several targets and its description.
 *
 * @param type what weights are written as; default float32
 */
export async function saveHeads(
  folder: string,
  { model, description }: TrainedHeads,
  type: WeightType = 'float32',
): Promise<void> {
  await saveHeadsDescription(folder, description);
  await saveModel(folder, model, type);
}

/** Writes what a network of several targets needs to know about itself, beside it. */
export async function saveHeadsDescription(
  folder: string,
  description: HeadsDescription,
): Promise<void> {
  await writeJson(join(folder, DESCRIPTION), description);
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
  return loaded(model, headsDescriptionOf(description));
}

function loaded(model: tf.LayersModel, description: HeadsDescription): LoadedHeads {
  return {
    ...{ model, joined: besideEachOther(model), description },
    dispose: () => {
      model.dispose();
    },
  };
}

/** A trained network that tells one target, which may be one head of several. */
export interface LoadedTarget extends TrainedClassifier {
  /** Frees the network, other heads included. */
  readonly dispose: () => void;
}

/**
 * Returns the head of one target of a network that {@link saveHeads} or `saveClassifier` wrote; the caller disposes it.
 *
 * @param target default: the only one
 * @throws DataError when the folder holds none; OptionsError when the network tells no such target, or several and none is
 * named
 */
export async function loadTarget(folder: string, target?: string): Promise<LoadedTarget> {
  const { model, description, dispose } = await loadHeads(folder);
  const { targets, imageSize, preprocessing } = description;
  const names = targets.map((each) => each.target);
  const at = target === undefined && names.length === 1 ? 0 : names.indexOf(target ?? '');
  const found = targets[at];
  if (found === undefined) {
    dispose();
    throw new OptionsError(
      `--target: must be one of the run's targets (${names.join(', ')}), but ${target === undefined ? 'none is named' : `got ${target}`}. Name one of these.`,
    );
  }
  const { classes, temperature } = found;
  return {
    model: tf.model({ inputs: model.inputs, outputs: model.outputs[at] ?? [], name: model.name }),
    description: {
      ...{ format: 1, target: found.target, classes, imageSize, preprocessing },
      ...(temperature === undefined ? {} : { temperature }),
    },
    dispose,
  };
}
