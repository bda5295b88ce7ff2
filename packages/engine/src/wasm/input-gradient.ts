import * as tf from '@tensorflow/tfjs';
import { geometryOf, type ConvolutionAttributes, type Geometry, type Shape4D } from './geometry.js';
import { tensorOf, type KernelCall } from './kernels.js';
import { addressOf, addTaps, copyTaps, FLOAT, LANES, unwritten, zeroed } from './loops.js';
import { backwards, frame, turnMatrices } from './images.js';

/** The gradient of a convolution with respect to its image. */

/** Kernel `Conv2DBackpropInput`: from `dy` [B, h, w, Co] and `filter` [kh, kw, Ci, Co] to [B, H, W, Ci]. */
export function inputGradient(call: KernelCall): tf.Tensor {
  const dy = tensorOf<tf.Rank.R4>(call, 'dy');
  const filter = tensorOf<tf.Rank.R4>(call, 'filter');
  const { inputShape, ...attributes } = call.attrs as ConvolutionAttributes & {
    inputShape: Shape4D;
  };
  const where = { ...geometryOf(inputShape, filter.shape, attributes), inputShape };
  if (dy.size === 0 || filter.size === 0) return tf.zeros(inputShape);
  const [, , inChannels, outChannels] = filter.shape;
  const stepsByOne = where.stride[0] === 1 && where.stride[1] === 1;
  if (outChannels < FEW_CHANNELS && outChannels < inChannels && stepsByOne) {
    return gather(dy, filter, where);
  }
  const pixels = dy.size / outChannels;
  const wasted = (inputShape[0] * inputShape[1] * inputShape[2]) / pixels - 1;
  if (inChannels >= FEW_CHANNELS && stepsByOne && pixels >= MANY_PIXELS && wasted < MAX_WASTE) {
    return convolveBack(dy, filter, where);
  }
  return spread(dy, filter, where);
}

/** XNNPACK computes eight channels at once; products with fewer are too short to be faster. */
const FEW_CHANNELS = 8;

/** With this many pixels, packing the kernel is a small part of XNNPACK's convolution. */
const MANY_PIXELS = 1 << 12;

/** The largest share of a convolution that may be spent on the frame around `dy`. */
const MAX_WASTE = 0.04;

/** A convolution whose image's gradient is wanted. */
export interface Wanted extends Geometry {
  /** [B, H, W, Ci], the image's shape. */
  readonly inputShape: Shape4D;
}

/** One convolution of the framed `dy` with the kernel reversed: the fastest way on several threads. */
function convolveBack(dy: tf.Tensor4D, filter: tf.Tensor4D, where: Wanted): tf.Tensor {
  const { kernel, pad, inputShape } = where;
  const framed = frame(dy, {
    top: kernel[0] - 1 - pad[0],
    left: kernel[1] - 1 - pad[1],
    height: inputShape[1] + kernel[0] - 1,
    width: inputShape[2] + kernel[1] - 1,
  });
  return tf.conv2d(framed, backwards(filter), 1, 'valid');
}

/** Numbers that one product makes or takes: they fit in the L2 cache. */
const BAND_SIZE = 1 << 19;

/**
 * Multiplies every pixel of `dy` by the whole kernel, in matrix products over some rows of pixels at a
 * time, then adds each tap's share to the pixel that the tap saw. Unlike a convolution of a framed or
 * dilated `dy`, it multiplies nothing by zeros, and wastes none of XNNPACK's work with few channels.
 *
 * @param dy float32 [B, h, w, Co]
 * @param filter float32 [kh, kw, Ci, Co]
 * @returns float32 [B, H, W, Ci]; the caller disposes it
 */
export function spread(dy: tf.Tensor4D, filter: tf.Tensor4D, where: Wanted): tf.Tensor4D {
  const { kernel, stride, pad, inputShape } = where;
  const [batch, height, width, outChannels] = dy.shape;
  const [, rows, columns, channels] = inputShape;
  // Channels in fours, filled up with numbers from before a pixel's first one; their sums are cut off.
  const lanes = Math.ceil(channels / LANES) * LANES;
  const tallest = Math.max((height - 1) * stride[0] + kernel[0], pad[0] + rows);
  const widest = Math.max((width - 1) * stride[1] + kernel[1], pad[1] + columns);
  const sums = zeroed<tf.Rank.R4>([batch, tallest, widest, lanes]);
  const pixels = tf.reshape<tf.Rank.R3>(dy, [batch * height, width, outChannels]);
  const rowSize = (width * filter.size) / outChannels;
  const bands = bandsOf(batch * height, rowSize);
  const multiply = timesKernel(filter, dy.size / outChannels);
  for (const { first, count } of bands) {
    tf.tidy(() => {
      const band = bands.length === 1 ? pixels : tf.slice3d(pixels, [first, 0, 0], [count, -1, -1]);
      const products = multiply(tf.reshape(band, [count * width, outChannels]));
      for (let i = 0; i < count; i++) {
        const row = first + i;
        const top = Math.floor(row / height) * tallest + (row % height) * stride[0];
        addRow(
          addressOf(products) + i * rowSize * FLOAT,
          { at: addressOf(sums) + top * widest * lanes * FLOAT, rowStep: widest * lanes * FLOAT },
          { width, kernel, channels, stride: stride[1] },
        );
      }
    });
  }
  if (sums.shape.join() === inputShape.join()) return sums;
  return tf.slice4d(sums, [0, pad[0], pad[1], lanes - channels], inputShape);
}

