import * as tf from '@tensorflow/tfjs';
import { runPlain, tensorOf, type Kernel, type KernelCall } from './kernels.js';

/** Element-wise operations and sums that tfjs's own kernels compute wrong or ten times slower. */

/** Kernel `Cast`: to bool, tfjs keeps a number's low byte, although every number but 0 is true. */
export function cast(plain: Kernel): Kernel {
  return (call) => {
    const x = tensorOf(call, 'x');
    const { dtype } = call.attrs as { dtype: tf.DataType };
    if (dtype !== 'bool' || x.dtype === 'bool') return plain(call);
    return tf.tidy(() => tf.notEqual(x, tf.scalar(0, x.dtype)));
  };
}

/** Kernel `LeakyRelu`: composed of ReLUs for slopes of 0 or more, and as fast as they are. */
export function leakyRelu(plain: Kernel): Kernel {
  return (call) => {
    const { alpha } = call.attrs as { alpha: number };
    if (alpha < 0) return plain(call);
    return tf.tidy(() => {
      const x = tensorOf(call, 'x');
      return tf.sub(tf.relu(x), tf.relu(tf.mul(x, -alpha)));
    });
  };
}

/** Elements that one pooling window adds: a power of two, so that sums of integers stay exact. */
const RUN = 64;

/** Below this number of elements tfjs's own sum is faster, and accurate enough. */
const LARGE = 1 << 13;

interface ReductionAttributes {
  readonly axis?: number | number[];
  readonly keepDims?: boolean;
}

/** Kernel `Sum`; `plain`, tfjs's own, adds one by one, which loses 1 % at a million elements. */
export function sum(plain: Kernel): Kernel {
  return (call) => reduce(call, plain);
}

/** Kernel `Mean`: the sum over the count for float32; `plain` is tfjs's own. */
export function mean(plain: Kernel): Kernel {
  return (call) => {
    const x = tensorOf(call, 'x');
    const { axes, keepDims } = reductionOf(x, call);
    if (x.dtype !== 'float32' || x.size < LARGE) return plain(call);
    const count = axes.reduce((product, axis) => product * (x.shape[axis] ?? 1), 1);
    return tf.tidy(() => tf.mul(tf.sum(x, axes, keepDims), 1 / count));
  };
}

function reductionOf(x: tf.Tensor, call: KernelCall): { axes: number[]; keepDims: boolean } {
  const { axis, keepDims } = call.attrs as ReductionAttributes;
  const axes = tf.util.parseAxisParam(axis ?? x.shape.map((_, i) => i), x.shape);
  return { axes: [...axes].sort((a, b) => a - b), keepDims: keepDims ?? false };
}

function reduce(call: KernelCall, plain: Kernel): tf.TensorInfo | tf.TensorInfo[] {
  const x = tensorOf(call, 'x');
  const { axes, keepDims } = reductionOf(x, call);
  const [first = 0] = axes;
  const last = axes.at(-1) ?? -1;
  const isOneBlock = last - first === axes.length - 1;
  if (x.dtype !== 'float32' || axes.length === 0 || !isOneBlock || (x.size > 0 && x.size < LARGE)) {
    return plain(call);
  }
  const sizeOf = (shape: readonly number[]): number => shape.reduce((size, each) => size * each, 1);
  const kept = x.shape.flatMap((size, i) => (i < first || i > last ? [size] : keepDims ? [1] : []));
  const count = sizeOf(x.shape.slice(first, last + 1));
  const inner = sizeOf(x.shape.slice(last + 1));
  if (x.size === 0) return tf.tidy(() => tf.fill(kept, 0));
  if (count < 2 * RUN) return plain(call);
  return tf.tidy(() => {
    let runs = inner === 1 ? inColumns(x, count) : tf.reshape<tf.Rank.R3>(x, [-1, count, inner]);
    while (runs.shape[1] >= 2 * RUN) runs = addRuns(runs);
    const axis = inner === 1 ? [1, 2] : [1];
    const summed = runPlain(plain, { x: runs }, { axis, keepDims: false });
    return tf.reshape(summed, kept);
  });
}

/** Returns rows of `count` numbers, padded with zeros, as [rows, count / RUN, RUN]. */
function inColumns(x: tf.Tensor, count: number): tf.Tensor3D {
  const rows = tf.reshape<tf.Rank.R2>(x, [-1, count]);
  const missing = (RUN - (count % RUN)) % RUN;
  const whole = missing === 0 ? rows : tf.pad2d(rows, [[0, 0], [0, missing]]); // prettier-ignore
  return tf.reshape<tf.Rank.R3>(whole, [-1, (count + missing) / RUN, RUN]);
}

/** Adds each `RUN` neighbours along the middle axis: an average pooling times its window. */
function addRuns(x: tf.Tensor3D): tf.Tensor3D {
  const [outer, count, inner] = x.shape;
  const missing = (RUN - (count % RUN)) % RUN;
  const whole = missing === 0 ? x : tf.pad3d(x, [[0, 0], [0, missing], [0, 0]]); // prettier-ignore
  const runs = (count + missing) / RUN;
  const strips = tf.reshape<tf.Rank.R4>(whole, [outer, runs, RUN, inner]);
  const means = tf.avgPool(strips, [1, RUN], 1, 'valid');
  return tf.reshape<tf.Rank.R3>(tf.mul(means, RUN), [outer, runs, inner]);
}
