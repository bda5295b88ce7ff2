import * as tf from '@tensorflow/tfjs';
import { hashOfText, OptionsError } from '@janus/core';
import type { BuildBackboneOptions } from './build-options.js';
import { buildMobileNet } from './mobilenet.js';

/**
 * The convolutional networks that a classifier's head can be put on. `small-vgg` begins with random values,
 * `small-vgg-faces` is the same network after a training on generated faces; `faceres` is a MobileNet v1 that was
 * trained to tell people apart.
 */
export type BackboneName =
  'vgg16' | 'vgg19' | 'squeezenet' | 'mobilenet' | 'faceres' | 'small-vgg' | 'small-vgg-faces';

/**
 * VGG-16's blocks: filters, and number of convolutions. Source: Simonyan and Zisserman 2014, arXiv
 * 1409.1556, table 1, column D.
 */
const VGG16_BLOCKS = [
  [64, 2],
  [128, 2],
  [256, 3],
  [512, 3],
  [512, 3],
] as const;

/** VGG-19's blocks: column E of the same table. */
const VGG19_BLOCKS = [
  [64, 2],
  [128, 2],
  [256, 4],
  [512, 4],
  [512, 4],
] as const;

/**
 * A small VGG for generated data, trained from scratch: 97,440 parameters. Differs from the paper:
 * four blocks of one convolution, with a quarter of the filters.
 */
const SMALL_VGG_BLOCKS = [
  [16, 1],
  [32, 1],
  [64, 1],
  [128, 1],
] as const;

interface VggOptions extends BuildBackboneOptions {
  readonly name: string;
  readonly blocks: readonly (readonly [number, number])[];
}

/** Builds VGG's body under Keras' layer names: 3x3 convolutions with ReLU, 2x2 max pooling after each block. */
function buildVgg(options: VggOptions): tf.LayersModel {
  const { name, blocks, imageSize, imageWidth = imageSize, seed = 1 } = options;
  const input = tf.input({ shape: [imageSize, imageWidth, 3], name: `${name}_input` });
  let x: tf.SymbolicTensor = input;
  blocks.forEach(([filters, convolutions], i) => {
    for (let j = 1; j <= convolutions; j++) {
      const layer = `block${i + 1}_conv${j}`;
      x = tf.layers
        .conv2d({
          name: layer,
          filters,
          kernelSize: 3,
          padding: 'same',
          activation: 'relu',
          kernelInitializer: tf.initializers.heNormal({ seed: hashOfText(`${seed}/${layer}`) }),
        })
        .apply(x) as tf.SymbolicTensor;
    }
    x = tf.layers
      .maxPooling2d({ name: `block${i + 1}_pool`, poolSize: 2, strides: 2 })
      .apply(x) as tf.SymbolicTensor;
  });
  return tf.model({ inputs: input, outputs: x, name });
}

/**
 * SqueezeNet 1.1's fire modules: number, squeeze filters, expand filters. Source: Iandola et al. 2016,
 * arXiv 1602.07360; version 1.1 as in its repository.
 */
const FIRES = [
  [2, 16, 64],
  [3, 16, 64],
  [4, 32, 128],
  [5, 32, 128],
  [6, 48, 192],
  [7, 48, 192],
  [8, 64, 256],
  [9, 64, 256],
] as const;

/** Fire modules that max pooling follows in version 1.1. */
const POOLED_AFTER: readonly number[] = [3, 5];

function buildSqueezeNet(options: BuildBackboneOptions): tf.LayersModel {
  const { imageSize, imageWidth = imageSize, seed = 1 } = options;
  const convolution = (
    name: string,
    x: tf.SymbolicTensor,
    [filters, kernelSize, strides]: readonly [number, number, number],
  ): tf.SymbolicTensor =>
    tf.layers
      .conv2d({
        name: name.replaceAll('/', '_'),
        filters,
        kernelSize,
        strides,
        padding: strides === 1 ? 'same' : 'valid',
        activation: 'relu',
        kernelInitializer: tf.initializers.heNormal({ seed: hashOfText(`${seed}/${name}`) }),
      })
      .apply(x) as tf.SymbolicTensor;
  const pool = (name: string, x: tf.SymbolicTensor): tf.SymbolicTensor =>
    tf.layers.maxPooling2d({ name, poolSize: 3, strides: 2 }).apply(x) as tf.SymbolicTensor;

  const input = tf.input({ shape: [imageSize, imageWidth, 3], name: 'squeezenet_input' });
  let x = pool('pool1', convolution('conv1', input, [64, 3, 2]));
  for (const [number, squeeze, expand] of FIRES) {
    const fire = `fire${number}`;
    const squeezed = convolution(`${fire}/squeeze1x1`, x, [squeeze, 1, 1]);
    x = tf.layers
      .concatenate({ name: `${fire}_concat` })
      .apply([
        convolution(`${fire}/expand1x1`, squeezed, [expand, 1, 1]),
        convolution(`${fire}/expand3x3`, squeezed, [expand, 3, 1]),
      ]) as tf.SymbolicTensor;
    if (POOLED_AFTER.includes(number)) x = pool(`pool${number}`, x);
  }
  return tf.model({ inputs: input, outputs: x, name: 'squeezenet' });
}

