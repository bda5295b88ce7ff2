import * as tf from '@tensorflow/tfjs';
import { hashOfText } from '@janus/core';

/** The standard deviation of all initial kernels (CycleGAN reference, `init_gain`). */
export const INITIAL_DEVIATION = 0.02;

/** One convolution of a network: what differs between them. */
export interface ConvolutionSpec {
  /** Of the layer; stable, since weights are saved by it. */
  readonly name: string;
  readonly filters: number;
  readonly kernelSize: number;
  /** Default 1. */
  readonly stride?: number;
  /** Default `valid`. */
  readonly padding?: 'valid' | 'same';
  /** Each layer draws its kernel from its own stream of this seed. */
  readonly seed: number;
  /** Whether instance normalisation follows, which takes any bias out again; default false. */
  readonly normalised?: boolean;
  /** Standard deviation of the initial kernel; default {@link INITIAL_DEVIATION}. */
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
    kernelInitializer: tf.initializers.randomNormal({
      mean: 0,
      stddev: deviation,
      seed: hashOfText(`${seed}/init/${name}`),
    }),
    biasInitializer: 'zeros',
  };
}

/** The two variables of a convolution, in the order that tfjs keeps them. */
function kernelAndBias(layer: tf.layers.Layer): [tf.Tensor4D, tf.Tensor1D] {
  const [kernel, bias] = layer.weights;
  if (kernel === undefined || bias === undefined) throw new Error(`${layer.name} is not built`);
  return [kernel.read() as tf.Tensor4D, bias.read() as tf.Tensor1D];
}

const imageOf = (inputs: tf.Tensor | tf.Tensor[]): tf.Tensor4D =>
  (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor4D;

/**
 * Returns a standard convolution layer (saved and loaded as `Conv2D`) that trains at less cost:
 * tfjs's own computes the gradients of kernel and input together, also where nobody wants one of
 * them (images, the other side's frozen networks). A bias in front of instance normalisation is
 * not added, since the normalisation would subtract it again: it stays 0.
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
 * Returns a standard transposed convolution, stride 2 and `valid`: [B, H, W, C] becomes
 * [B, 2H + 1, 2W + 1, filters] for a kernel of 3. For the bias see {@link convolutionLayer}.
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
