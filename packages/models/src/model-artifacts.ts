/** Networks in tfjs's layers format, in memory. */
import * as tf from '@tensorflow/tfjs';
import { CheckpointError } from '@janus/core';
import { smallWeights, WEIGHT_BYTES, type WeightType } from './export/small-weights.js';

/** What `model.json` holds. */
export interface ModelFile {
  readonly format: 'layers-model';
  readonly generatedBy: string;
  readonly modelTopology: object;
  readonly weightsManifest: readonly {
    readonly paths: readonly string[];
    readonly weights: readonly tf.io.WeightsManifestEntry[];
  }[];
}

/** A network as `model.json` and `weights.bin` hold it. */
export interface ModelArtifacts {
  readonly file: ModelFile;
  readonly weights: Uint8Array;
}

/**
 * Returns a network as its two files hold it.
 *
 * @param type what weights are written as; default float32. A reader gets float32 of any.
 */
export async function modelArtifacts(
  model: tf.LayersModel,
  type: WeightType = 'float32',
): Promise<ModelArtifacts> {
  let made: ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler((artifacts) => {
      const data = artifacts.weightData;
      const whole = Array.isArray(data) ? tf.io.CompositeArrayBuffer.join(data) : data;
      const specs = artifacts.weightSpecs ?? [];
      const written = writtenWeights(whole ?? new ArrayBuffer(0), specs, type);
      const file: ModelFile = {
        ...{ format: 'layers-model', generatedBy: 'Janus' },
        modelTopology: artifacts.modelTopology as object,
        weightsManifest: [{ paths: ['weights.bin'], weights: written.specs }],
      };
      made = { file, weights: written.bytes };
      return Promise.resolve({
        modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' as const },
      });
    }),
  );
  if (made === undefined) throw new Error('modelArtifacts: the network was not handed over');
  return made;
}

/** Returns the bytes of all weights, which are float32 in the order of their entries, and the entries of a manifest. */
function writtenWeights(
  whole: ArrayBuffer,
  specs: readonly tf.io.WeightsManifestEntry[],
  type: WeightType,
): { readonly bytes: Uint8Array; readonly specs: readonly tf.io.WeightsManifestEntry[] } {
  let at = 0;
  const parts = specs.map((spec) => {
    const count = tf.util.sizeFromShape(spec.shape);
    const { bytes, quantization } = smallWeights(new Float32Array(whole, at, count), type);
    at += 4 * count;
    return { bytes, spec: quantization === undefined ? spec : { ...spec, quantization } };
  });
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.bytes.length, 0));
  let from = 0;
  for (const part of parts) {
    bytes.set(part.bytes, from);
    from += part.bytes.length;
  }
  return { bytes, specs: parts.map(({ spec }) => spec) };
}

/** Returns how many bytes an array has in `weights.bin`. */
const bytesOf = ({ shape, quantization }: tf.io.WeightsManifestEntry): number =>
  (quantization === undefined ? 4 : WEIGHT_BYTES[quantization.dtype as WeightType]) *
  tf.util.sizeFromShape(shape);

/**
 * Returns the network of two files; the caller disposes it. Call `registerLayers` first.
 *
 * @param where what the error names
 * @throws CheckpointError when there are too few or too many weights
 */
export async function modelOf(
  { file, weights }: ModelArtifacts,
  where: string,
): Promise<tf.LayersModel> {
  const weightSpecs = file.weightsManifest.flatMap((group) => group.weights);
  const needed = weightSpecs.reduce((sum, spec) => sum + bytesOf(spec), 0);
  if (weights.byteLength !== needed) {
    throw new CheckpointError(
      `${where}: weights.bin must have ${needed} bytes, but has ${weights.byteLength}. Copy the whole folder again, or repeat the training.`,
    );
  }
  const { modelTopology } = file;
  const weightData = new Uint8Array(weights).buffer;
  return await tf.loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs, weightData }));
}
