import * as tf from '@tensorflow/tfjs';
import { hashOfText, OptionsError } from '@janus/core';

/** The convolutional bases that a classifier can stand on. */
export type BackboneName = 'vgg16' | 'squeezenet' | 'small-vgg';

/** Options of {@link buildBackbone}. */
export interface BuildBackboneOptions {
  /** Side of the square images in pixels, at least 32. */
  readonly imageSize: number;
  /** Of the initial weights, where no pretrained ones follow; default 1. */
  readonly seed?: number;
}

/** VGG-16's convolutions: channels and how many, block by block. Simonyan and Zisserman 2014, table 1, D. */
const VGG16_BLOCKS = [
  [64, 2],
  [128, 2],
  [256, 3],
  [512, 3],
  [512, 3],
] as const;

/** The same idea for generated data and no pretrained weights: 94,304 parameters, trained from nothing. */
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

/** VGG's body under Keras' layer names: 3x3 convolutions with ReLU, halved after each block. */
function buildVgg({ name, blocks, imageSize, seed = 1 }: VggOptions): tf.LayersModel {
  const input = tf.input({ shape: [imageSize, imageSize, 3], name: `${name}_input` });
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

/** SqueezeNet 1.1's fire modules: squeeze and expand channels. Iandola et al. 2016, arXiv 1602.07360. */
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

/** Fire modules after which version 1.1 pools. */
const POOLED_AFTER: readonly number[] = [3, 5];

function buildSqueezeNet({ imageSize, seed = 1 }: BuildBackboneOptions): tf.LayersModel {
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

  const input = tf.input({ shape: [imageSize, imageSize, 3], name: 'squeezenet_input' });
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
  squeezenet: buildSqueezeNet,
  'small-vgg': (options) => buildVgg({ ...options, name: 'small-vgg', blocks: SMALL_VGG_BLOCKS }),
};

/** The names of all backbones. */
export const BACKBONES: readonly BackboneName[] = ['vgg16', 'squeezenet', 'small-vgg'];

/**
 * Returns a convolutional base: preprocessed images [B, size, size, 3] in, feature maps out. The
 * caller disposes it.
 *
 * @throws OptionsError when the images are too small for its poolings
 */
export function buildBackbone(name: BackboneName, options: BuildBackboneOptions): tf.LayersModel {
  if (!Number.isInteger(options.imageSize) || options.imageSize < 32) {
    throw new OptionsError(
      `buildBackbone: imageSize must be a whole number of at least 32, but got ${options.imageSize}. Use 224, the size of the pretraining.`,
    );
  }
  return BUILDERS[name](options);
}

/** The blocks of a backbone, in order: what can be frozen by name. */
export function blocksOf(backbone: tf.LayersModel): readonly string[] {
  const blocks = backbone.layers.flatMap((layer) => {
    const match = /^(block\d+|fire\d+|conv1)(?:_|$)/.exec(layer.name);
    return match === null ? [] : [match[1] ?? ''];
  });
  return [...new Set(blocks)];
}

/**
 * Returns the names of the blocks that train when training begins at `unfreeze`: that block and all
 * after it.
 *
 * @param unfreeze `none`, `all`, or a block's name
 * @throws OptionsError when the backbone has no such block
 */
export function unfrozenBlocks(backbone: tf.LayersModel, unfreeze: string): readonly string[] {
  const blocks = blocksOf(backbone);
  if (unfreeze === 'none') return [];
  if (unfreeze === 'all') return blocks;
  const first = blocks.indexOf(unfreeze);
  if (first < 0) {
    throw new OptionsError(
      `unfreeze: must be none, all or one of ${blocks.join(', ')}, but got ${unfreeze}. Choose one of them.`,
    );
  }
  return blocks.slice(first);
}

/**
 * Cuts a backbone before its first unfrozen block: what runs once, and what trains.
 *
 * @returns `frozen` is undefined when everything trains, `tail` when nothing does; they share the
 * backbone's weights, so that disposing it is enough
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

/** Applies the layers from `start` on to a new input; only VGG-like chains and fire modules occur. */
function rebuildFrom(
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
