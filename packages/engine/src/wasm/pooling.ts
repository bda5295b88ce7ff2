import * as tf from '@tensorflow/tfjs';
import { runPlain, tensorOf, type Kernel, type KernelCall } from './kernels.js';
import { frame, joinPhases, splitPhases } from './images.js';

/** Pooling and its gradients, one operation per position in the window. */

interface PoolingAttributes {
  readonly filterSize: number | [number, number];
  readonly strides: number | [number, number];
  readonly pad: 'same' | 'valid' | number | tf.backend_util.ExplicitPadding;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

type PoolInfo = tf.backend_util.Conv2DInfo;

/** Below any value in training, but finite: the border never is the maximum and never makes a NaN. */
const LOWEST = -3.4e38;

function poolInfo(x: tf.Tensor4D, call: KernelCall): PoolInfo {
  const { filterSize, strides, pad, dimRoundingMode } = call.attrs as PoolingAttributes;
  return tf.backend_util.computePool2DInfo(x.shape, filterSize, strides, 1, pad, dimRoundingMode);
}

/** Takes the output's size from `dy`: tfjs does not pass a gradient how the forward pass rounded it. */
function gradientInfo(x: tf.Tensor4D, dy: tf.Tensor4D, call: KernelCall): PoolInfo {
  const { filterSize, strides, pad } = call.attrs as PoolingAttributes;
  const info = tf.backend_util.computePool2DInfo(
    x.shape,
    filterSize,
    strides,
    1,
    pad,
    typeof pad === 'string' ? undefined : 'floor',
  );
  return { ...info, outHeight: dy.shape[1], outWidth: dy.shape[2] };
}

/** Returns the size that all windows cover together, rounded up to whole strides. */
function reach(info: PoolInfo): { height: number; width: number } {
  const up = (size: number, step: number): number => Math.ceil(size / step) * step;
  const height = (info.outHeight - 1) * info.strideHeight + info.filterHeight;
  const width = (info.outWidth - 1) * info.strideWidth + info.filterWidth;
  return { height: up(height, info.strideHeight), width: up(width, info.strideWidth) };
}

/** Kernel `MaxPool`: tfjs's own (`plain`) does not compute windows that reach over the edge (rounding up). */
export function maxPool(plain: Kernel): Kernel {
  return (call) =>
    roundsUp(call)
      ? tf.tidy(() => {
          const x = tensorOf<tf.Rank.R4>(call, 'x');
          const info = poolInfo(x, call);
          return pooled(plain, framedFor(x, info, LOWEST), info);
        })
      : plain(call);
}

/** Kernel `AvgPool`, as {@link maxPool}; a window averages only the pixels within the image. */
export function averagePool(plain: Kernel): Kernel {
  return (call) =>
    roundsUp(call)
      ? tf.tidy(() => {
          const x = tensorOf<tf.Rank.R4>(call, 'x');
          const info = poolInfo(x, call);
          const mean = pooled(plain, framedFor(x, info, 0), info);
          const size = info.filterHeight * info.filterWidth;
          return tf.mul(mean, tf.div(size, windowSizes(info)));
        })
      : plain(call);
}

function roundsUp(call: KernelCall): boolean {
  const { pad, dimRoundingMode } = call.attrs as PoolingAttributes;
  return dimRoundingMode === 'ceil' && typeof pad !== 'string';
}

function framedFor(x: tf.Tensor4D, info: PoolInfo, outside: number): tf.Tensor4D {
  const { padInfo } = info;
  return frame(x, { top: padInfo.top, left: padInfo.left, ...reach(info) }, outside);
}

function pooled(plain: Kernel, x: tf.Tensor4D, info: PoolInfo): tf.Tensor {
  const attributes = {
    filterSize: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    pad: 'valid',
  };
  const y = runPlain(plain, { x }, attributes) as tf.Tensor4D;
  return tf.slice4d(y, [0, 0, 0, 0], [info.batchSize, info.outHeight, info.outWidth, -1]);
}

/** Returns the number of the image's pixels in each window: [1, h, w, 1]. */
function windowSizes(info: PoolInfo): tf.Tensor4D {
  const { padInfo } = info;
  const along = (count: number, from: (i: number) => number, [window, size]: [number, number]) =>
    Array.from(
      { length: count },
      // at least 1: rounding up can make a window that lies outside the image
      (_, i) => Math.max(1, Math.min(size, from(i) + window) - Math.max(0, from(i))),
    );
  const rows = along(info.outHeight, (i) => i * info.strideHeight - padInfo.top, [
    info.filterHeight,
    info.inHeight,
  ]);
  const columns = along(info.outWidth, (i) => i * info.strideWidth - padInfo.left, [
    info.filterWidth,
    info.inWidth,
  ]);
  return tf.tensor4d(
    rows.flatMap((row) => columns.map((column) => row * column)),
    [1, info.outHeight, info.outWidth, 1],
  );
}

/**
 * Kernel `MaxPoolGrad`: each window's `dy` goes to its first maximum, row by row, as on the other
 * engines. (tfjs's own is wrong where windows overlap the edge or each other.)
 */
export function maxPoolGradient(call: KernelCall): tf.Tensor {
  const x = tensorOf<tf.Rank.R4>(call, 'input');
  const y = tensorOf<tf.Rank.R4>(call, 'output');
  const dy = tensorOf<tf.Rank.R4>(call, 'dy');
  const info = gradientInfo(x, dy, call);
  const { filterHeight, filterWidth, outHeight, outWidth } = info;
  const seen = splitPhases(framedFor(x, info, LOWEST), [info.strideHeight, info.strideWidth]);
  const shares = emptyPhases(info);
  let open = dy;
  for (let row = 0; row < filterHeight; row++) {
    for (let column = 0; column < filterWidth; column++) {
      const place = placeOf(row, column, info);
      const value = frame(at(seen, place), { ...place.offset, height: outHeight, width: outWidth });
      const isLast = row === filterHeight - 1 && column === filterWidth - 1;
      // y is never below the value, so the step is 0 where it wins and 1 where it loses
      const left = isLast ? undefined : tf.mul<tf.Tensor4D>(open, tf.step(tf.sub(y, value)));
      at(shares, place).push({ share: left === undefined ? open : tf.sub(open, left), place });
      open = left ?? open;
    }
  }
  return joined(shares, info);
}

interface Place {
  readonly phase: readonly [number, number];
  readonly offset: { readonly top: number; readonly left: number };
}

interface PlacedShare {
  readonly share: tf.Tensor4D;
  readonly place: Place;
}

/** Returns where a tap of all windows lies: in which phase of the stride, and at what offset in it. */
function placeOf(row: number, column: number, info: PoolInfo): Place {
  return {
    phase: [row % info.strideHeight, column % info.strideWidth],
    offset: {
      top: -Math.floor(row / info.strideHeight),
      left: -Math.floor(column / info.strideWidth),
    },
  };
}

function at<T>(phases: readonly (readonly T[])[], { phase }: Place): T {
  const found = phases[phase[0]]?.[phase[1]];
  if (found === undefined) throw new Error('a tap lies in one of the phases');
  return found;
}

function emptyPhases(info: PoolInfo): PlacedShare[][][] {
  return Array.from({ length: info.strideHeight }, () =>
    Array.from({ length: info.strideWidth }, (): PlacedShare[] => []),
  );
}

/** Sums the shares of each pixel, and joins the phases of the image. */
function joined(shares: readonly (readonly PlacedShare[][])[], info: PoolInfo): tf.Tensor {
  const { height, width } = reach(info);
  const [rows, columns] = [height / info.strideHeight, width / info.strideWidth];
  const phases = shares.map((row) =>
    row.map((placed) => {
      if (placed.length === 0) {
        return tf.fill<tf.Rank.R4>([info.batchSize, rows, columns, info.inChannels], 0);
      }
      const terms = placed.map(({ share, place }) =>
        frame(share, {
          top: -place.offset.top,
          left: -place.offset.left,
          height: rows,
          width: columns,
        }),
      );
      return tf.addN(terms);
    }),
  );
  return cropped(joinPhases(phases), info);
}

function cropped(whole: tf.Tensor4D, info: PoolInfo): tf.Tensor {
  const { padInfo, inHeight, inWidth } = info;
  const window = { top: -padInfo.top, left: -padInfo.left, height: inHeight, width: inWidth };
  return tf.clone(frame(whole, window));
}

/**
 * Kernel `AvgPoolGrad`: each window's `dy`, divided by the number of pixels in the window, goes to all
 * of them. (tfjs's own divides by the window's full size even at a padded edge.)
 */
export function averagePoolGradient(call: KernelCall): tf.Tensor {
  const x = tensorOf<tf.Rank.R4>(call, 'input');
  const dy = tensorOf<tf.Rank.R4>(call, 'dy');
  const info = gradientInfo(x, dy, call);
  const { strideHeight, strideWidth } = info;
  const share = tf.div<tf.Tensor4D>(dy, windowSizes(info));
  const { height, width } = reach(info);
  const [rows, columns] = [height / strideHeight, width / strideWidth];
  const taps = (window: number, stride: number, phase: number): number =>
    Math.max(0, Math.ceil((window - phase) / stride));
  const phases = Array.from({ length: strideHeight }, (_row, i) =>
    Array.from({ length: strideWidth }, (_column, j): tf.Tensor4D => {
      const down = taps(info.filterHeight, strideHeight, i);
      const across = taps(info.filterWidth, strideWidth, j);
      if (down * across === 0) {
        return tf.fill<tf.Rank.R4>([info.batchSize, rows, columns, info.inChannels], 0);
      }
      const framed = frame(share, {
        top: down - 1,
        left: across - 1,
        height: rows + down - 1,
        width: columns + across - 1,
      });
      if (down * across === 1) return framed;
      return tf.mul<tf.Tensor4D>(tf.avgPool(framed, [down, across], 1, 'valid'), down * across);
    }),
  );
  return cropped(joinPhases(phases), info);
}
