import * as tf from '@tensorflow/tfjs';
import { DataError, streamOf } from '@janus/core';
import { useEngine } from '@janus/engine';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readConvertedGraph, type ConvertedGraph, type GraphFile } from './converted-graph.js';

beforeAll(async () => {
  await useEngine();
});

let before = 0;
beforeEach(() => {
  before = tf.memory().numTensors;
});
afterEach(() => {
  expect(tf.memory().numTensors).toBe(before);
});

const base64 = (text: string): string => Buffer.from(text).toString('base64');

interface MadeWeight {
  readonly name: string;
  readonly shape: number[];
  readonly dtype: 'float32' | 'int32';
  readonly values: readonly number[];
}

function floats(name: string, shape: number[]): MadeWeight {
  const stream = streamOf(2, name);
  const values = Array.from({ length: tf.util.sizeFromShape(shape) }, () =>
    Math.fround(stream.normal()),
  );
  return { name, shape, dtype: 'float32', values };
}

function whole(name: string, values: readonly number[], shape = [values.length]): MadeWeight {
  return { name, shape, dtype: 'int32', values };
}

type Nodes = GraphFile['modelTopology']['node'];

/** A file as the converter writes it, and its bytes. */
function fileOf(nodes: Nodes, weights: readonly MadeWeight[]): [GraphFile, Uint8Array] {
  const constants = weights.map(({ name }) => ({ name, op: 'Const' }));
  const bytes = weights.flatMap(({ dtype, values }) => [
    ...new Uint8Array(
      dtype === 'int32' ? Int32Array.from(values).buffer : Float32Array.from(values).buffer,
    ),
  ]);
  const file: GraphFile = {
    modelTopology: { node: [{ name: 'input', op: 'Placeholder' }, ...constants, ...nodes] },
    weightsManifest: [
      { weights: weights.map(({ name, shape, dtype }) => ({ name, shape, dtype })) },
    ],
  };
  return [file, Uint8Array.from(bytes)];
}

function tensorOf({ shape, values }: MadeWeight): tf.Tensor {
  return tf.tensor([...values], shape);
}

const strides = (stride: number): { list: { i: string[] } } => ({
  list: { i: ['1', String(stride), String(stride), '1'] },
});
const padding = (text: string): { s: string } => ({ s: base64(text) });
const fused = (...names: readonly string[]): { list: { s: string[] } } => ({
  list: { s: names.map(base64) },
});

const filter = floats('filter', [3, 3, 2, 4]);
const bias = floats('bias', [4]);
const depthwise = floats('depthwise', [3, 3, 2, 1]);
const shift = floats('shift', [2]);
const paddings = whole('paddings', [0, 0, 1, 2, 0, 1, 0, 3], [4, 2]);
const shape = whole('shape', [1, 9, -1]);

type Wanted = (x: tf.Tensor4D) => tf.Tensor;
type Case = readonly [name: string, node: Nodes[number], weights: readonly MadeWeight[], Wanted];

const convolved = (x: tf.Tensor4D, stride: number, pad: 'same' | 'valid'): tf.Tensor =>
  tf.add(tf.conv2d(x, tensorOf(filter) as tf.Tensor4D, stride, pad), tensorOf(bias));

const CASES: readonly Case[] = [
  [
    'a convolution with a bias, stride 2, same',
    {
      name: 'out',
      op: '_FusedConv2D',
      input: ['input', 'filter', 'bias'],
      attr: { strides: strides(2), padding: padding('SAME'), fused_ops: fused('BiasAdd') },
    },
    [filter, bias],
    (x) => convolved(x, 2, 'same'),
  ],
  [
    'a convolution with a bias and ReLU, valid',
    {
      name: 'out',
      op: '_FusedConv2D',
      input: ['input', 'filter', 'bias'],
      attr: { strides: strides(1), padding: padding('VALID'), fused_ops: fused('BiasAdd', 'Relu') },
    },
    [filter, bias],
    (x) => tf.relu(convolved(x, 1, 'valid')),
  ],
  [
    'a convolution of each channel, stride 2',
    {
      name: 'out',
      op: 'DepthwiseConv2dNative',
      input: ['input', 'depthwise'],
      attr: { strides: strides(2), padding: padding('SAME') },
    },
    [depthwise],
    (x) => tf.depthwiseConv2d(x, tensorOf(depthwise) as tf.Tensor4D, 2, 'same'),
  ],
  [
    'a sum',
    { name: 'out', op: 'AddV2', input: ['input', 'shift'] },
    [shift],
    (x) => tf.add(x, tensorOf(shift)),
  ],
  ['ReLU', { name: 'out', op: 'Relu', input: ['input'] }, [], (x) => tf.relu(x)],
  [
    'the largest of windows',
    {
      name: 'out',
      op: 'MaxPool',
      input: ['input'],
      attr: { strides: strides(2), padding: padding('SAME') },
    },
    [],
    (x) => tf.maxPool(x, 2, 2, 'same'),
  ],
  [
    'zeros at the edges',
    { name: 'out', op: 'Pad', input: ['input', 'paddings'] },
    [paddings],
    (x) =>
      tf.pad(x, [
        [0, 0],
        [1, 2],
        [0, 1],
        [0, 3],
      ]),
  ],
  [
    'another shape, whose batch is the one it is handed',
    { name: 'out', op: 'Reshape', input: ['input', 'shape'] },
    [shape],
    (x) => tf.reshape(x, [x.shape[0], 9, -1]),
  ],
  ['what it is handed', { name: 'out', op: 'Identity', input: ['input'] }, [], (x) => x.clone()],
];

