import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { CheckpointError, DataError, writeFileAtomic, writeJson } from '@janus/core';
import { smallWeights, WEIGHT_BYTES, type WeightType } from './export/small-weights.js';

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
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      const data = artifacts.weightData;
      const whole = Array.isArray(data) ? tf.io.CompositeArrayBuffer.join(data) : data;
      const written = writtenWeights(
        whole ?? new ArrayBuffer(0),
        artifacts.weightSpecs ?? [],
        type,
      );
      await writeFileAtomic(join(folder, 'weights.bin'), written.bytes);
      await writeJson(join(folder, 'model.json'), {
        format: 'layers-model',
        generatedBy: 'Janus',
        modelTopology: artifacts.modelTopology,
        weightsManifest: [{ paths: ['weights.bin'], weights: written.specs }],
      });
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
}

/** Returns the bytes of all weights, which are float32 in the order of their entries, and the entries of a manifest. */
function writtenWeights(
  whole: ArrayBuffer,
  specs: readonly tf.io.WeightsManifestEntry[],
  type: WeightType,
): { readonly bytes: Uint8Array; readonly specs: readonly tf.io.WeightsManifestEntry[] } {
  let at = 0;
  const parts = specs.map((spec) => {
    const count = spec.shape.reduce((a, b) => a * b, 1);
    const { bytes, quantization } = smallWeights(new Float32Array(whole, at, count), type);
    at += 4 * count;
    return { bytes, spec: quantization === undefined ? spec : { ...spec, quantization } };
  });
  return {
    bytes: Buffer.concat(parts.map(({ bytes }) => bytes)),
    specs: parts.map(({ spec }) => spec),
  };
}

/** Returns how many bytes an array has in `weights.bin`. */
const bytesOf = ({ shape, quantization }: tf.io.WeightsManifestEntry): number =>
  (quantization === undefined ? 4 : WEIGHT_BYTES[quantization.dtype as WeightType]) *
  shape.reduce((a, b) => a * b, 1);

/**
 * Returns a network that {@link saveModel} wrote; the caller disposes it. For a generator, call
 * {@link registerLayers} first.
 *
 * @throws DataError when the folder has no `model.json`; CheckpointError when `weights.bin` is of the wrong
 * length
 */
export async function loadModel(folder: string): Promise<tf.LayersModel> {
  const path = join(folder, 'model.json');
  if (!existsSync(path)) {
    throw new DataError(
      `${folder}: needs a trained model (model.json), but there is none. Finish the run: repeat its command with --resume.`,
      { path },
    );
  }
  const { modelTopology, weightsManifest } = JSON.parse(await readFile(path, 'utf8')) as {
    modelTopology: object;
    weightsManifest: { weights: tf.io.WeightsManifestEntry[] }[];
  };
  const bytes = await readFile(join(folder, 'weights.bin'));
  const weightSpecs = weightsManifest.flatMap((group) => group.weights);
  const needed = weightSpecs.reduce((sum, spec) => sum + bytesOf(spec), 0);
  if (bytes.byteLength !== needed) {
    throw new CheckpointError(
      `${folder}: weights.bin must have ${needed} bytes, but has ${bytes.byteLength}. Copy the whole folder again, or repeat the training.`,
    );
  }
  return await tf.loadLayersModel(
    tf.io.fromMemory({ modelTopology, weightSpecs, weightData: new Uint8Array(bytes).buffer }),
  );
}
