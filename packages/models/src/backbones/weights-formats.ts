/** Weights of backbones in memory: safetensors and ONNX bytes to layers. */
import { DataError, decodeSafetensors, type NamedArray } from '@janus/core';
import protobuf from 'protobufjs';
import { PREPROCESSINGS, type Preprocessing } from './preprocessing.js';

/**
 * Weights by name: `<layer>/kernel` float32 [kh, kw, in, out] and `<layer>/bias` float32 [out], with Keras' names
 * of the layers.
 */
export type LayerWeights = ReadonlyMap<string, NamedArray>;

/** What a file of weights holds. */
export interface FileWeights {
  /** As the file has them, but for the names of the layers and the order of dimensions. */
  readonly weights: LayerWeights;
  /** What the file says that its weights expect of images; undefined where it says nothing. */
  readonly preprocessing?: Preprocessing;
  /** Whether the first convolution takes RGB, although the preprocessing gives BGR. */
  readonly takesRgb?: boolean;
}

/** Convolutions of each block of a VGG, and so the places of torchvision's layers `features.N`: each has a ReLU, a block a pooling. */
export const VGG_BLOCKS = { vgg16: [2, 2, 3, 3, 3], vgg19: [2, 2, 4, 4, 4] } as const;

/** Returns Keras' name of each of torchvision's layers `features.N`, by N. */
export function torchvisionLayers(blocks: readonly number[]): ReadonlyMap<string, string> {
  const layers = new Map<string, string>();
  let at = 0;
  blocks.forEach((convolutions, i) => {
    for (let j = 1; j <= convolutions; j++, at += 2) {
      layers.set(String(at), `block${i + 1}_conv${j}`);
    }
    at += 1;
  });
  return layers;
}

/**
 * Returns the weights in a safetensors file with Keras' names of the layers, or torchvision's and timm's names of
 * VGG-16's and VGG-19's; arrays of other torchvision layers are left out. The preprocessing is that of the file's
 * metadata, else, of torchvision's names, the one of torchvision's own trainings.
 *
 * @param path of the file, for error messages
 * @throws DataError when the file is truncated or damaged, or its metadata names an unknown preprocessing
 */
export function readSafetensors(bytes: Uint8Array, path: string): FileWeights {
  const weights = new Map<string, NamedArray>();
  const { arrays, metadata } = decodeSafetensors(bytes, path);
  // Only VGG-19 is that deep.
  const isVgg19 = arrays.some(({ name }) => name === 'features.34.weight');
  const layers = torchvisionLayers(isVgg19 ? VGG_BLOCKS.vgg19 : VGG_BLOCKS.vgg16);
  for (const array of arrays) {
    const match = /^features\.(\d+)\.(weight|bias)$/.exec(array.name);
    if (match === null) {
      weights.set(array.name, array);
      continue;
    }
    const layer = layers.get(match[1] ?? '');
    if (layer === undefined) continue;
    const name = `${layer}/${match[2] === 'weight' ? 'kernel' : 'bias'}`;
    weights.set(name, match[2] === 'weight' ? hwioOf({ ...array, name }) : { ...array, name });
  }
  const isTorchvision = arrays.some(({ name }) => /^features\.\d+\.weight$/.test(name));
  const preprocessing = preprocessingOf(metadata, { isTorchvision, path });
  if (preprocessing === undefined) return { weights };
  return { weights, preprocessing, takesRgb: isTorchvision && preprocessing === 'caffe' };
}

/** Returns the preprocessing that a file's metadata names, or that its layers' names tell. */
function preprocessingOf(
  metadata: Readonly<Record<string, string>>,
  { isTorchvision, path }: { readonly isTorchvision: boolean; readonly path: string },
): Preprocessing | undefined {
  const named = metadata['preprocessing'];
  if (named !== undefined) {
    const known = PREPROCESSINGS.find((each) => each === named);
    if (known !== undefined) return known;
    throw new DataError(
      `${path}: preprocessing in the metadata must be one of ${PREPROCESSINGS.join(', ')}, but is ${named}. Write one of these into the file, or remove the entry.`,
      { path },
    );
  }
  if (!isTorchvision) return undefined;
  // Only `janus export` writes a temperature. Exports that do not name their preprocessing are all of Caffe's weights.
  return 'temperature' in metadata ? 'caffe' : 'torchvision';
}

/** Returns a kernel float32 [kh, kw, in, out] with its input channels in the other order: BGR for RGB; a copy. */
export function withChannelsReversed(kernel: NamedArray): NamedArray {
  const [inputs = 1, outputs = 1] = kernel.shape.slice(2);
  const area = inputs * outputs;
  const data = Float32Array.from(kernel.data, (_, at) => {
    const input = Math.floor((at % area) / outputs);
    return kernel.data[at + (inputs - 1 - 2 * input) * outputs] ?? 0;
  });
  return { ...kernel, data };
}

/**
 * Returns a kernel transposed from PyTorch's layout to tfjs's.
 *
 * @param kernel float32 [out, in, kh, kw]
 * @returns float32 [kh, kw, in, out], a copy
 */
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

/** The part of ONNX's schema with the initial values (onnx.proto3: ModelProto, GraphProto, TensorProto). */
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

/** Names of the kernels and biases of a frozen VGG-16 in a converted Keras model. */
const ONNX_NAME = /(block\d_conv\d)(?:_\d+)?\/(?:convolution\/ReadVariableOp:0|Squeeze:0)$/;

/**
 * Returns the weights of VGG-16's convolutions in an ONNX model that was converted from Keras.
 *
 * @param path of the model, for error messages
 * @throws DataError when the bytes are not an ONNX model
 */
export function readOnnxVgg16(bytes: Uint8Array, path: string): LayerWeights {
  let tensors: readonly OnnxTensor[];
  try {
    const model = ONNX.lookupType('Model').decode(bytes) as unknown as {
      graph?: { initializer?: readonly OnnxTensor[] };
    };
    tensors = model.graph?.initializer ?? [];
  } catch (error) {
    throw new DataError(
      `${path}: must be an ONNX model, but it cannot be read. Download it again.`,
      {
        path,
        cause: error,
      },
    );
  }
  const weights = new Map<string, NamedArray>();
  for (const tensor of tensors) {
    const layer = ONNX_NAME.exec(tensor.name)?.[1];
    if (layer === undefined) continue;
    const dims = tensor.dims.map((dim) => (typeof dim === 'number' ? dim : dim.toNumber()));
    // A copy: a Float32Array must begin at a multiple of 4 bytes, and a field may not.
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
