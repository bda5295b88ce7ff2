/** What CUT compares patches by: features of the generator's encoder, each through a small network of its own. */
import * as tf from '@tensorflow/tfjs';
import { hashOfText } from '@janus/core';
import { apply, checkWhole } from '../cyclegan/cyclegan-layers.js';

/** Options of {@link buildProjection}. */
export interface ProjectionOptions {
  /** Numbers of a place's features. */
  readonly channels: number;
  /** Numbers that come out, and between the two layers; the paper: 256. */
  readonly width: number;
  readonly seed: number;
  readonly name: string;
}

/** Gain of the initial weights in the authors' code (`init_gain`). */
const GAIN = 0.02;

/**
 * Builds the two dense layers, ReLU between them, that features of one layer go through before they are compared:
 * float32 [B, channels] -> float32 [B, width], not yet of length 1. The caller disposes the model.
 *
 * @throws OptionsError when `channels` or `width` is not a whole number from 1
 * Source: Park et al. 2020, arXiv 2007.15651, section 3; initial weights of Glorot and Bengio 2010 times 0.02, as the
 * authors' code has them.
 */
export function buildProjection({
  channels,
  width,
  seed,
  name,
}: ProjectionOptions): tf.LayersModel {
  checkWhole('buildProjection', 1, { channels, width });
  const dense = (part: string, inputs: number, relu: boolean): tf.layers.Layer =>
    tf.layers.dense({
      ...{ name: part, units: width, biasInitializer: 'zeros' },
      ...(relu ? { activation: 'relu' as const } : {}),
      kernelInitializer: tf.initializers.randomNormal({
        ...{ mean: 0, stddev: GAIN * Math.sqrt(2 / (inputs + width)) },
        seed: hashOfText(`${seed}/init/${name}/${part}`),
      }),
    });
  const input = tf.input({ shape: [channels], name: 'features' });
  const hidden = apply(dense('project1', channels, true), input);
  return tf.model({ inputs: input, outputs: apply(dense('project2', width, false), hidden), name });
}

/**
 * Returns the layers of a generator whose outputs are compared, beside the image itself: both convolutions that halve
 * the sides, and the first and the middle residual block (of nine: the fifth), the paper's choice.
 *
 * Source: Park et al. 2020, arXiv 2007.15651, appendix C.1.
 */
export function comparedLayers(blocks: number): readonly string[] {
  const middle = Math.ceil((blocks + 1) / 2);
  return ['down1', 'down2', ...(blocks > 0 ? ['block1_add'] : [])].concat(
    middle > 1 ? [`block${Math.min(middle, blocks)}_add`] : [],
  );
}

/**
 * Returns the part of a generator that makes the compared features: float32 [B, S, S, C] -> the outputs of
 * {@link comparedLayers}. It shares the generator's weights and is not to be disposed.
 */
export function encoderOf(generator: tf.LayersModel, blocks: number): tf.LayersModel {
  const outputs = comparedLayers(blocks).map(
    (name) => generator.getLayer(name).output as tf.SymbolicTensor,
  );
  return tf.model({ inputs: generator.inputs, outputs });
}
