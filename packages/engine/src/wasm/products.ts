import * as tf from '@tensorflow/tfjs';
import { runPlain, tensorOf, type Kernel, type KernelCall } from './kernels.js';
import { turnMatrices } from './images.js';

/**
 * Matrix products. tfjs's own run at a tenth of the speed with a transpose flag or more than one
 * matrix, take only float32, add the wrong bias in a fused product with a flag, and multiply by a
 * reshaped right factor as if it had its former shape.
 */

interface ProductAttributes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** Below this many multiplications, a matrix of a stack is not worth a product of its own. */
const SMALL_PRODUCT = 4096;

function turned(x: tf.Tensor): tf.Tensor {
  const [rows = 1, columns = 1] = x.shape.slice(-2);
  const stack = x.size === 0 ? 0 : x.size / (rows * columns);
  const matrices = turnMatrices(tf.reshape(x, [stack, rows, columns]));
  return tf.reshape(matrices, [...x.shape.slice(0, -2), columns, rows]);
}

/** The shape with which each right factor was first packed, by data id. */
const packedAs = new WeakMap<object, string>();

/**
 * Returns a product that copies a right factor which was packed in another shape before: tfjs caches
 * packed factors by their memory alone, so a reshaped one would be multiplied in its first shape.
 */
function withRepacking(plain: Kernel): Kernel {
  return (call) => {
    const b = tensorOf(call, 'b');
    const shape = b.shape.slice(-2).join();
    const before = packedAs.get(b.dataId);
    if (before === undefined) packedAs.set(b.dataId, shape);
    if (before === undefined || before === shape) return plain(call);
    const copy = tf.mul(b, 1);
    const y = plain({ ...call, inputs: { ...call.inputs, b: copy } });
    copy.dispose();
    return y;
  };
}

/** Kernel `BatchMatMul`; `tfjsProduct` is tfjs's own. */
export function matrixProduct(tfjsProduct: Kernel): Kernel {
  const plain = withRepacking(tfjsProduct);
  return (call) => {
    const { transposeA, transposeB } = call.attrs as ProductAttributes;
    const a = tensorOf(call, 'a');
    const b = tensorOf(call, 'b');
    const isFloat = a.dtype === 'float32' && b.dtype === 'float32';
    if (isFloat && !transposeA && !transposeB && stackOf(a) * stackOf(b) === 1) return plain(call);
    return tf.tidy(() => {
      if (isFloat) return product(call, plain);
      // float32 holds the integers of confusion matrices and masks exactly, up to 2^24
      const floats = tf.matMul(
        tf.cast(a, 'float32'),
        tf.cast(b, 'float32'),
        transposeA,
        transposeB,
      );
      return tf.cast(floats, 'int32');
    });
  };
}

function stackOf(x: tf.Tensor): number {
  return x.shape.slice(0, -2).reduce((product, size) => product * size, 1);
}

function product(call: KernelCall, plain: Kernel): tf.Tensor {
  const { transposeA, transposeB } = call.attrs as ProductAttributes;
  const a = tensorOf(call, 'a');
  const b = tensorOf(call, 'b');
  const alone = stackOf(a) * stackOf(b) === 1;
  const outSize = (a.size * b.size) / (sizeOfInner(a, transposeA) || 1) ** 2;
  // (A B)' = B' A': transpose whichever is smallest
  if (alone && transposeB && (transposeA ? outSize < a.size + b.size : a.size + outSize < b.size)) {
    return turned(tf.matMul(b, transposeA ? a : turned(a)));
  }
  if (alone && transposeA && !transposeB && b.size + outSize < a.size) {
    return turned(tf.matMul(turned(b), a));
  }
  const left = transposeA ? turned(a) : a;
  const right = transposeB ? turned(b) : b;
  if (alone) return tf.matMul(left, right);
  return stackedProduct(left, right, plain);
}

function sizeOfInner(a: tf.Tensor, transposed: boolean): number {
  return a.shape.at(transposed ? -2 : -1) ?? 1;
}

function stackedProduct(a: tf.Tensor, b: tf.Tensor, plain: Kernel): tf.Tensor {
  const [rows = 1, inner = 1] = a.shape.slice(-2);
  const columns = b.shape.at(-1) ?? 1;
  if (stackOf(b) === 1) {
    const one = tf.matMul(
      tf.reshape<tf.Rank.R2>(a, [stackOf(a) * rows, inner]),
      tf.reshape<tf.Rank.R2>(b, [inner, columns]),
    );
    return tf.reshape(one, [...a.shape.slice(0, -2), rows, columns]);
  }
  const sameStack = a.shape.slice(0, -2).join() === b.shape.slice(0, -2).join();
  if (!sameStack || rows * inner * columns < SMALL_PRODUCT) {
    return runPlain(plain, { a, b }, { transposeA: false, transposeB: false });
  }
  const count = stackOf(a);
  const lefts = tf.split(tf.reshape(a, [count * rows, inner]), count, 0);
  const rights = tf.split(tf.reshape(b, [count * inner, columns]), count, 0);
  const products = lefts.map((left, i) => tf.matMul(left, rights[i] ?? left));
  return tf.reshape(tf.concat(products, 0), [...a.shape.slice(0, -2), rows, columns]);
}

/** Kernel `_FusedMatMul`; `tfjsProduct`, tfjs's own, is right only without transpose flags. */
export function fusedMatrixProduct(tfjsProduct: Kernel): Kernel {
  const plain = withRepacking(tfjsProduct);
  return (call) => {
    const { transposeA, transposeB } = call.attrs as ProductAttributes;
    if (!transposeA && !transposeB) return plain(call);
    return tf.tidy(() => {
      const a = tensorOf(call, 'a');
      const b = tensorOf(call, 'b');
      const inputs = {
        ...call.inputs,
        a: transposeA ? turned(a) : a,
        b: transposeB ? turned(b) : b,
      };
      const attributes = { ...(call.attrs as object), transposeA: false, transposeB: false };
      return runPlain(plain, inputs, attributes);
    });
  };
}

/** Kernel `UnsortedSegmentSum`, the gradient of `gather`: a product with the one-hot segment ids. */
export function segmentSum(call: KernelCall): tf.Tensor {
  const x = tensorOf(call, 'x');
  const ids = tensorOf<tf.Rank.R1>(call, 'segmentIds');
  const { numSegments } = call.attrs as { numSegments: number };
  const [rows = 0, ...rest] = x.shape;
  const rowSize = rest.reduce((size, each) => size * each, 1);
  const chosen = tf.transpose(tf.oneHot(ids, numSegments)); // [segments, rows]
  const sums = tf.matMul(
    tf.cast(chosen, 'float32'),
    tf.reshape(tf.cast(x, 'float32'), [rows, rowSize]),
  );
  return tf.cast(tf.reshape(sums, [numSegments, ...rest]), x.dtype);
}