function inputOf(batch: number): tf.Tensor4D {
  const stream = streamOf(4, 'input');
  return tf.tensor4d(
    Float32Array.from({ length: batch * 54 * 2 }, () => stream.normal()),
    [batch, 9, 6, 2],
  );
}

/** What another order of a convolution's sums may change, for values of about 5. */
const FLOAT32_SUMS = 1e-5;

function largestDifference(graph: ConvertedGraph, wanted: Wanted, batch: number): number {
  return tf.tidy(() => {
    const x = inputOf(batch);
    const [found] = graph.run(x, ['out']);
    const expected = wanted(x);
    expect(found?.shape).toEqual(expected.shape);
    return found === undefined
      ? NaN
      : (tf.max(tf.abs(tf.sub(found, expected))).dataSync()[0] ?? NaN);
  });
}

describe('readConvertedGraph', () => {
  it.each(CASES)('runs %s', (...[, node, weights, wanted]) => {
    const graph = readConvertedGraph(...fileOf([node], weights), 'made.json');
    for (const batch of [1, 3]) {
      expect(largestDifference(graph, wanted, batch)).toBeLessThan(FLOAT32_SUMS);
    }
    graph.dispose();
  });

  it('runs nodes after each other and returns the outputs in the order they are asked for', () => {
    const nodes: Nodes = [
      { name: 'moved', op: 'AddV2', input: ['input', 'shift'] },
      { name: 'positive', op: 'Relu', input: ['moved'] },
    ];
    const graph = readConvertedGraph(...fileOf(nodes, [shift]), 'made.json');
    const far = tf.tidy(() => {
      const x = inputOf(1);
      const [positive, moved] = graph.run(x, ['positive', 'moved']);
      const wanted = tf.add(x, tensorOf(shift));
      return [positive, moved].map((each, i) =>
        each === undefined
          ? NaN
          : tf.max(tf.abs(tf.sub(each, i === 0 ? tf.relu(wanted) : wanted))).dataSync()[0],
      );
    });
    expect(far).toEqual([0, 0]);
    graph.dispose();
  });

  it('reads weights that begin anywhere in the bytes', () => {
    const [file, bytes] = fileOf([CASES[3]?.[1] ?? { name: '', op: '' }], [shift]);
    const longer = new Uint8Array(bytes.length + 1);
    longer.set(bytes, 1);
    const graph = readConvertedGraph(file, longer.subarray(1), 'made.json');
    expect(largestDifference(graph, (x) => tf.add(x, tensorOf(shift)), 1)).toBe(0);
    graph.dispose();
  });

  it('refuses weights that were cut off, an unknown operation, and a graph without an input', () => {
    const [file, bytes] = fileOf([CASES[3]?.[1] ?? { name: '', op: '' }], [shift]);
    const read = (changed: GraphFile, from: Uint8Array): (() => ConvertedGraph) => {
      return () => readConvertedGraph(changed, from, 'made.json');
    };
    expect(read(file, bytes.subarray(0, 7))).toThrow(
      'made.json: must be a whole network of convolutions, but it has 7 bytes of weights instead of 8. Install the packages again: npm ci.',
    );
    expect(read(file, bytes.subarray(0, 7))).toThrow(DataError);
    const [strange] = fileOf([{ name: 'out', op: 'Einsum', input: ['input'] }], [shift]);
    expect(read(strange, bytes)).toThrow('has the operation Einsum');
    const blind: GraphFile = {
      ...file,
      modelTopology: { node: file.modelTopology.node.filter(({ op }) => op !== 'Placeholder') },
    };
    expect(read(blind, bytes)).toThrow('has no input');
  });

  it('names an input or an output that is missing', () => {
    const nodes: Nodes = [{ name: 'out', op: 'AddV2', input: ['input', 'gone'] }];
    const graph = readConvertedGraph(...fileOf(nodes, [shift]), 'made.json');
    const run = (each: ConvertedGraph, output: string) => (): unknown =>
      tf.tidy(() => each.run(inputOf(1), [output]));
    expect(run(graph, 'out')).toThrow('made.json: out needs gone, but it is missing.');
    graph.dispose();
    const whole = readConvertedGraph(
      ...fileOf([{ name: 'out', op: 'Relu', input: ['input'] }], []),
      'made.json',
    );
    expect(run(whole, 'other')).toThrow(
      'made.json: must have the output other, but has none of that name.',
    );
    whole.dispose();
  });
});
