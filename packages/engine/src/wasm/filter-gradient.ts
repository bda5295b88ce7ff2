import * as tf from '@tensorflow/tfjs';
import { getThreadsCount } from '@tensorflow/tfjs-backend-wasm';
import { geometryOf, type ConvolutionAttributes, type Geometry, type Shape4D } from './geometry.js';
import { tensorOf, type KernelCall } from './kernels.js';
import { addProducts, addressOf, FLOAT, TILE, turn, unwritten, zeroed } from './loops.js';
import { backwards, frame } from './images.js';

/** The gradient of a convolution with respect to its kernel. */

/** Kernel `Conv2DBackpropFilter`: from `x` [B, H, W, Ci] and `dy` [B, h, w, Co] to [kh, kw, Ci, Co]. */
export function filterGradient(call: KernelCall): tf.Tensor {
  const x = tensorOf<tf.Rank.R4>(call, 'x');
  const dy = tensorOf<tf.Rank.R4>(call, 'dy');
  const attributes = call.attrs as ConvolutionAttributes & { filterShape: Shape4D };
  const geometry = geometryOf(x.shape, attributes.filterShape, attributes);
  const { kernel, stride, pad } = geometry;
  const [, height, width, outChannels] = dy.shape;
  const [, , , inChannels] = x.shape;
  if (x.size === 0 || dy.size === 0) return tf.zeros(attributes.filterShape);
  const stepsByOne = stride[0] === 1 && stride[1] === 1;
  if (outChannels < TILE[1] && inChannels > outChannels && stepsByOne) {
    return gradientWithRolesSwapped(x, dy, geometry);
  }
  const framed = frame(x, {
    top: pad[0],
    left: pad[1],
    height: (height - 1) * stride[0] + kernel[0],
    width: (width - 1) * stride[1] + kernel[1],
  });
  if (kernel[0] * kernel[1] === 1 && stepsByOne) {
    const pixels = dy.size / outChannels;
    const asRow = (each: tf.Tensor4D): tf.Tensor4D =>
      tf.reshape(each, [1, 1, pixels, each.shape[3]]);
    return gradientByProducts(asRow(framed), asRow(dy), geometry);
  }
  const isWide = Math.min(inChannels, outChannels) >= WIDE && getThreadsCount() > 1;
  const sums = kernel[0] * kernel[1] * inChannels * outChannels;
  const convolve = isWide || sums > MANY_SUMS ? gradientByBands : gradientByProducts;
  return convolve(framed, dy, geometry);
}

/** With this many channels on both sides, XNNPACK on several threads is faster than our loop on one. */
const WIDE = 64;

/** More sums than this do not stay in the L2 cache from one run of pixels to the next. */
const MANY_SUMS = 1 << 20;

/** Numbers of the right factor that one run of products reads: they fit in the L1 cache. */
const RUN_SIZE = 1 << 12;

/** Whatever the number of channels: shorter runs would spend their time on loading and storing sums. */
const MIN_RUN = 16;

/**
 * The pixels that one row of the kernel sees at one place are adjacent in memory. So the gradient of
 * each row of the kernel is a sum of outer products of these runs with `dy`'s pixels, without copying.
 */
function gradientByProducts(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  { kernel, stride }: Geometry,
): tf.Tensor4D {
  const [batch, rowsOfX, columnsOfX, inChannels] = x.shape;
  const [, height, width, outChannels] = dy.shape;
  const [seen, rows] = [kernel[1] * inChannels, roundUp(kernel[1] * inChannels, TILE[0])];
  const columns = roundUp(outChannels, TILE[1]);
  const sums = zeroed<tf.Rank.R3>([kernel[0], rows, columns]);
  // The last tiles are filled up with numbers from before the first one; their sums are cut off at the end.
  const [before, outBefore] = [rows - seen, columns - outChannels];
  const [pixels, outPixels] = [addressOf(x) - before * FLOAT, addressOf(dy) - outBefore * FLOAT];
  const [pixel, outPixel] = [inChannels * FLOAT, outChannels * FLOAT];
  const longest = Math.max(MIN_RUN, Math.floor(RUN_SIZE / outChannels));
  for (let row = 0; row < batch * height; row++) {
    const top = Math.floor(row / height) * rowsOfX + (row % height) * stride[0];
    for (let from = 0; from < width; from += longest) {
      const right = { at: outPixels + (row * width + from) * outPixel, step: outPixel };
      const count = Math.min(longest, width - from);
      for (let tap = 0; tap < kernel[0]; tap++) {
        const first = (top + tap) * columnsOfX + from * stride[1];
        const left = { at: pixels + first * pixel, step: stride[1] * pixel };
        const target = {
          at: addressOf(sums) + tap * rows * columns * FLOAT,
          step: columns * FLOAT,
        };
        addProducts(target, { left, right }, { count, rows, columns });
      }
    }
  }
  const gradient =
    before + outBefore === 0
      ? sums
      : tf.slice3d(sums, [0, before, outBefore], [kernel[0], seen, outChannels]);
  return tf.reshape(gradient, [kernel[0], kernel[1], inChannels, outChannels]);
}

