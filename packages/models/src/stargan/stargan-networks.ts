/** The networks of StarGAN: Choi et al. 2018, arXiv 1711.09020, tables 4 and 5. */
import * as tf from '@tensorflow/tfjs';
import { hashOfText, ShapeError } from '@janus/core';
import { ChannelScale, LabelMaps, LabelScale } from '../label-layers.js';
import { checkGeneratorSize } from '../cyclegan/cyclegan-generator.js';
import {
  apply,
  checkWhole,
  convolutionLayer,
  transposedConvolutionLayer,
} from '../cyclegan/cyclegan-layers.js';
import { INITIAL_DEVIATION } from '../cyclegan/initial-weights.js';
import { ClippedSum, InstanceNormalization } from '../layers.js';

/**
 * Where labels enter a generator. `input`: as channels of the image, the paper's; the first normalisation takes them away
 * again but at the borders, so that much training is needed. `norms`: each normalisation's scale and offset depend on
 * them as well.
 */
export type LabelEntry = 'input' | 'norms';

/** Options of {@link buildStarGenerator}. */
export interface StarGeneratorOptions {
  /** Side of the images in pixels, a multiple of 4 and at least 8. */
  readonly imageSize: number;
  /** Numbers that say what an image is to have. */
  readonly labels: number;
  /** Filters of the first convolution; the paper: 64. */
  readonly filters: number;
  /** Residual blocks; the paper: 6. */
  readonly blocks: number;
  /**
   * Adds twice the tanh to the input, so that an untrained generator returns its input, exactly; the paper has no such
   * path: false.
   */
  readonly residual: boolean;
  /** Where labels enter; see {@link LabelEntry}. */
  readonly entry: LabelEntry;
  readonly seed: number;
  readonly name: string;
}

/**
 * Builds StarGAN's generator: [image float32 [B, H, W, 3], signed, labels float32 [B, labels]] -> float32 [B, H, W, 3],
 * signed. The caller disposes it.
 *
 * @throws ShapeError when `imageSize` is not a multiple of 4, or below 8
 * @throws OptionsError when another option is not a whole number in range
 * Source: Choi et al. 2018, arXiv 1711.09020, table 4; initial weights N(0, 0.02).
 *
 * Differs from the authors' code: its initial weights are PyTorch's defaults.
 */
export function buildStarGenerator(options: StarGeneratorOptions): tf.LayersModel {
  const { imageSize, labels, filters, blocks, residual, entry, seed, name } = options;
  checkGeneratorSize('buildStarGenerator', [imageSize]);
  checkWhole('buildStarGenerator', 1, { labels, filters });
  checkWhole('buildStarGenerator', 0, { blocks });
  const image = tf.input({ shape: [imageSize, imageSize, 3], name: 'image' });
  const wanted = tf.input({ shape: [labels], name: 'labels' });
  const convolution = { seed, bias: 'none', padding: 'same' } as const;
  const normalised = normalisation({ labels: entry === 'norms' ? wanted : undefined, seed });
  let x = apply(new LabelMaps({ name: 'label_maps' }), [image, wanted]);
  x = apply(convolutionLayer({ ...convolution, name: 'enter', filters, kernelSize: 7 }), x);
  x = normalised(x, 'enter', true); // [B, H, W, filters]
  for (const [part, width] of [
    ['down1', 2 * filters],
    ['down2', 4 * filters],
  ] as const) {
    const spec = { ...convolution, name: part, filters: width, kernelSize: 4, stride: 2 };
    x = normalised(apply(convolutionLayer(spec), x), part, true);
  } // [B, H/4, W/4, 4 filters]
  for (let i = 1; i <= blocks; i++) {
    const spec = { ...convolution, filters: 4 * filters, kernelSize: 3 };
    const [first, second] = [`block${i}_conv1`, `block${i}_conv2`];
    let y = normalised(apply(convolutionLayer({ ...spec, name: first }), x), first, true);
    y = normalised(apply(convolutionLayer({ ...spec, name: second }), y), second, false);
    x = apply(tf.layers.add({ name: `block${i}_add` }), [x, y]);
  }
  for (const [part, width] of [
    ['up1', 2 * filters],
    ['up2', filters],
  ] as const) {
    const spec = { name: part, filters: width, kernelSize: 4, seed, bias: 'none' } as const;
    const cropping: [[number, number], [number, number]] = [
      [1, 1],
      [1, 1],
    ];
    const doubled = apply(transposedConvolutionLayer(spec), x);
    x = apply(tf.layers.cropping2D({ name: `${part}_crop`, cropping }), doubled);
    x = normalised(x, part, true);
  } // [B, H, W, filters]
  const deviation = residual ? 0 : INITIAL_DEVIATION;
  const exit = { ...convolution, name: 'exit', filters: 3, kernelSize: 7, deviation };
  x = apply(convolutionLayer(exit), x);
  x = apply(tf.layers.activation({ name: 'tanh', activation: 'tanh' }), x);
  if (residual) x = apply(new ClippedSum({ name: 'skip' }), [image, x]);
  return tf.model({ inputs: [image, wanted], outputs: x, name });
}

