import * as tf from '@tensorflow/tfjs';
import { hashOfText, OptionsError } from '@janus/core';
import { SeededDropout } from '../layers.js';
import { standardiseLayer } from '../standardise.js';
import { poolingLayers, type Normalisation, type Pooling } from './pooling.js';

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
  /** Default `none`. */
  readonly normalisation?: Normalisation;
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
 * Returns a head: pooling, normalisation, dense layers with ReLU and dropout, logits. The caller disposes
 * it.
 *
 * Source: the course paper's heads (1x1024 to 3x1024 with dropout), logits instead of softmax.
 */
export function buildHead(options: BuildHeadOptions): tf.LayersModel {
  const input = tf.input({ shape: [...options.inputShape], name: 'head_input' });
  const logits = denseLayers(poolingLayers(input, options), options);
  return tf.model({ inputs: input, outputs: logits, name: 'head' });
}

/**
 * Returns the part of a head above its pooling: dense layers with ReLU and dropout, logits. The caller
 * disposes it.
 *
 * @param options `inputShape` is [D]; of `normalisation` only `standard` has a layer here
 */
export function buildDense(options: Omit<BuildHeadOptions, 'pooling'>): tf.LayersModel {
  const input = tf.input({ shape: [...options.inputShape], name: 'dense_input' });
  return tf.model({ inputs: input, outputs: denseLayers(input, options), name: 'dense' });
}

function denseLayers(
  input: tf.SymbolicTensor,
  options: Omit<BuildHeadOptions, 'inputShape' | 'pooling'>,
): tf.SymbolicTensor {
  const { classes, seed } = options;
  return logitsLayer(hiddenLayers(input, options), { name: 'logits', classes, seed });
}

/**
 * Applies what stands below the last layers of heads: standardisation, where it is asked for, and hidden layers with
 * ReLU and dropout, named `fc1`, `dropout1` and so on.
 */
export function hiddenLayers(
  input: tf.SymbolicTensor,
  options: Pick<BuildHeadOptions, 'units' | 'dropout' | 'seed' | 'normalisation'>,
): tf.SymbolicTensor {
  const { units, dropout, seed, normalisation } = options;
  let x =
    normalisation === 'standard' ? (standardiseLayer().apply(input) as tf.SymbolicTensor) : input;
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
  return x;
}

/** Applies the last layer of a head: one output a class. */
export function logitsLayer(
  input: tf.SymbolicTensor,
  options: { readonly name: string; readonly classes: number; readonly seed: number },
): tf.SymbolicTensor {
  const { name, classes, seed } = options;
  return tf.layers
    .dense({
      name,
      units: classes,
      kernelInitializer: tf.initializers.glorotNormal({ seed: hashOfText(`${seed}/${name}`) }),
    })
    .apply(input) as tf.SymbolicTensor;
}

/**
 * Returns one flat model: the layers of `first`, then those of `second`, sharing their weights, with the outputs of
 * `second`. `first` may have been joined itself, `second` not.
 */
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
  for (const layer of second.layers) {
    if (layer.getClassName() === 'InputLayer') {
      made.set(layer.name, joint);
      continue;
    }
    const sources = layer.inboundNodes[0]?.inboundLayers ?? [];
    const inputs = sources.map((source) => {
      const input = made.get(source.name);
      if (input === undefined) throw new Error(`joinModels: ${second.name} was joined before`);
      return input;
    });
    made.set(
      layer.name,
      layer.apply(inputs.length === 1 ? (inputs[0] ?? joint) : inputs) as tf.SymbolicTensor,
    );
  }
  const outputs = second.outputs.flatMap(({ sourceLayer }) => made.get(sourceLayer.name) ?? []);
  return tf.model({ inputs: first.inputs, outputs, name });
}