interface Band {
  readonly first: number;
  readonly count: number;
}

/** Divides rows of `rowSize` numbers into equal bands of about {@link BAND_SIZE} numbers at most. */
function bandsOf(rows: number, rowSize: number): readonly Band[] {
  const bands = Math.min(rows, Math.ceil((rows * rowSize) / BAND_SIZE));
  const maxRows = Math.ceil(rows / bands);
  return Array.from({ length: Math.ceil(rows / maxRows) }, (_, i) => ({
    first: i * maxRows,
    count: Math.min(maxRows, rows - i * maxRows),
  }));
}

/** Returns a function from some of all pixels [P, Co] to their products with the kernel, [P, kh * kw * Ci]. */
function timesKernel(filter: tf.Tensor4D, allPixels: number): (x: tf.Tensor2D) => tf.Tensor {
  const outChannels = filter.shape[3];
  const numbers = filter.size / outChannels;
  const left = tf.reshape<tf.Rank.R2>(filter, [numbers, outChannels]);
  // XNNPACK packs the right factor number by number, so that one should be the smaller
  if (2 * allPixels < numbers) return (pixels) => turnMatrix(tf.matMul(left, turnMatrix(pixels)));
  const right = turnMatrix(left);
  return (pixels) => tf.matMul(pixels, right);
}

function turnMatrix(x: tf.Tensor2D): tf.Tensor2D {
  const [rows, columns] = x.shape;
  return tf.reshape(turnMatrices(tf.reshape(x, [1, rows, columns])), [columns, rows]);
}

interface RowOfProducts {
  readonly width: number;
  readonly kernel: readonly [number, number];
  readonly channels: number;
  readonly stride: number;
}

/** Adds the products of one row of pixels to the rows of sums that the kernel saw. */
function addRow(
  products: number,
  sums: { readonly at: number; readonly rowStep: number },
  { width, kernel, channels, stride }: RowOfProducts,
): void {
  const fours = Math.ceil(channels / LANES);
  const before = fours * LANES - channels;
  const [four, tap, pixel] = [LANES * FLOAT, channels * FLOAT, fours * LANES * FLOAT];
  const step = kernel[0] * kernel[1] * tap;
  for (let row = 0; row < kernel[0]; row++) {
    const source = { at: products + row * kernel[1] * tap - before * FLOAT, step };
    const target = { at: sums.at + row * sums.rowStep, step: stride * pixel };
    if (before === 0) {
      const taps = kernel[1] * fours;
      addTaps(source, target, { count: width, taps, sourceTap: four, targetTap: four });
      continue;
    }
    for (let i = 0; i < fours; i++) {
      addTaps(
        { ...source, at: source.at + i * four },
        { ...target, at: target.at + i * four },
        { count: width, taps: kernel[1], sourceTap: tap, targetTap: pixel },
      );
    }
  }
}

/**
 * For few output channels at stride 1: gathers all of `dy` that a pixel reached, side by side, and
 * multiplies it by the kernel. A row of the kernel takes a multiple of four numbers; the surplus ones
 * are multiplied by zeros.
 */
function gather(dy: tf.Tensor4D, filter: tf.Tensor4D, where: Wanted): tf.Tensor {
  const { kernel, pad, inputShape } = where;
  const [batch, height, width, inChannels] = inputShape;
  const outChannels = filter.shape[3];
  const run = Math.ceil((kernel[1] * outChannels) / LANES) * LANES;
  const surplus = run - kernel[1] * outChannels;
  const framed = frame(dy, {
    top: kernel[0] - 1 - pad[0],
    left: kernel[1] - 1 - pad[1],
    height: height + kernel[0] - 1,
    width: width + kernel[1] - 1 + Math.ceil(surplus / outChannels), // the last run ends within it
  });
  const [, rows, columns] = framed.shape;
  const turned = tf.reshape<tf.Rank.R3>(backwards(filter), [
    kernel[0],
    kernel[1] * outChannels,
    inChannels,
  ]);
  const padded = surplus === 0 ? turned : tf.pad3d(turned, [[0, 0], [0, surplus], [0, 0]]); // prettier-ignore
  const right = tf.reshape<tf.Rank.R2>(padded, [kernel[0] * run, inChannels]);
  const [pixel, four] = [outChannels * FLOAT, LANES * FLOAT];
  const rowSize = width * kernel[0] * run;
  const parts = bandsOf(batch * height, rowSize).map(({ first, count }) =>
    tf.tidy(() => {
      const seen = unwritten<tf.Rank.R2>([count * width, kernel[0] * run]);
      for (let i = 0; i < count; i++) {
        const row = first + i;
        const top = Math.floor(row / height) * rows + (row % height);
        for (let tap = 0; tap < kernel[0]; tap++) {
          copyTaps(
            { at: addressOf(framed) + (top + tap) * columns * pixel, step: pixel },
            {
              at: addressOf(seen) + (i * rowSize + tap * run) * FLOAT,
              step: kernel[0] * run * FLOAT,
            },
            { count: width, taps: run / LANES, sourceTap: four, targetTap: four },
          );
        }
      }
      return tf.matMul(seen, right);
    }),
  );
  return tf.reshape(parts.length === 1 ? (parts[0] ?? right) : tf.concat(parts, 0), inputShape);
}
