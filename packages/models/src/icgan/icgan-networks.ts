/** The networks of IcGAN: Perarnau et al. 2016, arXiv 1611.06355, and the authors' code. */
import * as tf from '@tensorflow/tfjs';
import { ShapeError } from '@janus/core';
import {
  apply,
  checkWhole,
  convolutionLayer,
  transposedConvolutionLayer,
} from '../cyclegan/cyclegan-layers.js';
import { leaky, normalised } from '../cyclegan/cyclegan-norms.js';
import { LabelMaps } from '../label-layers.js';

/** What the networks of an IcGAN have in common. */
interface NetworkOptions {
  /** Side of the images in pixels: 8, 16, 32, 64 and so on. */
  readonly imageSize: number;
  readonly seed: number;
  readonly name: string;
}

/** Options of {@link buildIcGenerator}. */
export interface IcGeneratorOptions extends NetworkOptions {
  /** Numbers that say what an image has. */
  readonly labels: number;
  /** Numbers for all else; the paper: 100. */
  readonly latent: number;
  /** Filters before the last convolution, twice as many with each halving of the side; the paper: 64. */
  readonly filters: number;
}

/** Side of the smallest maps. */
const SMALLEST = 4;
/** Side of the kernels that halve and double, but for the encoders'. */
const KERNEL = 4;
/** Side of the encoders' kernels. */
const ENCODER_KERNEL = 5;
/** Slope below 0 in the discriminator. */
const LEAK = 0.2;

/** Returns how many times the side is halved. */
function halvingsOf(where: string, imageSize: number): number {
  const halvings = Math.log2(imageSize / SMALLEST);
  if (Number.isInteger(halvings) && halvings >= 1) return halvings;
  throw new ShapeError(
    `${where}: imageSize must be 8, 16, 32, 64 or another power of 2, but got ${imageSize}. Resize the images to 64.`,
  );
}

/**
 * Builds the generator: [latent float32 [B, latent], N(0, 1), labels float32 [B, labels], -1 or 1] -> float32 [B, S, S, 3],
 * signed. The caller disposes it.
 *
 * @throws ShapeError when `imageSize` is not a power of 2 from 8; OptionsError when another option is not a whole number
 * of at least 1
 * Source: the authors' `trainGAN.lua`, a DCGAN (Radford et al. 2016, arXiv 1511.06434).
 */
export function buildIcGenerator(options: IcGeneratorOptions): tf.LayersModel {
  const { imageSize, labels, latent, filters, seed, name } = options;
  const where = 'buildIcGenerator';
  const halvings = halvingsOf(where, imageSize);
  checkWhole(where, 1, { labels, latent, filters });
  const z = tf.input({ shape: [latent], name: 'latent' });
  const y = tf.input({ shape: [labels], name: 'labels' });
  const both = apply(tf.layers.concatenate({ name: 'both' }), [z, y]);
  let x = apply(tf.layers.reshape({ name: 'place', targetShape: [1, 1, latent + labels] }), both);
  const doubled = { kernelSize: KERNEL, seed, bias: 'cancelled' } as const;
  for (let level = halvings - 1; level >= 0; level--) {
    const isFirst = level === halvings - 1;
    const part = isFirst ? 'enter' : `up${halvings - 1 - level}`;
    // From one place, a kernel of 4 makes 4 x 4.
    const padding = isFirst ? 'valid' : 'same';
    const spec = { ...doubled, name: part, filters: filters * 2 ** level, padding } as const;
    x = apply(transposedConvolutionLayer(spec), x);
    x = normalised(x, { name: part, norm: 'batch', slope: 0, seed });
  } // [B, S/2, S/2, filters]
  const exit = { ...doubled, name: 'exit', filters: 3, padding: 'same', bias: 'used' } as const;
  x = apply(transposedConvolutionLayer(exit), x);
  x = apply(tf.layers.activation({ name: 'tanh', activation: 'tanh' }), x);
  return tf.model({ inputs: [z, y], outputs: x, name });
}

/** Options of {@link buildIcDiscriminator}. */
export interface IcDiscriminatorOptions extends NetworkOptions {
  /** Numbers that say what an image has. */
  readonly labels: number;
  /** Filters of the first convolution, which double with each; the paper: 64. */
  readonly filters: number;
}

