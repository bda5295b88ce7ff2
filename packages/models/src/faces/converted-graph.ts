/**
 * Runs small convolutional networks that TensorFlow's converter wrote. tfjs's own `GraphModel` runs them only with
 * the batch size of the conversion, and its weights are tensors, which a compiled step does not accept.
 */

import * as tf from '@tensorflow/tfjs';
import { DataError } from '@janus/core';

/** One operation of a converted network. */
interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr?: {
    readonly strides?: { readonly list: { readonly i: readonly (string | number)[] } };
    /** Strings are in base64. */
    readonly padding?: { readonly s: string };
    readonly fused_ops?: { readonly list: { readonly s: readonly string[] } };
  };
}

/** The parts of the converter's JSON file that {@link readConvertedGraph} reads. */
export interface GraphFile {
  readonly modelTopology: { readonly node: readonly GraphNode[] };
  readonly weightsManifest: readonly { readonly weights: tf.io.WeightsManifestEntry[] }[];
}

/** A converted network that is ready to run. */
export interface ConvertedGraph {
  /**
   * Returns the named outputs for a batch. Call it within `tf.tidy`, which disposes the tensors in
   * between; the caller disposes the outputs.
   *
   * @param input float32 [B, H, W, C], B of any size, H, W, C and range as the network was trained
   * @throws DataError when the network has no such output, or an input of an operation is missing
   */
  readonly run: (input: tf.Tensor4D, outputs: readonly string[]) => tf.Tensor[];
  /** Disposes the weights. */
  readonly dispose: () => void;
}

/** The arguments of an operation. */
interface Arguments {
  readonly node: GraphNode;
  /** Images in the batch. */
  readonly batch: number;
  /** Returns an input of the operation as a tensor. */
  readonly tensor: (index: number) => tf.Tensor;
  /** Returns an input that is a list of whole numbers: a shape, or paddings. */
  readonly numbers: (index: number) => readonly number[];
}

const SAME = 'U0FNRQ==';
const RELU = 'UmVsdQ==';

const strideOf = ({ attr }: GraphNode): number => Number(attr?.strides?.list.i[1] ?? 1);
const paddingOf = ({ attr }: GraphNode): 'same' | 'valid' =>
  attr?.padding?.s === SAME ? 'same' : 'valid';

/** The operations of such networks, under TensorFlow's names. */
const OPERATIONS: Readonly<Record<string, (given: Arguments) => tf.Tensor>> = {
  _FusedConv2D: ({ node, tensor }) =>
    tf.fused.conv2d({
      x: tensor(0) as tf.Tensor4D,
      filter: tensor(1) as tf.Tensor4D,
      bias: tensor(2),
      strides: strideOf(node),
      pad: paddingOf(node),
      activation: node.attr?.fused_ops?.list.s.includes(RELU) === true ? 'relu' : 'linear',
    }),
  DepthwiseConv2dNative: ({ node, tensor }) =>
    tf.depthwiseConv2d(
      tensor(0) as tf.Tensor4D,
      tensor(1) as tf.Tensor4D,
      strideOf(node),
      paddingOf(node),
    ),
  AddV2: ({ tensor }) => tf.add(tensor(0), tensor(1)),
  Relu: ({ tensor }) => tf.relu(tensor(0)),
  // In these networks a window is as large as its stride.
  MaxPool: ({ node, tensor }) =>
    tf.maxPool(tensor(0) as tf.Tensor4D, strideOf(node), strideOf(node), paddingOf(node)),
  Pad: ({ tensor, numbers }) => {
    const flat = numbers(1);
    const pairs = Array.from({ length: flat.length / 2 }, (_, i): [number, number] => [
      flat[2 * i] ?? 0,
      flat[2 * i + 1] ?? 0,
    ]);
    return tf.pad(tensor(0), pairs);
  },
  Reshape: ({ batch, tensor, numbers }) => tf.reshape(tensor(0), [batch, ...numbers(1).slice(1)]),
  Identity: ({ tensor }) => tensor(0),
};

/**
 * Returns a network that is ready to run; the caller disposes it.
 *
 * @param file the converter's JSON file, parsed
 * @param bytes the binary file beside it: the weights, float32 and int32, little-endian
 * @param where name of the JSON file for error messages
 * @throws DataError when bytes are missing, the network has no input, or it has an unknown operation
 */
export function readConvertedGraph(
  file: GraphFile,
  bytes: Uint8Array,
  where: string,
): ConvertedGraph {
  const nodes = file.modelTopology.node.filter(({ op }) => op !== 'Const' && op !== 'Placeholder');
  const input = file.modelTopology.node.find(({ op }) => op === 'Placeholder')?.name;
  const specs = file.weightsManifest.flatMap(({ weights }) => weights);
  const needed = specs.reduce((sum, { shape }) => sum + 4 * tf.util.sizeFromShape(shape), 0);
  const unknown = nodes.find(({ op }) => !(op in OPERATIONS));
  const wrong =
    bytes.length !== needed
      ? `has ${bytes.length} bytes of weights instead of ${needed}`
      : unknown !== undefined
        ? `has the operation ${unknown.op}`
        : input === undefined
          ? 'has no input'
          : undefined;
  if (wrong !== undefined) {
    throw new DataError(
      `${where}: must be a whole network of convolutions, but it ${wrong}. Install the packages again: npm ci.`,
      { path: where },
    );
  }
  const variables = new Map<string, tf.Variable>();
  const numbers = new Map<string, readonly number[]>();
  // A copy: typed arrays must begin at a multiple of 4 bytes, and a part of a buffer may not.
  const whole = bytes.slice().buffer;
  let offset = 0;
  for (const { name, shape, dtype } of specs) {
    const size = tf.util.sizeFromShape(shape);
    if (dtype === 'int32') numbers.set(name, [...new Int32Array(whole, offset, size)]);
    else {
      const values = new Float32Array(whole, offset, size);
      variables.set(
        name,
        tf.tidy(() => tf.variable(tf.tensor(values, shape), false)),
      );
    }
    offset += 4 * size;
  }
  const run: ConvertedGraph['run'] = (image, outputs) => {
    const made = new Map<string, tf.Tensor>([[input ?? '', image]]);
    for (const node of nodes) {
      const nameOf = (index: number): string => node.input?.[index] ?? '';
      const tensor = (index: number): tf.Tensor => {
        const name = nameOf(index);
        const found = made.get(name) ?? variables.get(name);
        if (found !== undefined) return found;
        throw new DataError(
          `${where}: ${node.name} needs ${name}, but it is missing. Install the packages again: npm ci.`,
          { path: where },
        );
      };
      const operation = OPERATIONS[node.op];
      if (operation === undefined) continue;
      made.set(
        node.name,
        operation({
          node,
          batch: image.shape[0],
          tensor,
          numbers: (index) => numbers.get(nameOf(index)) ?? [],
        }),
      );
    }
    return outputs.map((name) => {
      const output = made.get(name);
      if (output !== undefined) return output;
      throw new DataError(
        `${where}: must have the output ${name}, but has none of that name. Install the packages again: npm ci.`,
        { path: where },
      );
    });
  };
  return {
    run,
    dispose: () => {
      for (const variable of variables.values()) variable.dispose();
    },
  };
}
