/** Weights in the files that TensorFlow's converter writes for a browser. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DataError, float32OfHalf, type NamedArray } from '@janus/core';
import type { LayerWeights } from './weights-formats.js';

/** One array of a manifest. */
interface ArrayEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization?: {
    readonly dtype: string;
    readonly scale?: number;
    readonly min?: number;
  };
}

/** Arrays whose bytes follow each other in a list of files. */
interface Group {
  readonly paths: readonly string[];
  readonly weights: readonly ArrayEntry[];
}

/** Bytes of a number, by how it is stored. */
const BYTES: Readonly<Record<string, number>> = {
  ...{ float32: 4, int32: 4, float16: 2, uint16: 2, uint8: 1, bool: 1 },
};

/**
 * Returns the weights that a `model.json` of TensorFlow.js (layers or graph model) names, as float32. Arrays whose
 * files are missing are left out, so that the layers before them can be used.
 *
 * @param path of the JSON file; the weights lie beside it
 * @throws DataError when the JSON names no weights, a file has other bytes than it says, or numbers are stored in an
 * unknown way
 */
export async function readTfjsFile(path: string): Promise<LayerWeights> {
  const weights = new Map<string, NamedArray>();
  for (const group of await readManifest(path)) {
    const files = group.paths.map((each) => join(dirname(path), each));
    if (!files.every(existsSync)) continue;
    const bytes = Buffer.concat(await Promise.all(files.map((file) => readFile(file))));
    for (const array of arraysOfGroup(group, bytes, files[0] ?? path)) {
      weights.set(array.name, array);
    }
  }
  return weights;
}

async function readManifest(path: string): Promise<readonly Group[]> {
  const text = await readFile(path, 'utf8');
  try {
    const { weightsManifest } = JSON.parse(text) as { readonly weightsManifest?: unknown };
    if (Array.isArray(weightsManifest)) return weightsManifest as readonly Group[];
  } catch {
    // Said below, as of other files that hold no weights.
  }
  throw new DataError(
    `${path}: must be a model.json of TensorFlow.js with a weightsManifest, but has none. Name the file that the converter wrote.`,
    { path },
  );
}

function arraysOfGroup({ weights }: Group, bytes: Buffer, path: string): readonly NamedArray[] {
  const sizes = weights.map(({ shape, ...entry }) => {
    const each = BYTES[storedAs(entry)];
    if (each === undefined) {
      throw new DataError(
        `${path}: numbers must be stored as ${Object.keys(BYTES).join(', ')}, but ${entry.name} is ${storedAs(entry)}. Convert the model again without this quantisation.`,
        { path },
      );
    }
    return each * shape.reduce((a, b) => a * b, 1);
  });
  const needed = sizes.reduce((a, b) => a + b, 0);
  if (needed !== bytes.length) {
    throw new DataError(
      `${path}: must have ${needed} bytes of weights, but has ${bytes.length}. Download it again.`,
      { path },
    );
  }
  let at = 0;
  return weights.map((entry, i) => {
    const from = at;
    at += sizes[i] ?? 0;
    // A copy: typed arrays must begin at a multiple of their numbers' bytes.
    return arrayOf(entry, new Uint8Array(bytes.subarray(from, at)));
  });
}

const storedAs = ({ dtype, quantization }: Omit<ArrayEntry, 'shape'>): string =>
  quantization?.dtype ?? dtype;

function arrayOf(entry: ArrayEntry, { buffer }: Uint8Array<ArrayBuffer>): NamedArray {
  const { name, shape, quantization } = entry;
  const { scale = 1, min = 0 } = quantization ?? {};
  const scaled = (values: Uint8Array | Uint16Array): Float32Array =>
    Float32Array.from(values, (value) => value * scale + min);
  switch (storedAs(entry)) {
    case 'float16':
      return { name, shape, data: float32OfHalf(new Uint16Array(buffer)) };
    case 'uint16':
      return { name, shape, data: scaled(new Uint16Array(buffer)) };
    case 'uint8':
      return { name, shape, data: scaled(new Uint8Array(buffer)) };
    case 'int32':
      return { name, shape, data: new Int32Array(buffer) };
    default:
      return { name, shape, data: new Float32Array(buffer) };
  }
}
