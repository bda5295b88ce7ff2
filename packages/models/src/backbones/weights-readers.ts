import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { DataError, decodeSafetensors, type NamedArray } from '@janus/core';
import protobuf from 'protobufjs';

/** Weights by layer: `<layer>/kernel` in HWIO order and `<layer>/bias`. */
export type LayerWeights = ReadonlyMap<string, NamedArray>;

/** Readers know files by their ending; weights are data, read and never executed. */
export async function readWeightsFile(path: string): Promise<LayerWeights> {
  if (/\.(h5|hdf5)$/i.test(path)) return await readKerasH5(path);
  if (/\.safetensors$/i.test(path)) return readSafetensors(await readFile(path), path);
  throw new DataError(
    `${path}: weights must be .h5 (Keras) or .safetensors, but got ${basename(path)}. Convert them to one of these.`,
    { path },
  );
}

/** Returns the weights of a Keras HDF5 file: a group a layer, kernel and bias within it. */
export async function readKerasH5(path: string): Promise<LayerWeights> {
  // Here and not above: a notebook loads packages through require, which h5wasm does not allow.
  const { default: h5wasm } = await import('h5wasm/node');
  await h5wasm.ready;
  const weights = new Map<string, NamedArray>();
  let file: InstanceType<typeof h5wasm.File>;
  try {
    file = new h5wasm.File(path, 'r');
    if (file.file_id < 0n) throw new Error('not an HDF5 file');
  } catch (error) {
    throw new DataError(
      `${path}: must be a whole HDF5 file, but it cannot be opened. Get it again.`,
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
      const part = shape.length === 1 ? 'bias' : 'kernel';
      // A copy: h5wasm's array lies in memory that goes with the file.
      weights.set(`${layer}/${part}`, { name: `${layer}/${part}`, shape, data: value.slice() });
    }
  } finally {
    file.close();
  }
  return weights;
}

/** `block1_conv1/block1_conv1_W_1:0` and `fire2/expand1x1/uniform3` both name their layer first. */
function layerOfH5Path(name: string): string {
  const parts = name.replace(/^\//, '').split('/');
  const [first = '', second = ''] = parts;
  return /^fire\d+$/.test(first) ? `${first}_${second}` : first;
}

/** Keras' names of torchvision's `features.N`, by N. */
const TORCHVISION_LAYERS: Readonly<Record<string, string>> = Object.fromEntries(
  [
    [0, 'block1_conv1'],
    [2, 'block1_conv2'],
    [5, 'block2_conv1'],
    [7, 'block2_conv2'],
    [10, 'block3_conv1'],
    [12, 'block3_conv2'],
    [14, 'block3_conv3'],
    [17, 'block4_conv1'],
    [19, 'block4_conv2'],
    [21, 'block4_conv3'],
    [24, 'block5_conv1'],
    [26, 'block5_conv2'],
    [28, 'block5_conv3'],
  ].map(([index, layer]) => [String(index), String(layer)]),
);

/** Returns the weights of a safetensors file under our names, or torchvision's and timm's. */
export function readSafetensors(bytes: Uint8Array, path: string): LayerWeights {
  const weights = new Map<string, NamedArray>();
  for (const array of decodeSafetensors(bytes, path).arrays) {
    const match = /^features\.(\d+)\.(weight|bias)$/.exec(array.name);
    if (match === null) {
      weights.set(array.name, array);
      continue;
    }
    const layer = TORCHVISION_LAYERS[match[1] ?? ''];
    if (layer === undefined) continue;
    const name = `${layer}/${match[2] === 'weight' ? 'kernel' : 'bias'}`;
    weights.set(name, match[2] === 'weight' ? hwioOf({ ...array, name }) : { ...array, name });
  }
  return weights;
}

/** Returns a kernel [O, I, H, W] as [H, W, I, O]. */
export function hwioOf(kernel: NamedArray): NamedArray {
  const [o = 1, i = 1, h = 1, w = 1] = kernel.shape;
  const data = new Float32Array(kernel.data.length);
  let at = 0;
  for (let a = 0; a < o; a++) {
    for (let b = 0; b < i; b++) {
      for (let y = 0; y < h; y++) {
        for (let x = 0; x < w; x++) {
          data[((y * w + x) * i + b) * o + a] = kernel.data[at++] ?? 0;
        }
      }
    }
  }
  return { name: kernel.name, shape: [h, w, i, o], data };
}

/** The part of ONNX's schema that holds initial values (onnx.proto3: ModelProto, GraphProto, TensorProto). */
const ONNX = protobuf.Root.fromJSON({
  nested: {
    Model: { fields: { graph: { type: 'Graph', id: 7 } } },
    Graph: { fields: { initializer: { rule: 'repeated', type: 'Tensor', id: 5 } } },
    Tensor: {
      fields: {
        dims: { rule: 'repeated', type: 'int64', id: 1 },
        dataType: { type: 'int32', id: 2 },
        name: { type: 'string', id: 8 },
        rawData: { type: 'bytes', id: 9 },
      },
    },
  },
});

interface OnnxTensor {
  readonly dims: readonly (number | { toNumber(): number })[];
  readonly name: string;
  readonly rawData: Uint8Array;
}

/** Names of the frozen base's values in a converted Keras model. */
const ONNX_NAME = /(block\d_conv\d)(?:_\d+)?\/(?:convolution\/ReadVariableOp:0|Squeeze:0)$/;

/** Returns VGG-16's base out of an ONNX model that was converted from Keras. */
export function readOnnxVgg16(bytes: Uint8Array, path: string): LayerWeights {
  let tensors: readonly OnnxTensor[];
  try {
    const model = ONNX.lookupType('Model').decode(bytes) as unknown as {
      graph?: { initializer?: readonly OnnxTensor[] };
    };
    tensors = model.graph?.initializer ?? [];
  } catch (error) {
    throw new DataError(`${path}: must be an ONNX model, but it cannot be read. Get it again.`, {
      path,
      cause: error,
    });
  }
  const weights = new Map<string, NamedArray>();
  for (const tensor of tensors) {
    const layer = ONNX_NAME.exec(tensor.name)?.[1];
    if (layer === undefined) continue;
    const dims = tensor.dims.map((dim) => (typeof dim === 'number' ? dim : dim.toNumber()));
    // Bytes of a message lie anywhere in its buffer; a copy begins where float32 may.
    const copy = new Uint8Array(tensor.rawData);
    const data = new Float32Array(copy.buffer, 0, copy.byteLength / 4);
    if (tensor.name.endsWith('Squeeze:0')) {
      const name = `${layer}/bias`;
      weights.set(name, { name, shape: [data.length], data });
    } else {
      const name = `${layer}/kernel`;
      weights.set(name, hwioOf({ name, shape: dims, data }));
    }
  }
  return weights;
}
