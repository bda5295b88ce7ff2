import * as tf from '@tensorflow/tfjs';
import { runPlain, tensorOf, type Kernel, type KernelCall } from './wasm-kernels.js';
import { frame, joinPhases, turnMatrices } from './wasm-pictures.js';

/** The gradients of a convolution, made of XNNPACK's forward convolutions and matrix products. */

type Shape4D = [number, number, number, number];

interface ConvolutionAttributes {
  readonly strides: number | [number, number];
  readonly pad: 'same' | 'valid' | number | tf.backend_util.ExplicitPadding;
  readonly dataFormat?: 'NHWC' | 'NCHW';
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/** Where a convolution's kernel lies: pixel `output * stride - pad + tap` of the input. */
interface Geometry {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly pad: readonly [number, number];
}

function geometryOf(
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

/**
 * Kernels `Conv2D` and `FusedConv2D`: of a kernel that is not square, tfjs's computes other pixels
 * than it should when padded, and writes past its output's end. Here such a picture is padded first.
 */
export function paddedConvolution(plain: Kernel): Kernel {
  return (call) => {
    const filter = tensorOf<tf.Rank.R4>(call, 'filter');
    const attributes = call.attrs as ConvolutionAttributes & { dilations: number };
    if (filter.shape[0] === filter.shape[1] || attributes.pad === 'valid') return plain(call);
    return tf.tidy(() => {
      const x = tensorOf<tf.Rank.R4>(call, 'x');
      const info = tf.backend_util.computeConv2DInfo(
        x.shape,
        filter.shape,
        attributes.strides,
        attributes.dilations,
        attributes.pad,
        attributes.dimRoundingMode,
      );
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

/** Kernel `Conv2DBackpropFilter`: from `x` [B, H, W, Ci] and `dy` [B, h, w, Co] to [kh, kw, Ci, Co]. */
export function filterGradient(call: KernelCall): tf.Tensor {
  const x = tensorOf<tf.Rank.R4>(call, 'x');
  const dy = tensorOf<tf.Rank.R4>(call, 'dy');
  const attributes = call.attrs as ConvolutionAttributes & { filterShape: Shape4D };
  const geometry = geometryOf(x.shape, attributes.filterShape, attributes);
  const { kernel, stride, pad } = geometry;
  const [, height, width, outChannels] = dy.shape;
  const framed = frame(x, {
    top: pad[0],
    left: pad[1],
    height: (height - 1) * stride[0] + kernel[0],
    width: (width - 1) * stride[1] + kernel[1],
  });
  const [, , , inChannels] = x.shape;
  const taps = kernel[0] * kernel[1];
  if (taps === 1 || taps * inChannels <= outChannels)
    return gradientByProduct(framed, dy, geometry);
  if (outChannels < NARROW && inChannels > outChannels && stride[0] === 1 && stride[1] === 1) {
    return gradientWithRolesSwapped(framed, dy, kernel);
  }
  return gradientByBands(framed, dy, geometry);
}

/** How many numbers of `dy` one convolution packs: what the processor's cache holds with the picture. */
const BAND_SIZE = 1 << 19;

/** {@link gradientByRows} of some rows of `dy` at a time, where there are many. */
function gradientByBands(x: tf.Tensor4D, dy: tf.Tensor4D, geometry: Geometry): tf.Tensor {
  const [batch, height, width, channels] = dy.shape;
  if (dy.size <= 2 * BAND_SIZE) return gradientByRows(x, dy, geometry);
  const { kernel, stride } = geometry;
  const rows = Math.max(8, Math.floor(BAND_SIZE / (batch * width * channels)));
  const parts: tf.Tensor[] = [];
  for (let from = 0; from < height; from += rows) {
    const count = Math.min(rows, height - from);
    const seen = (count - 1) * stride[0] + kernel[0];
    const picture = tf.slice4d(x, [0, from * stride[0], 0, 0], [-1, seen, -1, -1]);
    const band = tf.slice4d(dy, [0, from, 0, 0], [-1, count, -1, -1]);
    parts.push(gradientByRows(picture, band, geometry));
  }
  return tf.addN(parts);
}

/** XNNPACK computes eight output channels at once: with fewer, the rest of its work is lost. */
const NARROW = 8;

/** The columns that a tap sees, one picture row a row: `[rows, Ci, B, w]`. */
function columnsOfTap(x: tf.Tensor4D, width: number, stride: number): (tap: number) => tf.Tensor4D {
  const [batch, rows, columns, channels] = x.shape;
  const groups = Math.ceil(columns / stride);
  const whole = frame(x, { top: 0, left: 0, height: rows, width: groups * stride });
  const grouped = tf.reshape<tf.Rank.R4>(whole, [batch, rows, groups, stride * channels]);
  return (tap) => {
    const corner: Shape4D = [0, 0, Math.floor(tap / stride), (tap % stride) * channels];
    const seen = tf.slice4d(grouped, corner, [batch, rows, width, channels]);
    return tf.transpose<tf.Tensor4D>(seen, [1, 3, 0, 2]);
  };
}

/**
 * One convolution a kernel column: the picture's rows are its rows, the input channels its columns,
 * and a whole row of pixels (of all pictures) its channels; `dy` is its kernel. XNNPACK then reads
 * long runs of memory, and packs `dy` once for all of them.
 */
function gradientByRows(x: tf.Tensor4D, dy: tf.Tensor4D, { kernel, stride }: Geometry): tf.Tensor {
  const [batch, rows, , inChannels] = x.shape;
  const [, height, width, outChannels] = dy.shape;
  const columns = columnsOfTap(x, width, stride[1]);
  const asKernel = tf.reshape<tf.Rank.R4>(tf.transpose(dy, [1, 0, 2, 3]), [
    height,
    1,
    batch * width,
    outChannels,
  ]);
  const parts: tf.Tensor4D[] = [];
  for (let tap = 0; tap < kernel[1]; tap++) {
    const asPicture = tf.reshape<tf.Rank.R4>(columns(tap), [1, rows, inChannels, batch * width]);
    parts.push(tf.conv2d(asPicture, asKernel, 1, 'valid', 'NHWC', [stride[0], 1])); // [1, kh, Ci, Co]
  }
  return tf.reshape(tf.concat(parts, 2), [kernel[0], kernel[1], inChannels, outChannels]);
}

/** For kernels of few numbers: each tap's pixels as rows of one matrix, times `dy`. */
function gradientByProduct(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  { kernel, stride }: Geometry,
): tf.Tensor {
  const [batch, , , inChannels] = x.shape;
  const [, height, width, outChannels] = dy.shape;
  const columns = columnsOfTap(x, width, stride[1]);
  const pixels = batch * height * width;
  const byColumn = Array.from({ length: kernel[1] }, (_, tap) => columns(tap)); // [H, Ci, B, w]
  const rowsOfTap: tf.Tensor[] = [];
  for (let row = 0; row < kernel[0]; row++) {
    for (const column of byColumn) {
      const seen = tf.reshape(everyRow(column, { from: row, count: height, step: stride[0] }), [
        height,
        inChannels,
        batch * width,
      ]);
      rowsOfTap.push(tf.reshape(tf.transpose(seen, [1, 0, 2]), [inChannels, pixels]));
    }
  }
  const right = tf.reshape(tf.transpose(dy, [1, 0, 2, 3]), [pixels, outChannels]);
  const product = tf.matMul(tf.concat(rowsOfTap, 0), right);
  return tf.reshape(product, [kernel[0], kernel[1], inChannels, outChannels]);
}

function everyRow(
  x: tf.Tensor4D,
  { from, count, step }: { readonly from: number; readonly count: number; readonly step: number },
): tf.Tensor4D {
  const [rows, ...rest] = x.shape;
  if (step === 1) return tf.slice4d(x, [from, 0, 0, 0], [count, ...rest]);
  const rowSize = rest[0] * rest[1] * rest[2];
  const missing = Math.max(0, from + count * step - rows);
  const flat = tf.reshape<tf.Rank.R2>(x, [rows, rowSize]);
  const whole = missing === 0 ? flat : tf.pad2d(flat, [[0, missing], [0, 0]]); // prettier-ignore
  const steps = tf.reshape<tf.Rank.R2>(tf.slice2d(whole, [from, 0], [count * step, rowSize]), [
    count,
    step * rowSize,
  ]);
  return tf.reshape(tf.slice2d(steps, [0, 0], [count, rowSize]), [count, ...rest]);
}

/**
 * For few output channels: `dy` is the picture and `x` the kernel. Every tap then appears at the
 * opposite place, so the result is turned back.
 */
function gradientWithRolesSwapped(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  kernel: readonly [number, number],
): tf.Tensor {
  const [, rows, columns] = x.shape;
  const framed = frame(dy, {
    top: kernel[0] - 1,
    left: kernel[1] - 1,
    height: rows + kernel[0] - 1,
    width: columns + kernel[1] - 1,
  });
  const turned = gradientByBands(framed, x, { kernel, stride: [1, 1], pad: [0, 0] });
  return tf.transpose(tf.reverse(turned, [0, 1]), [0, 1, 3, 2]);
}

/** Kernel `Conv2DBackpropInput`: from `dy` [B, h, w, Co] and `filter` [kh, kw, Ci, Co] to [B, H, W, Ci]. */
export function inputGradient(call: KernelCall): tf.Tensor {
  const dy = tensorOf<tf.Rank.R4>(call, 'dy');
  const filter = tensorOf<tf.Rank.R4>(call, 'filter');
  const attributes = call.attrs as ConvolutionAttributes & { inputShape: Shape4D };
  const geometry = geometryOf(attributes.inputShape, filter.shape, attributes);
  const [batch, height, width, outChannels] = dy.shape;
  const stepsByOne = geometry.stride[0] === 1 && geometry.stride[1] === 1;
  if (stepsByOne && FILTER_HEAVY * batch * height * width < outChannels) {
    return inputGradientByProduct(dy, filter, { geometry, inputShape: attributes.inputShape });
  }
  return inputGradientByPhases(dy, filter, { geometry, inputShape: attributes.inputShape });
}

/** With fewer pixels than channels by this, turning and packing the kernel costs more than it saves. */
const FILTER_HEAVY = 2;

interface InputGradient {
  readonly geometry: Geometry;
  readonly inputShape: Shape4D;
}

/**
 * For big kernels over small pictures: all taps' contributions by one product with the kernel as it
 * lies in memory, then each is added at its place.
 */
function inputGradientByProduct(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  { geometry, inputShape }: InputGradient,
): tf.Tensor {
  const { kernel, pad } = geometry;
  const [batch, height, width, outChannels] = dy.shape;
  const [, rows, columns, inChannels] = inputShape;
  const pixels = batch * height * width;
  const taps = kernel[0] * kernel[1];
  const turned = turnMatrices(tf.reshape(dy, [1, pixels, outChannels]));
  const products = tf.matMul(
    tf.reshape<tf.Rank.R2>(filter, [taps * inChannels, outChannels]),
    tf.reshape<tf.Rank.R2>(turned, [outChannels, pixels]),
  );
  const shares = tf.unstack(
    turnMatrices(tf.reshape(products, [taps, inChannels, pixels])), // [taps, BHW, Ci]
  );
  return tf.addN(
    shares.map((share, tap) =>
      frame(tf.reshape(share, [batch, height, width, inChannels]), {
        top: Math.floor(tap / kernel[1]) - pad[0],
        left: (tap % kernel[1]) - pad[1],
        height: rows,
        width: columns,
      }),
    ),
  );
}

/**
 * One convolution of `dy` for each phase of the stride (one in all at stride 1), by the taps of the
 * kernel that meet this phase, turned; the phases are then interleaved. Nothing is multiplied by
 * the zeros of a dilated `dy`.
 */
function inputGradientByPhases(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  { geometry, inputShape }: InputGradient,
): tf.Tensor {
  const { kernel, stride, pad } = geometry;
  const [kernelHeight, kernelWidth, inChannels, outChannels] = filter.shape;
  const [batch, height, width] = inputShape;
  const turned = turnMatrices(
    tf.reshape(filter, [kernelHeight * kernelWidth, inChannels, outChannels]),
  );
  const taps = tf.split(turned, kernelHeight * kernelWidth, 0); // each [1, Co, Ci]
  const rows = phasesOf(kernel[0], { stride: stride[0], pad: pad[0], size: height });
  const columns = phasesOf(kernel[1], { stride: stride[1], pad: pad[1], size: width });
  const phases = rows.phases.map((row) =>
    columns.phases.map((column): tf.Tensor4D => {
      const shape: Shape4D = [batch, rows.count, columns.count, inChannels];
      const used = row.flatMap((i) => column.map((j) => taps[i * kernelWidth + j]));
      if (used.length === 0) return tf.zeros(shape);
      const phaseFilter = tf.reshape<tf.Rank.R4>(tf.concat(used as tf.Tensor[], 0), [
        row.length,
        column.length,
        outChannels,
        inChannels,
      ]);
      const framed = frame(dy, {
        top: row.length - 1 - rows.first,
        left: column.length - 1 - columns.first,
        height: rows.count + row.length - 1,
        width: columns.count + column.length - 1,
      });
      return tf.conv2d(framed, phaseFilter, 1, 'valid');
    }),
  );
  const whole = joinPhases(phases);
  return frame(whole, {
    top: rows.first * stride[0] - pad[0],
    left: columns.first * stride[1] - pad[1],
    height,
    width,
  });
}

interface Phases {
  /** The first output position that touches the picture, and how many phases of it are needed. */
  readonly first: number;
  readonly count: number;
  /** The taps of each phase, last first. */
  readonly phases: readonly (readonly number[])[];
}

/** Tap `i` of output `o` meets padded pixel `o * stride + i`: phase `i % stride` of step `o + i / stride`. */
function phasesOf(
  taps: number,
  { stride, pad, size }: { readonly stride: number; readonly pad: number; readonly size: number },
): Phases {
  const first = Math.floor(pad / stride);
  const phases = Array.from({ length: stride }, (_, phase) => {
    const used: number[] = [];
    for (let tap = phase; tap < taps; tap += stride) used.unshift(tap);
    return used;
  });
  return { first, count: Math.ceil((pad + size) / stride) - first, phases };
}