/** Returns what normalises the channels of each image, scales and shifts them, and cuts off what is below 0 where asked. */
function normalisation({
  labels,
  seed,
}: {
  readonly labels: tf.SymbolicTensor | undefined;
  readonly seed: number;
}): (x: tf.SymbolicTensor, name: string, relu: boolean) => tf.SymbolicTensor {
  return (x, name, relu) => {
    const even = apply(new InstanceNormalization({ name: `${name}_norm` }), x);
    const layer = `${name}_scale`;
    const scaled =
      labels === undefined
        ? apply(new ChannelScale({ name: layer }), even)
        : apply(new LabelScale({ name: layer, seed: hashOfText(`${seed}/init/${layer}`) }), [
            even,
            labels,
          ]);
    return relu ? apply(tf.layers.reLU({ name: `${name}_relu` }), scaled) : scaled;
  };
}

/** Options of {@link buildStarDiscriminator}. */
export interface StarDiscriminatorOptions {
  /** Side of the images in pixels, a multiple of 2^layers. */
  readonly imageSize: number;
  /** Numbers that say what an image has. */
  readonly labels: number;
  /** Filters of the first convolution, which double with each; the paper: 64. */
  readonly filters: number;
  /** Convolutions that halve the sides; the paper, at 128 px: 6. */
  readonly layers: number;
  readonly seed: number;
  readonly name: string;
}

/** Slope below 0 (the paper, table 5). */
const LEAK = 0.01;

/**
 * Builds StarGAN's discriminator: float32 [B, S, S, 3], signed -> [what says real, float32 [B, s, s, 1], and the logits of
 * the labels, float32 [B, labels]], s = S / 2^layers. The caller disposes it.
 *
 * @throws ShapeError when `imageSize` does not halve evenly
 * @throws OptionsError when another option is not a whole number in range
 * Source: Choi et al. 2018, arXiv 1711.09020, table 5.
 */
export function buildStarDiscriminator(options: StarDiscriminatorOptions): tf.LayersModel {
  const { imageSize, labels, filters, layers, seed, name } = options;
  checkWhole('buildStarDiscriminator', 1, { labels, filters, layers });
  const side = imageSize / 2 ** layers;
  if (!Number.isInteger(side)) {
    throw new ShapeError(
      `buildStarDiscriminator: imageSize must be a multiple of ${2 ** layers}, but got ${imageSize}. Resize the images, or use fewer layers.`,
    );
  }
  const input = tf.input({ shape: [imageSize, imageSize, 3], name: 'image' });
  let x = input;
  for (let i = 1; i <= layers; i++) {
    const part = `conv${i}`;
    const spec = { name: part, filters: filters * 2 ** (i - 1), kernelSize: 4, stride: 2, seed };
    x = apply(convolutionLayer({ ...spec, padding: 'same', deviation: scaleOf(x, 4) }), x);
    x = apply(leakyLayer(`${part}_relu`), x);
  } // [B, s, s, filters 2^(layers - 1)]
  const real = { name: 'real', filters: 1, kernelSize: 3, padding: 'same', seed } as const;
  const told = { name: 'told', filters: labels, kernelSize: side, seed };
  const logits = apply(convolutionLayer({ ...real, bias: 'none', deviation: scaleOf(x, 3) }), x);
  const classes = apply(
    convolutionLayer({ ...told, bias: 'none', deviation: scaleOf(x, side) }),
    x,
  );
  const flat = apply(tf.layers.reshape({ name: 'labels', targetShape: [labels] }), classes);
  return tf.model({ inputs: input, outputs: [logits, flat], name });
}

/** Returns the deviation that keeps the scale of features where nothing normalises them: He et al. 2015, arXiv 1502.01852. */
const scaleOf = (x: tf.SymbolicTensor, kernel: number): number =>
  Math.sqrt(2 / (kernel * kernel * (x.shape[3] ?? 1)));

/** A leaky ReLU, saved as tfjs's, made of two plain ones: those have second derivatives, which a gradient penalty needs. */
function leakyLayer(name: string): tf.layers.Layer {
  const layer = tf.layers.leakyReLU({ name, alpha: LEAK });
  layer.call = (inputs) =>
    tf.tidy(() => {
      const [x] = [inputs].flat() as [tf.Tensor];
      return tf.sub(tf.relu(x), tf.mul(tf.relu(tf.neg(x)), LEAK));
    });
  return layer;
}
