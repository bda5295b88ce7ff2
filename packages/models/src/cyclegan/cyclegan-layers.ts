import * as tf from '@tensorflow/tfjs';
import { hashOfText, OptionsError, streamOf } from '@janus/core';
import { INITIAL_DEVIATION, initialKernel, type Initialisation } from './initial-weights.js';

/**
 * What a convolution's bias is for: `used`, it is added; `cancelled`, what follows subtracts it again, so that it is kept but
 * not added, and stays 0; `none`, there is no bias.
 */
export type BiasUse = 'used' | 'cancelled' | 'none';

/** Options of {@link convolutionLayer} and {@link transposedConvolutionLayer}. */
export interface ConvolutionSpec {
  /** Name of the layer; must stay the same, since weights are saved under it. */
  readonly name: string;
  /** Output channels. */
  readonly filters: number;
  /** Side of the square kernel, or its height and width. */
  readonly kernelSize: number | readonly [height: number, width: number];
  /** Step in pixels; default 1. A transposed convolution always has 2. */
  readonly stride?: number;
  /** Default `valid`. */
  readonly padding?: 'valid' | 'same';
  /** Seed of the network; each layer draws its initial kernel from a stream of its own. */
  readonly seed: number;
  /** Default `used`. */
  readonly bias?: BiasUse;
  /** How the kernel begins; default `normal`. */
  readonly initialisation?: Initialisation;
  /** Standard deviation of the initial kernel, 0 or more, whatever `initialisation` says; default that of `normal`. */
  readonly deviation?: number;
}

/** Returns what tfjs receives of a layer. */
function argumentsOf(spec: ConvolutionSpec): {
  name: string;
  filters: number;
  kernelSize: number | [number, number];
  strides: number;
  padding: 'valid' | 'same';
  useBias: boolean;
  kernelInitializer: tf.serialization.Serializable;
  biasInitializer: 'zeros';
} {
  const { name, filters, kernelSize, stride = 1, padding = 'valid', bias = 'used' } = spec;
  return {
    ...{ name, filters, strides: stride, padding },
    kernelSize: typeof kernelSize === 'number' ? kernelSize : [...kernelSize],
    useBias: bias !== 'none',
    kernelInitializer: initializerOf(spec),
    biasInitializer: 'zeros',
  };
}

/** Whether a layer's kernel is drawn by us, once its shape is known. */
const isOwn = ({ initialisation = 'normal', deviation }: ConvolutionSpec): boolean =>
  initialisation !== 'normal' && deviation === undefined;

function initializerOf(spec: ConvolutionSpec): tf.serialization.Serializable {
  const { seed, name, deviation = INITIAL_DEVIATION } = spec;
  // tfjs takes a deviation of 0 for none given.
  if (isOwn(spec) || deviation === 0) return tf.initializers.zeros();
  return tf.initializers.randomNormal({
    mean: 0,
    stddev: deviation,
    seed: hashOfText(`${seed}/init/${name}`),
  });
}

/** Lets a layer whose kernel we draw begin with it when it is built. */
function withInitialKernel(layer: tf.layers.Layer, spec: ConvolutionSpec): tf.layers.Layer {
  if (!isOwn(spec)) return layer;
  const { initialisation = 'normal', seed, name } = spec;
  const build = layer.build.bind(layer);
  layer.build = (inputShape) => {
    build(inputShape);
    const [kernel] = layer.weights;
    if (kernel === undefined) throw new Error(`${name} has no kernel`);
    const shape = kernel.shape.map(Number);
    const data = initialKernel(shape, { initialisation, random: streamOf(seed, 'init', name) });
    tf.tidy(() => {
      kernel.write(tf.tensor(data, shape));
    });
  };
  return layer;
}

/** Returns the kernel of a convolution, and its bias where it is added. */
function kernelAndBias(
  layer: tf.layers.Layer,
  { bias: use = 'used' }: ConvolutionSpec,
): [tf.Tensor4D, tf.Tensor1D | undefined] {
  const [kernel, bias] = layer.weights;
  if (kernel === undefined) throw new Error(`${layer.name} is not built`);
  return [
    kernel.read() as tf.Tensor4D,
    use === 'used' ? (bias?.read() as tf.Tensor1D | undefined) : undefined,
  ];
}

