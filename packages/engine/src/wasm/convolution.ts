import * as tf from '@tensorflow/tfjs';
import type { ConvolutionAttributes } from './geometry.js';
import { spread } from './input-gradient.js';
import { runPlain, tensorOf, type Kernel, type KernelCall } from './kernels.js';
import { LANES } from './loops.js';
import { backwards, frame } from './images.js';

/** Convolutions that XNNPACK computes wrong or slowly. */

interface ForwardAttributes extends ConvolutionAttributes {
  readonly dilations: number | [number, number];
  readonly activation?: string;
}

/**
 * Kernels `Conv2D` and `FusedConv2D`. XNNPACK computes eight output channels at once, so convolutions
 * to four or fewer are computed like a gradient. With padding and a kernel that is not square, tfjs's
 * own computes wrong pixels and writes past the end of its output: there the image is padded first.
 *
 * @param plain tfjs's own kernel
 */
export function convolution(plain: Kernel): Kernel {
  return (call) => {
    const filter = tensorOf<tf.Rank.R4>(call, 'filter');
    const attributes = call.attrs as ForwardAttributes;
    if (attributes.dataFormat === 'NCHW') return plain(call);
    const x = tensorOf<tf.Rank.R4>(call, 'x');
    const info = tf.backend_util.computeConv2DInfo(
      x.shape,
      filter.shape,
      attributes.strides,
      attributes.dilations,
      attributes.pad,
      attributes.dimRoundingMode,
    );
    if (hasFewOutputs(call, info)) return tf.tidy(() => convolutionToFew(call, info));
    if (filter.shape[0] === filter.shape[1] || attributes.pad === 'valid') return plain(call);
    return tf.tidy(() => {
      const framed = frame(x, {
        top: info.padInfo.top,
        left: info.padInfo.left,
        height: (info.outHeight - 1) * info.strideHeight + info.effectiveFilterHeight,
        width: (info.outWidth - 1) * info.strideWidth + info.effectiveFilterWidth,
      });
      return runPlain(plain, { ...call.inputs, x: framed }, { ...attributes, pad: 'valid' });
    });
  };
}

/** With fewer kernel weights per output channel the products are too short to be faster. */
const DEEP = 256;

function hasFewOutputs({ attrs }: KernelCall, info: tf.backend_util.Conv2DInfo): boolean {
  const { activation = 'linear' } = attrs as ForwardAttributes;
  const taps = info.filterHeight * info.filterWidth;
  return (
    activation === 'linear' &&
    info.outChannels <= LANES &&
    taps > 1 &&
    taps * info.inChannels >= DEEP &&
    info.strideHeight * info.strideWidth * info.dilationHeight * info.dilationWidth === 1 &&
    info.padInfo.top < info.filterHeight &&
    info.padInfo.left < info.filterWidth
  );
}

/** Spreads the image's pixels over the outputs, as a gradient is spread, with the kernel's taps in reverse. */
function convolutionToFew(call: KernelCall, info: tf.backend_util.Conv2DInfo): tf.Tensor {
  const { filterHeight, filterWidth, padInfo } = info;
  const filter = backwards(tensorOf<tf.Rank.R4>(call, 'filter'));
  const y = spread(tensorOf<tf.Rank.R4>(call, 'x'), filter, {
    kernel: [filterHeight, filterWidth],
    stride: [1, 1],
    pad: [filterHeight - 1 - padInfo.top, filterWidth - 1 - padInfo.left],
    inputShape: info.outShape,
  });
  return call.inputs['bias'] === undefined ? y : tf.add(y, tensorOf(call, 'bias'));
}
