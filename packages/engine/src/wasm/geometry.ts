import * as tf from '@tensorflow/tfjs';

/** Positions of a convolution's kernel on its input. */

/** [B, H, W, C], or [kh, kw, Ci, Co] of a kernel. */
export type Shape4D = [number, number, number, number];

/** A convolution's attributes, by tfjs's names. */
export interface ConvolutionAttributes {
  readonly strides: number | [number, number];
  readonly pad: 'same' | 'valid' | number | tf.backend_util.ExplicitPadding;
  readonly dataFormat?: 'NHWC' | 'NCHW';
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/** Pairs are (rows, columns): output `o` and `tap` see pixel `o * stride - pad + tap` of the input. */
export interface Geometry {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly pad: readonly [number, number];
}

/**
 * Returns the geometry of a convolution of [B, H, W, Ci] by [kh, kw, Ci, Co].
 *
 * @throws Error for channels-first images (NCHW)
 */
export function geometryOf(
  inputShape: Shape4D,
  filterShape: Shape4D,
  attributes: ConvolutionAttributes,
): Geometry {
  if (attributes.dataFormat === 'NCHW') {
    throw new Error('the wasm engine trains convolutions in NHWC only');
  }
  const { padInfo, strideHeight, strideWidth } = tf.backend_util.computeConv2DInfo(
    inputShape,
    filterShape,
    attributes.strides,
    1,
    attributes.pad,
    attributes.dimRoundingMode,
  );
  return {
    kernel: [filterShape[0], filterShape[1]],
    stride: [strideHeight, strideWidth],
    pad: [padInfo.top, padInfo.left],
  };
}
