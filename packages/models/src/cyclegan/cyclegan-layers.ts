import * as tf from '@tensorflow/tfjs';
import { hashOfText, OptionsError } from '@janus/core';

/** Standard deviation of the initial kernels (CycleGAN reference, `init_gain`). */
export const INITIAL_DEVIATION = 0.02;

/** Options of {@link convolutionLayer} and {@link transposedConvolutionLayer}. */
export interface ConvolutionSpec {
  /** Name of the layer; must stay the same, since weights are saved under it. */
  readonly name: string;
  /** Output channels. */
  readonly filters: number;
  /** Side of the square kernel. */
  readonly kernelSize: number;
  /** Step in pixels; default 1. A transposed convolution always has 2. */
  readonly stride?: number;
  /** Default `valid`. A transposed convolution always has `valid`. */
  readonly padding?: 'valid' | 'same';
  /** Seed of the network; each layer draws its initial kernel from a stream of its own. */
  readonly seed: number;
  /** Whether instance normalisation follows, which cancels any bias; default false. */
  readonly normalised?: boolean;
  /** Standard deviation of the initial kernel, 0 or more; default {@link INITIAL_DEVIATION}. */
  readonly deviation?: number;
}

function argumentsOf(spec: ConvolutionSpec): {
  name: string;
  filters: number;
  kernelSize: number;
  strides: number;
  padding: 'valid' | 'same';
  kernelInitializer: tf.serialization.Serializable;
  biasInitializer: 'zeros';
} {
  const { name, filters, kernelSize, stride = 1, padding = 'valid', seed } = spec;
  const { deviation = INITIAL_DEVIATION } = spec;
  return {
    name,
    filters,
    kernelSize,
    strides: stride,
    padding,
    // tfjs takes a deviation of 0 for none given.
    kernelInitializer:
      deviation === 0
        ? tf.initializers.zeros()
        : tf.initializers.randomNormal({
            mean: 0,
            stddev: deviation,
            seed: hashOfText(`${seed}/init/${name}`),
          }),
    biasInitializer: 'zeros',
  };
}

/** Returns the two variables of a convolution, which tfjs keeps in this order. */
function kernelAndBias(layer: tf.layers.Layer): [tf.Tensor4D, tf.Tensor1D] {
  const [kernel, bias] = layer.weights;
  if (kernel === undefined || bias === undefined) throw new Error(`${layer.name} is not built`);
  return [kernel.read() as tf.Tensor4D, bias.read() as tf.Tensor1D];
}

const imageOf = (inputs: tf.Tensor | tf.Tensor[]): tf.Tensor4D =>
  (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor4D;

/**
 * Returns a convolution layer, saved and loaded as tfjs's `Conv2D`, that trains faster: tfjs's own
 * always computes the gradients of both kernel and input, although those of images and of the frozen
 * networks' kernels are never used. A bias in front of instance normalisation is not added, since the
 * normalisation would subtract it again; it stays 0.
 *
 * @returns a layer float32 [B, H, W, C] -> float32 [B, h, w, filters]
 */
export function convolutionLayer(spec: ConvolutionSpec): tf.layers.Layer {
  const layer = tf.layers.conv2d(argumentsOf(spec) as Parameters<typeof tf.layers.conv2d>[0]);
  const { stride = 1, padding = 'valid', normalised = false } = spec;
  layer.call = (inputs) =>
    tf.tidy(() => {
      const [kernel, bias] = kernelAndBias(layer);
      const convolved = tf.conv2d(imageOf(inputs), kernel, stride, padding);
      return normalised ? convolved : tf.add(convolved, bias);
    });
  return layer;
}

/**
 * Returns a transposed convolution layer of stride 2 and padding `valid`, saved and loaded as tfjs's
 * `Conv2DTranspose`. For the bias see {@link convolutionLayer}.
 *
 * @returns a layer float32 [B, H, W, C] -> float32 [B, 2H + 1, 2W + 1, filters] for a kernel of 3
 */
export function transposedConvolutionLayer(spec: ConvolutionSpec): tf.layers.Layer {
  const layer = tf.layers.conv2dTranspose(
    argumentsOf({ ...spec, stride: 2 }) as Parameters<typeof tf.layers.conv2dTranspose>[0],
  );
  const { filters, kernelSize, normalised = false } = spec;
  layer.call = (inputs) =>
    tf.tidy(() => {
      const x = imageOf(inputs);
      const [kernel, bias] = kernelAndBias(layer);
      const [batch, height, width] = x.shape;
      const up = (size: number): number => 2 * size + Math.max(kernelSize - 2, 0);
      const shape: [number, number, number, number] = [batch, up(height), up(width), filters];
      const convolved = tf.conv2dTranspose(x, kernel, shape, 2, 'valid');
      return normalised ? convolved : tf.add(convolved, bias);
    });
  return layer;
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
