/** The weights of the Inception network that the FID is defined on, from a file that the user has. */
import type * as tf from '@tensorflow/tfjs';
import { readFile } from 'node:fs/promises';
import { DataError, decodeSafetensors, sha256OfFile, type NamedArray } from '@janus/core';
import { setWeights } from '../backbones/load-weights.js';
import { buildInception, buildInceptionLogits, INCEPTION_SIZE } from './inception.js';

/** The published file that a weights file is converted from. */
export const INCEPTION_FILE: {
  readonly names: readonly string[];
  readonly sha256: string;
} = {
  names: ['pt_inception-2015-12-05-6726825d.pth', 'weights-inception-2015-12-05-6726825d.pth'],
  sha256: '6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2',
};

/** Added to the variance under the root. */
const EPSILON = 1e-3;

/** The network with its weights. */
export interface Inception {
  /** Images in (x - 128) / 128 to features, float32 [B, 2048]. */
  readonly network: tf.LayersModel;
  /** Features to logits without biases, float32 [B, 1008]. */
  readonly logits: tf.LayersModel;
  /** In hexadecimal, of the file. */
  readonly sha256: string;
  /** Whether the file says that it was converted from {@link INCEPTION_FILE}. */
  readonly isPublished: boolean;
  readonly dispose: () => void;
}

/**
 * Returns the Inception network of the FID with the weights of a file; the caller disposes it. Weights are data: read, and never
 * executed.
 *
 * @param path safetensors with the names of pytorch-fid and torch-fidelity, as `tools/oracles/inception_weights.py` converts
 * their file
 * @throws DataError when the file is of another kind, is damaged or lacks an array
 */
export async function readInception(path: string): Promise<Inception> {
  if (!path.toLowerCase().endsWith('.safetensors')) {
    throw new DataError(
      `${path}: Inception's weights must be .safetensors, but are not. Convert ${INCEPTION_FILE.names[0] ?? ''} with tools/oracles/inception_weights.py.`,
      { path },
    );
  }
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new DataError(`${path}: must be a file that can be read, but is not. Check --weights.`, {
      ...{ path, cause: error },
    });
  });
  const { arrays, metadata } = decodeSafetensors(bytes, path);
  return {
    ...inceptionOf(arrays, path),
    sha256: await sha256OfFile(path),
    isPublished: metadata['source_sha256'] === INCEPTION_FILE.sha256,
  };
}

/**
 * Returns the network with weights that are named as in PyTorch's ports: `<layer>.conv.weight` [out, in, kh, kw],
 * `<layer>.bn.weight`, `.bias`, `.running_mean` and `.running_var` [out], and `fc.weight` [1008, 2048].
 *
 * @param where file that they were read from, for the error message
 * @param size see `buildInception`
 * @throws DataError when one is missing or has another shape
 */
export function inceptionOf(
  arrays: readonly NamedArray[],
  where: string,
  size: number = INCEPTION_SIZE,
): Pick<Inception, 'network' | 'logits' | 'dispose'> {
  const byName = new Map(arrays.map((array) => [array.name, array]));
  const own = new Map<string, NamedArray>();
  for (const { name } of arrays) {
    if (!name.endsWith('.conv.weight')) continue;
    for (const array of folded(byName, name.slice(0, -'.conv.weight'.length))) {
      own.set(array.name, array);
    }
  }
  const fc = byName.get('fc.weight');
  if (fc !== undefined) own.set('fc/kernel', turned(fc, 'fc/kernel'));
  const network = buildInception(size);
  const logits = buildInceptionLogits();
  const dispose = (): void => {
    network.dispose();
    logits.dispose();
  };
  try {
    setWeights(network, own, where);
    setWeights(logits, own, where);
  } catch (error) {
    dispose();
    throw error;
  }
  return { network, logits, dispose };
}

/** Returns a convolution's kernel and bias with its normalisation multiplied in; nothing where an array is missing. */
function folded(arrays: ReadonlyMap<string, NamedArray>, layer: string): readonly NamedArray[] {
  const of = (part: string): NamedArray['data'] | undefined => arrays.get(`${layer}.${part}`)?.data;
  const kernel = arrays.get(`${layer}.conv.weight`);
  const [gamma, beta] = [of('bn.weight'), of('bn.bias')];
  const [mean, variance] = [of('bn.running_mean'), of('bn.running_var')];
  if (!kernel || !gamma || !beta || !mean || !variance) return [];
  const factor = Array.from(gamma, (value, c) => value / Math.sqrt((variance[c] ?? 1) + EPSILON));
  const name = layer.replaceAll('.', '_');
  const inputs = kernel.data.length / factor.length;
  const scaled = Float32Array.from(
    kernel.data,
    (value, i) => value * (factor[Math.floor(i / inputs)] ?? 1),
  );
  const bias = Float32Array.from(beta, (value, c) => value - (mean[c] ?? 0) * (factor[c] ?? 1));
  return [
    turned({ ...kernel, data: scaled }, `${name}/kernel`),
    { name: `${name}/bias`, shape: [bias.length], data: bias },
  ];
}

/** Returns a kernel in our order of dimensions: [out, in, kh, kw] as [kh, kw, in, out], [out, in] as [in, out]. */
function turned({ shape, data }: NamedArray, name: string): NamedArray {
  const [outputs = 0, inputs = 0, height = 1, width = 1] = shape;
  const places = height * width;
  const own = new Float32Array(data.length);
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) {
      for (let p = 0; p < places; p++) {
        own[(p * inputs + i) * outputs + o] = data[(o * inputs + i) * places + p] ?? 0;
      }
    }
  }
  const window = shape.length === 2 ? [] : [height, width];
  return { name, shape: [...window, inputs, outputs], data: own };
}
