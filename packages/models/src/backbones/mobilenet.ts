import * as tf from '@tensorflow/tfjs';
import { hashOfText } from '@janus/core';
import type { BuildBackboneOptions } from './build-options.js';

/**
 * The 13 blocks of MobileNet v1 at width 1: filters of the 1x1 convolution, and stride of the depthwise one.
 * Source: Howard et al. 2017, arXiv 1704.04861, table 1.
 */
export const MOBILENET_BLOCKS: readonly (readonly [filters: number, strides: number])[] = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [1024, 2],
  [1024, 1],
];

/** Filters of the first convolution. */
const STEM = 32;

/**
 * Builds the body of MobileNet v1. Layers are named by block: `block3_dw` is the depthwise convolution, `block3_pw`
 * the 1x1 one. Differs from the paper: there is no batch normalisation; the convolutions have biases, and pretrained
 * weights come with the normalisation's fixed statistics multiplied into them (`foldNormalisation`), so that nothing
 * moves these while a head trains, whatever is frozen.
 */
export function buildMobileNet(
  options: BuildBackboneOptions & { readonly name: string },
): tf.LayersModel {
  const { name, imageSize, imageWidth = imageSize, seed = 1 } = options;
  const input = tf.input({ shape: [imageSize, imageWidth, 3], name: `${name}_input` });
  const seeded = (layer: string): ReturnType<typeof tf.initializers.heNormal> =>
    tf.initializers.heNormal({ seed: hashOfText(`${seed}/${layer}`) });
  const convolution = (
    layer: string,
    x: tf.SymbolicTensor,
    form: { readonly filters: number; readonly kernelSize: number; readonly strides: number },
  ): tf.SymbolicTensor =>
    tf.layers
      .conv2d({
        ...{ name: layer, ...form, padding: 'same', activation: 'relu6' },
        kernelInitializer: seeded(layer),
      })
      .apply(x) as tf.SymbolicTensor;
  let x = convolution('conv1', input, { filters: STEM, kernelSize: 3, strides: 2 });
  MOBILENET_BLOCKS.forEach(([filters, strides], i) => {
    const layer = `block${i + 1}_dw`;
    x = tf.layers
      .depthwiseConv2d({
        ...{ name: layer, kernelSize: 3, strides, padding: 'same', activation: 'relu6' },
        depthwiseInitializer: seeded(layer),
      })
      .apply(x) as tf.SymbolicTensor;
    x = convolution(`block${i + 1}_pw`, x, { filters, kernelSize: 1, strides: 1 });
  });
  return tf.model({ inputs: input, outputs: x, name });
}