const imageOf = (inputs: tf.Tensor | tf.Tensor[]): tf.Tensor4D =>
  (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor4D;

/**
 * Returns a convolution layer, saved and loaded as tfjs's `Conv2D`, that trains faster: tfjs's own
 * always computes the gradients of both kernel and input, although those of images and of the frozen
 * networks' kernels are never used. For its bias see {@link BiasUse}.
 *
 * @returns a layer float32 [B, H, W, C] -> float32 [B, h, w, filters]
 */
export function convolutionLayer(spec: ConvolutionSpec): tf.layers.Layer {
  const layer = tf.layers.conv2d(argumentsOf(spec) as Parameters<typeof tf.layers.conv2d>[0]);
  const { stride = 1, padding = 'valid' } = spec;
  layer.call = (inputs) =>
    tf.tidy(() => {
      const [kernel, bias] = kernelAndBias(layer, spec);
      const convolved = tf.conv2d(imageOf(inputs), kernel, stride, padding);
      return bias === undefined ? convolved : tf.add(convolved, bias);
    });
  return withInitialKernel(layer, spec);
}

/**
 * Returns a transposed convolution layer of stride 2, saved and loaded as tfjs's `Conv2DTranspose`.
 *
 * @returns a layer float32 [B, H, W, C] -> float32 [B, 2H, 2W, filters] for the padding `same`, and for `valid` with a
 * kernel of 3 float32 [B, 2H + 1, 2W + 1, filters]
 */
export function transposedConvolutionLayer(
  spec: ConvolutionSpec & { readonly kernelSize: number },
): tf.layers.Layer {
  const layer = tf.layers.conv2dTranspose(
    argumentsOf({ ...spec, stride: 2 }) as Parameters<typeof tf.layers.conv2dTranspose>[0],
  );
  const { filters, kernelSize, padding = 'valid' } = spec;
  layer.call = (inputs) =>
    tf.tidy(() => {
      const x = imageOf(inputs);
      const [kernel, bias] = kernelAndBias(layer, spec);
      const [batch, height, width] = x.shape;
      const more = padding === 'same' ? 0 : Math.max(kernelSize - 2, 0);
      const up = (size: number): number => 2 * size + more;
      const shape: [number, number, number, number] = [batch, up(height), up(width), filters];
      const convolved = tf.conv2dTranspose(x, kernel, shape, 2, padding);
      return bias === undefined ? convolved : tf.add(convolved, bias);
    });
  return withInitialKernel(layer, spec);
}

/**
 * Returns a layer that doubles the sides of its input by repeating each pixel, saved and loaded as tfjs's
 * `UpSampling2D`; made of concatenations, whose gradients every engine has.
 *
 * @returns a layer float32 [B, H, W, C] -> float32 [B, 2H, 2W, C]
 */
export function doublingLayer(name: string): tf.layers.Layer {
  const layer = tf.layers.upSampling2d({ name, size: [2, 2], interpolation: 'nearest' });
  layer.call = (inputs) =>
    tf.tidy(() => {
      const x = imageOf(inputs);
      const [batch, height, width, channels] = x.shape;
      const wide = tf.reshape(tf.concat([x, x], 3), [batch, height, 2 * width * channels]);
      return tf.reshape(tf.concat([wide, wide], 2), [batch, 2 * height, 2 * width, channels]);
    });
  return layer;
}

/** Puts a layer on what another returned. */
export const apply = (
  layer: tf.layers.Layer,
  x: tf.SymbolicTensor | tf.SymbolicTensor[],
): tf.SymbolicTensor => layer.apply(x) as tf.SymbolicTensor;

/** Throws an OptionsError when an option of a network is not a whole number of at least `min`. */
export function checkWhole(
  where: string,
  min: number,
  values: Readonly<Record<string, number>>,
): void {
  for (const [name, value] of Object.entries(values)) {
    if (!Number.isInteger(value) || value < min) {
      throw new OptionsError(
        `${where}: ${name} must be a whole number of at least ${min}, but got ${value}. The preset CYCLEGAN_ATTRIBUTE has small values.`,
      );
    }
  }
}