function roundUp(count: number, step: number): number {
  return Math.ceil(count / step) * step;
}

/**
 * For few output channels: swaps the roles of `x` and `dy`. Every tap then appears at the opposite
 * place, so the result is reversed.
 */
function gradientWithRolesSwapped(x: tf.Tensor4D, dy: tf.Tensor4D, geometry: Geometry): tf.Tensor {
  const { kernel, pad } = geometry;
  const [, rows, columns] = x.shape;
  const framed = frame(dy, {
    top: kernel[0] - 1 - pad[0],
    left: kernel[1] - 1 - pad[1],
    height: rows + kernel[0] - 1,
    width: columns + kernel[1] - 1,
  });
  const turned = gradientByProducts(framed, x, geometry);
  return backwards(turned);
}

/** Numbers of `dy` that one convolution packs: they fit in the cache together with the image. */
const BAND_SIZE = 1 << 19;

/** {@link gradientByRows}, over some rows of `dy` at a time where it is large. */
function gradientByBands(x: tf.Tensor4D, dy: tf.Tensor4D, geometry: Geometry): tf.Tensor {
  const [batch, height, width, channels] = dy.shape;
  if (dy.size <= 2 * BAND_SIZE) return gradientByRows(x, dy, geometry);
  const { kernel, stride } = geometry;
  const rows = Math.max(8, Math.floor(BAND_SIZE / (batch * width * channels)));
  const parts: tf.Tensor[] = [];
  for (let from = 0; from < height; from += rows) {
    const count = Math.min(rows, height - from);
    const seen = (count - 1) * stride[0] + kernel[0];
    const image = tf.slice4d(x, [0, from * stride[0], 0, 0], [-1, seen, -1, -1]);
    const band = tf.slice4d(dy, [0, from, 0, 0], [-1, count, -1, -1]);
    parts.push(gradientByRows(image, band, geometry));
  }
  return tf.addN(parts);
}

/**
 * One convolution per column of the kernel. The rows of its image are those of `x`, its columns the
 * input channels, its channels a whole row of pixels (of all images), and its kernel is `dy`. XNNPACK
 * then reads long runs of memory, packs `dy` once, and uses all threads.
 */
function gradientByRows(x: tf.Tensor4D, dy: tf.Tensor4D, { kernel, stride }: Geometry): tf.Tensor {
  const [batch, , , inChannels] = x.shape;
  const [, height, width, outChannels] = dy.shape;
  const asKernel = tf.reshape<tf.Rank.R4>(tf.transpose(dy, [1, 0, 2, 3]), [
    height,
    1,
    batch * width,
    outChannels,
  ]);
  const parts: tf.Tensor4D[] = [];
  for (let tap = 0; tap < kernel[1]; tap++) {
    const asImage = columnsOfTap(x, { tap, width, stride: stride[1] });
    parts.push(tf.conv2d(asImage, asKernel, 1, 'valid', 'NHWC', [stride[0], 1])); // [1, kh, Ci, Co]
  }
  return tf.reshape(tf.concat(parts, 2), [kernel[0], kernel[1], inChannels, outChannels]);
}

/** Returns the columns of `x` that a tap sees, as [1, rows, Ci, B * width]. */
function columnsOfTap(
  x: tf.Tensor4D,
  { tap, width, stride }: { readonly tap: number; readonly width: number; readonly stride: number },
): tf.Tensor4D {
  const [batch, rows, columns, channels] = x.shape;
  const turned = unwritten<tf.Rank.R4>([1, rows, channels, batch * width]);
  const step = batch * width * FLOAT;
  for (let image = 0; image < batch; image++) {
    for (let row = 0; row < rows; row++) {
      const first = ((image * rows + row) * columns + tap) * channels;
      turn(
        { at: addressOf(x) + first * FLOAT, step: stride * channels * FLOAT },
        { at: addressOf(turned) + row * channels * step + image * width * FLOAT, step },
        { rows: width, columns: channels },
      );
    }
  }
  return turned;
}
