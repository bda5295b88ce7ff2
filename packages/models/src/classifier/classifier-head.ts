import * as tf from '@tensorflow/tfjs';
import { hashOfText, OptionsError } from '@janus/core';
import { SeededDropout } from '../layers.js';

/** What stands between feature maps and the dense layers. */
export type Pooling = 'flatten' | 'average' | 'max' | 'average+max';

/** The names of all poolings. */
export const POOLINGS: readonly Pooling[] = ['flatten', 'average', 'max', 'average+max'];

/** Options of {@link buildHead}. */
export interface BuildHeadOptions {
  /** Shape of the feature maps of one image, [H, W, C]. */
  readonly inputShape: readonly number[];
  readonly classes: number;
  /** Hidden layers, from first to last; empty for a linear head. */
  readonly units: readonly number[];
  /** Rate after each hidden layer, 0 to below 1. */
  readonly dropout: number;
  readonly pooling: Pooling;
  readonly seed: number;
}

/**
 * Returns the hidden layers of `<layers>x<units>`: `1x1024`, `2x512`; `0` is a linear head.
 *
 * @throws OptionsError when it is written otherwise
 */
export function parseHead(text: string): readonly number[] {
  if (text === '0') return [];
  const match = /^([1-9])x([1-9]\d{0,4})$/.exec(text);
  if (match === null) {
    throw new OptionsError(
      `head: must be <layers>x<units> with 1 to 9 layers, or 0 for a linear head, but got ${text}. Write for example 1x1024.`,
    );
  }
  return Array.from({ length: Number(match[1]) }, () => Number(match[2]));
}

/**
 * Returns a head: pooling, dense layers with ReLU and dropout, logits. The caller disposes it.
 *
 * Source: the course paper's heads (1x1024 to 3x1024 with dropout), logits instead of softmax.
 */
export function buildHead(options: BuildHeadOptions): tf.LayersModel {
  const { inputShape, classes, units, dropout, pooling, seed } = options;
  const input = tf.input({ shape: [...inputShape], name: 'head_input' });
  let x = poolFeatures(input, pooling);
  units.forEach((count, i) => {
    const name = `fc${i + 1}`;
    x = tf.layers
      .dense({
        name,
        units: count,
        activation: 'relu',
        kernelInitializer: tf.initializers.heNormal({ seed: hashOfText(`${seed}/${name}`) }),
      })
      .apply(x) as tf.SymbolicTensor;
    if (dropout > 0) {
      x = new SeededDropout({ name: `dropout${i + 1}`, rate: dropout }).apply(
        x,
      ) as tf.SymbolicTensor;
    }
  });
  const logits = tf.layers
    .dense({
      name: 'logits',
      units: classes,
      kernelInitializer: tf.initializers.glorotNormal({ seed: hashOfText(`${seed}/logits`) }),
    })
    .apply(x) as tf.SymbolicTensor;
  return tf.model({ inputs: input, outputs: logits, name: 'head' });
}

function poolFeatures(input: tf.SymbolicTensor, pooling: Pooling): tf.SymbolicTensor {
  const average = (): tf.SymbolicTensor =>
    tf.layers.globalAveragePooling2d({ name: 'average' }).apply(input) as tf.SymbolicTensor;
  const max = (): tf.SymbolicTensor =>
    tf.layers.globalMaxPooling2d({ name: 'max' }).apply(input) as tf.SymbolicTensor;
  switch (pooling) {
    case 'flatten':
      return tf.layers.flatten({ name: 'flatten' }).apply(input) as tf.SymbolicTensor;
    case 'average':
      return average();
    case 'max':
      return max();
    case 'average+max':
      return tf.layers
        .concatenate({ name: 'average_max' })
        .apply([average(), max()]) as tf.SymbolicTensor;
  }
}

/** Returns one flat model: the layers of `first`, then those of `second`, sharing their weights. */
export function joinModels(
  first: tf.LayersModel,
  second: tf.LayersModel,
  name: string,
): tf.LayersModel {
  const made = new Map<string, tf.SymbolicTensor>();
  const joint = first.outputs[0];
  const start = second.inputs[0];
  if (joint === undefined || start === undefined) throw new Error('joinModels: a model has no end');
  made.set(start.name, joint);
  let last = joint;
  for (const layer of second.layers) {
    if (layer.getClassName() === 'InputLayer') {
      made.set(layer.name, joint);
      continue;
    }
    const sources = layer.inboundNodes[0]?.inboundLayers ?? [];
    const inputs = sources.map((source) => made.get(source.name) ?? joint);
    last = layer.apply(inputs.length === 1 ? (inputs[0] ?? joint) : inputs) as tf.SymbolicTensor;
    made.set(layer.name, last);
  }
  return tf.model({ inputs: first.inputs, outputs: last, name });
}
