import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as tf from '@tensorflow/tfjs';
import { DataError, writeFileAtomic, writeJson } from '@janus/core';
import type { WeightType } from './export/small-weights.js';
import { modelArtifacts, modelOf, type ModelArtifacts, type ModelFile } from './model-artifacts.js';

/**
 * Saves a network in tfjs's layers format (`model.json`, `weights.bin`), which Node and browsers load.
 * `model.json` is written last, so a folder that has one is complete.
 *
 * @param folder created when it is absent; older files of these names are replaced
 * @param type what weights are written as; default float32. A reader gets float32 of any.
 */
export async function saveModel(
  folder: string,
  model: tf.LayersModel,
  type: WeightType = 'float32',
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { file, weights } = await modelArtifacts(model, type);
  await writeFileAtomic(join(folder, 'weights.bin'), weights);
  await writeJson(join(folder, 'model.json'), file);
}

/**
 * Returns the files of a network that {@link saveModel} wrote.
 *
 * @throws DataError when the folder has no `model.json`
 */
export async function readModelFiles(folder: string): Promise<ModelArtifacts> {
  const path = join(folder, 'model.json');
  if (!existsSync(path)) {
    throw new DataError(
      `${folder}: needs a trained model (model.json), but there is none. Finish the run: repeat its command with --resume.`,
      { path },
    );
  }
  const file = JSON.parse(await readFile(path, 'utf8')) as ModelFile;
  return { file, weights: await readFile(join(folder, 'weights.bin')) };
}

/**
 * Returns a network that {@link saveModel} wrote; the caller disposes it. For a generator, call
 * {@link registerLayers} first.
 *
 * @throws DataError when the folder has no `model.json`; CheckpointError when `weights.bin` is of the wrong
 * length
 */
export async function loadModel(folder: string): Promise<tf.LayersModel> {
  return await modelOf(await readModelFiles(folder), folder);
}
