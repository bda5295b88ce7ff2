/** What normalises the features of a CycleGAN's networks. */
import * as tf from '@tensorflow/tfjs';
import { hashOfText } from '@janus/core';
import { apply, type BiasUse } from './cyclegan-layers.js';
import { INITIAL_DEVIATION } from './initial-weights.js';
import { InstanceNormalization } from '../layers.js';

/**
 * What normalises: `instance`, each channel of each image, without scale and offset; `batch`, each channel of a batch, with
 * scale and offset, and by moving averages once trained; `none`.
 */
export type Norm = 'instance' | 'batch' | 'none';

/** All of them, the default first. */
export const NORMS: readonly Norm[] = ['instance', 'batch', 'none'];

/** PyTorch's momentum of 0.1 is what a new mean counts; this is what the old one does. */
const MOMENTUM = 0.9;
/** Added to the variance under the root; PyTorch's default. */
const EPSILON = 1e-5;

/**
 * Normalises what the convolution `name` returned, and applies a leaky ReLU.
 *
 * @param spec `slope`: factor of values below 0; 0 is a ReLU, 1 none
 */
export function normalised(
  x: tf.SymbolicTensor,
  spec: {
    readonly name: string;
    readonly norm: Norm;
    readonly slope: number;
    readonly seed: number;
  },
): tf.SymbolicTensor {
  const { name, norm, slope, seed } = spec;
  switch (norm) {
    case 'instance':
      return apply(new InstanceNormalization({ name: `${name}_norm`, slope }), x);
    case 'batch': {
      const layer = tf.layers.batchNormalization({
        name: `${name}_norm`,
        momentum: MOMENTUM,
        epsilon: EPSILON,
        gammaInitializer: tf.initializers.randomNormal({
          mean: 1,
          stddev: INITIAL_DEVIATION,
          seed: hashOfText(`${seed}/init/${name}_norm`),
        }),
      });
      return leaky(apply(layer, x), name, slope);
    }
    case 'none':
      return leaky(x, name, slope);
  }
}

/** Applies a leaky ReLU after the layer `name`; a slope of 0 is a ReLU, 1 nothing. */
export function leaky(x: tf.SymbolicTensor, name: string, slope: number): tf.SymbolicTensor {
  if (slope === 1) return x;
  const layer = `${name}_relu`;
  return apply(
    slope === 0
      ? tf.layers.reLU({ name: layer })
      : tf.layers.leakyReLU({ name: layer, alpha: slope }),
    x,
  );
}

/**
 * Returns what the bias of a convolution is for that the norm follows: instance normalisation subtracts it again, and batch
 * normalisation has an offset of its own.
 */
export function biasBefore(norm: Norm): BiasUse {
  const uses: Readonly<Record<Norm, BiasUse>> = {
    instance: 'cancelled',
    batch: 'none',
    none: 'used',
  };
  return uses[norm];
}

/** Returns what the bias of a convolution is for that no norm follows, in a network that has one elsewhere. */
export const biasWithout = (norm: Norm): BiasUse => (norm === 'batch' ? 'none' : 'used');
