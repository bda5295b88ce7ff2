import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { DataError, type NamedArray } from '@janus/core';
import { foldNormalisation, isMobileNet } from './mobilenet-weights.js';
import { readTfjsFile } from './tfjs-files.js';
import { readSafetensors, type FileWeights, type LayerWeights } from './weights-formats.js';

/**
 * Returns the weights in a file. Weights are data: read, and never executed. Those of a MobileNet v1 come with its
 * batch normalisation multiplied into the convolutions.
 *
 * @param path of a Keras `.h5` or `.hdf5` file, a `.safetensors` file, or a `model.json` of TensorFlow.js
 * @throws DataError when the file is of another kind, truncated or damaged
 */
export async function readWeightsFile(path: string): Promise<LayerWeights> {
  return (await readFileWeights(path)).weights;
}

/**
 * Returns the weights in a file as {@link readWeightsFile} does, with what the file says of the images that they expect.
 *
 * @param path of a Keras `.h5` or `.hdf5` file, a `.safetensors` file, or a `model.json` of TensorFlow.js
 * @throws DataError when the file is of another kind, truncated or damaged
 */
export async function readFileWeights(path: string): Promise<FileWeights> {
  const { weights, ...said } = await readArrays(path);
  return { weights: isMobileNet(weights) ? foldNormalisation(weights) : weights, ...said };
}

async function readArrays(path: string): Promise<FileWeights> {
  if (/\.(h5|hdf5)$/i.test(path)) return { weights: await readKerasH5(path) };
  if (/\.safetensors$/i.test(path)) return readSafetensors(await readFile(path), path);
  if (/\.json$/i.test(path)) return { weights: await readTfjsFile(path) };
  throw new DataError(
    `${path}: weights must be .h5 (Keras), .safetensors or a model.json (TensorFlow.js), but got ${basename(path)}. Convert the file to one of these formats.`,
    { path },
  );
}

/** Returns the weights in a Keras HDF5 file, which has a group with kernel and bias for each layer. */
async function readKerasH5(path: string): Promise<LayerWeights> {
  // Not a static import: a notebook loads packages through require, which h5wasm does not support.
  const { default: h5wasm } = await import('h5wasm/node');
  await h5wasm.ready;
  const weights = new Map<string, NamedArray>();
  let file: InstanceType<typeof h5wasm.File>;
  try {
    file = new h5wasm.File(path, 'r');
    if (file.file_id < 0n) throw new Error('not an HDF5 file');
  } catch (error) {
    throw new DataError(
      `${path}: must be a complete HDF5 file, but it cannot be opened. Download it again.`,
      {
        path,
        cause: error,
      },
    );
  }
  try {
    for (const name of file.paths()) {
      const entry = file.get(name);
      if (!(entry instanceof h5wasm.Dataset)) continue;
      const { shape, value } = entry;
      if (!(value instanceof Float32Array) || shape === null) continue;
      const layer = layerOfH5Path(name);
      const part = partOfH5Path(name) ?? (shape.length === 1 ? 'bias' : 'kernel');
      // A copy: h5wasm frees the array's memory with the file.
      weights.set(`${layer}/${part}`, { name: `${layer}/${part}`, shape, data: value.slice() });
    }
  } finally {
    file.close();
  }
  return weights;
}

/** Returns the layer of a path such as `block1_conv1/block1_conv1_W_1:0` or `fire2/expand1x1/uniform3`. */
function layerOfH5Path(name: string): string {
  const parts = name.replace(/^\//, '').split('/');
  const [first = '', second = ''] = parts;
  return /^fire\d+$/.test(first) ? `${first}_${second}` : first;
}

/** Returns what a path such as `conv_dw_1_bn/conv_dw_1_bn/gamma:0` says of its array, where older files say nothing. */
function partOfH5Path(name: string): string | undefined {
  return /\/(gamma|beta|moving_mean|moving_variance|depthwise_kernel):0$/.exec(name)?.[1];
}