/**
 * Builds the discriminator: [image float32 [B, S, S, 3], signed, labels float32 [B, labels], -1 or 1] -> the logit of being
 * a real image with these labels, float32 [B, 1]. Labels enter behind the first convolution, where the paper found them
 * to work best. The caller disposes it.
 *
 * @throws ShapeError and OptionsError as {@link buildIcGenerator} does
 * Source: the authors' `trainGAN.lua`; section 4.2 of the paper.
 */
export function buildIcDiscriminator(options: IcDiscriminatorOptions): tf.LayersModel {
  const { imageSize, labels, filters, seed, name } = options;
  const where = 'buildIcDiscriminator';
  const halvings = halvingsOf(where, imageSize);
  checkWhole(where, 1, { labels, filters });
  const image = tf.input({ shape: [imageSize, imageSize, 3], name: 'image' });
  const y = tf.input({ shape: [labels], name: 'labels' });
  const halved = { kernelSize: KERNEL, stride: 2, seed, padding: 'same' } as const;
  let x = apply(convolutionLayer({ ...halved, name: 'conv1', filters }), image);
  x = leaky(x, 'conv1', LEAK);
  x = apply(new LabelMaps({ name: 'label_maps' }), [x, y]); // [B, S/2, S/2, filters + labels]
  for (let i = 1; i < halvings; i++) {
    const part = `conv${i + 1}`;
    const spec = { ...halved, name: part, filters: filters * 2 ** i, bias: 'cancelled' } as const;
    x = normalised(apply(convolutionLayer(spec), x), {
      ...{ name: part, norm: 'batch', slope: LEAK, seed },
    });
  } // [B, 4, 4, filters 2^(halvings - 1)]
  const exit = { name: 'exit', filters: 1, kernelSize: SMALLEST, seed };
  const logit = apply(convolutionLayer(exit), x);
  const flat = apply(tf.layers.reshape({ name: 'logit', targetShape: [1] }), logit);
  return tf.model({ inputs: [image, y], outputs: flat, name });
}

/** Options of {@link buildIcEncoder}. */
export interface IcEncoderOptions extends NetworkOptions {
  /** Numbers that it returns. */
  readonly outputs: number;
  /** Filters of the first convolution, which double with each; the paper: 32. */
  readonly filters: number;
  /** Units of the hidden dense layer; the paper: 4,096 of the latent encoder, 512 of the labels'. */
  readonly units: number;
}

/**
 * Builds an encoder: float32 [B, S, S, 3], signed -> float32 [B, outputs]. The caller disposes it.
 *
 * @throws ShapeError and OptionsError as {@link buildIcGenerator} does
 * Source: the authors' `trainEncoder.lua`. Differs from it: a convolution sees one row of zeros before its maps and two
 * behind them, there two before and one behind.
 */
export function buildIcEncoder(options: IcEncoderOptions): tf.LayersModel {
  const { imageSize, outputs, filters, units, seed, name } = options;
  const where = 'buildIcEncoder';
  const halvings = halvingsOf(where, imageSize);
  checkWhole(where, 1, { outputs, filters, units });
  const image = tf.input({ shape: [imageSize, imageSize, 3], name: 'image' });
  const common = { seed, bias: 'cancelled' } as const;
  const halved = { ...common, kernelSize: ENCODER_KERNEL, stride: 2, padding: 'same' } as const;
  let x: tf.SymbolicTensor = image;
  for (let i = 0; i < halvings; i++) {
    const part = `conv${i + 1}`;
    const spec = { ...halved, name: part, filters: filters * 2 ** i };
    x = apply(convolutionLayer(spec), x);
    x = normalised(x, { name: part, norm: 'batch', slope: 0, seed });
  } // [B, 4, 4, filters 2^(halvings - 1)]
  const hidden = { ...common, name: 'dense', filters: units, kernelSize: SMALLEST };
  x = apply(convolutionLayer(hidden), x); // [B, 1, 1, units]
  x = normalised(x, { name: 'dense', norm: 'batch', slope: 0, seed });
  const exit = { name: 'exit', filters: outputs, kernelSize: 1, seed };
  const flat = { name: 'numbers', targetShape: [outputs] };
  x = apply(tf.layers.reshape(flat), apply(convolutionLayer(exit), x));
  return tf.model({ inputs: image, outputs: x, name });
}
