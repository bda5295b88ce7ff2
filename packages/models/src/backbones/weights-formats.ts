/** Weights of backbones in memory: safetensors and ONNX bytes to layers. */
import { DataError, decodeSafetensors, type NamedArray } from '@janus/core';
import protobuf from 'protobufjs';

/**
 * Weights by name: `<layer>/kernel` float32 [kh, kw, in, out] and `<layer>/bias` float32 [out], with Keras' names
 * of the layers.
 */
export type LayerWeights = ReadonlyMap<string, NamedArray>;

/** Keras' name of each of torchvision's layers `features.N`, by N. */
export const TORCHVISION_LAYERS: Readonly<Record<string, string>> = Object.fromEntries(
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

/**
 * Returns the weights in a safetensors file with Keras' names of the layers, or torchvision's and timm's names of
 * VGG-16's; arrays of other torchvision layers are left out.
 *
 * @param path of the file, for error messages
 * @throws DataError when the file is truncated or damaged
 */
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