const BUILDERS: Record<BackboneName, (options: BuildBackboneOptions) => tf.LayersModel> = {
  vgg16: (options) => buildVgg({ ...options, name: 'vgg16', blocks: VGG16_BLOCKS }),
  vgg19: (options) => buildVgg({ ...options, name: 'vgg19', blocks: VGG19_BLOCKS }),
  squeezenet: buildSqueezeNet,
  mobilenet: (options) => buildMobileNet({ ...options, name: 'mobilenet' }),
  faceres: (options) => buildMobileNet({ ...options, name: 'faceres' }),
  'small-vgg': (options) => buildVgg({ ...options, name: 'small-vgg', blocks: SMALL_VGG_BLOCKS }),
  'small-vgg-faces': (options) =>
    buildVgg({ ...options, name: 'small-vgg-faces', blocks: SMALL_VGG_BLOCKS }),
};

/** The names of all backbones. */
export const BACKBONES: readonly BackboneName[] = Object.keys(BUILDERS) as BackboneName[];

/**
 * Builds a backbone with seeded initial weights; {@link setWeights} sets pretrained ones.
 *
 * @returns a model float32 [B, imageSize, imageWidth, 3], in the range of its {@link Preprocessing}, ->
 * feature maps float32 [B, h, w, C]; the caller disposes it
 * @throws OptionsError when a side is not a whole number of at least 32
 */
export function buildBackbone(name: BackboneName, options: BuildBackboneOptions): tf.LayersModel {
  const { imageSize, imageWidth = imageSize } = options;
  for (const [side, value] of Object.entries({ imageSize, imageWidth })) {
    if (Number.isInteger(value) && value >= 32) continue;
    throw new OptionsError(
      `buildBackbone: ${side} must be a whole number of at least 32, but got ${value}. The pretrained weights were trained at 224.`,
    );
  }
  return BUILDERS[name](options);
}

/** Returns the names of a backbone's blocks, in order; freezing takes one of these names. */
export function blocksOf(backbone: tf.LayersModel): readonly string[] {
  const blocks = backbone.layers.flatMap((layer) => {
    const match = /^(block\d+|fire\d+|conv1)(?:_|$)/.exec(layer.name);
    return match === null ? [] : [match[1] ?? ''];
  });
  return [...new Set(blocks)];
}

/**
 * Returns the names of the blocks that are trained: `unfreeze` and all blocks after it.
 *
 * @param unfreeze `none`, `all`, or the name of a block
 * @throws OptionsError when the backbone has no such block
 */
export function unfrozenBlocks(backbone: tf.LayersModel, unfreeze: string): readonly string[] {
  const blocks = blocksOf(backbone);
  if (unfreeze === 'none') return [];
  if (unfreeze === 'all') return blocks;
  const first = blocks.indexOf(unfreeze);
  if (first < 0) {
    throw new OptionsError(
      `unfreeze: must be none, all or one of ${blocks.join(', ')}, but got ${unfreeze}. Name one of these.`,
    );
  }
  return blocks.slice(first);
}

/** Returns what a block hands on: its last layer's output, that of its pooling where it has one. */
export function outputOfBlock(backbone: tf.LayersModel, block: string): tf.SymbolicTensor {
  const last = backbone.layers.filter((layer) => layer.name.split('_')[0] === block).at(-1);
  if (last === undefined) {
    throw new OptionsError(
      `cut: must be one of ${blocksOf(backbone).join(', ')}, but got ${block}. Name one of these, or last.`,
    );
  }
  // The first use of the layer: others are those of models that share it.
  return last.getOutputAt(0) as tf.SymbolicTensor;
}

/**
 * Returns a backbone without the layers after a block. It shares the backbone's weights: dispose one of
 * them only.
 *
 * @throws OptionsError when the backbone has no such block
 */
export function cutAfter(backbone: tf.LayersModel, block: string): tf.LayersModel {
  const outputs = outputOfBlock(backbone, block);
  return tf.model({ inputs: backbone.inputs, outputs, name: backbone.name });
}

/**
 * Cuts a backbone before its first unfrozen block into the part whose features are computed once and
 * the part that trains on them.
 *
 * @param unfrozen what {@link unfrozenBlocks} returned
 * @returns `frozen` is undefined when all layers train, `tail` when none does. Both share the
 * backbone's weights: dispose the backbone only.
 */
export function cutBackbone(
  backbone: tf.LayersModel,
  unfrozen: readonly string[],
): { readonly frozen?: tf.LayersModel; readonly tail?: tf.LayersModel } {
  const first = unfrozen[0];
  if (first === undefined) return { frozen: backbone };
  const start = backbone.layers.findIndex((layer) => layer.name.split('_')[0] === first);
  if (start <= 1) return { tail: backbone };
  const before = backbone.layers[start - 1];
  const inputs = before?.output as tf.SymbolicTensor;
  const frozen = tf.model({
    inputs: backbone.inputs,
    outputs: inputs,
    name: `${backbone.name}_frozen`,
  });
  const input = tf.input({ shape: inputs.shape.slice(1), name: `${backbone.name}_tail_input` });
  return { frozen, tail: rebuildFrom(backbone, start, input) };
}

/** Applies the layers from `start` on to a new input: of backbones, which are chains and fire modules, and of heads on them. */
export function rebuildFrom(
  backbone: tf.LayersModel,
  start: number,
  input: tf.SymbolicTensor,
): tf.LayersModel {
  const made = new Map<string, tf.SymbolicTensor>();
  const cut = backbone.layers[start - 1]?.name ?? '';
  made.set(cut, input);
  let last = input;
  for (const layer of backbone.layers.slice(start)) {
    const sources = layer.inboundNodes[0]?.inboundLayers ?? [];
    const inputs = sources.map((source) => made.get(source.name) ?? input);
    last = layer.apply(inputs.length === 1 ? (inputs[0] ?? input) : inputs) as tf.SymbolicTensor;
    made.set(layer.name, last);
  }
  return tf.model({ inputs: input, outputs: last, name: `${backbone.name}_tail` });
}
