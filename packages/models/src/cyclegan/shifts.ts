/** Small shifts of images before a discriminator sees them. */
import * as tf from '@tensorflow/tfjs';
import { streamOf } from '@janus/core';

/** What {@link shiftIndices} draws. */
export interface ShiftOptions {
  /** Number of images. */
  readonly count: number;
  /** Height of an image in pixels, and width where that is not given. */
  readonly size: number;
  /** Width of an image in pixels; default `size`. */
  readonly width?: number;
  /** Largest shift in pixels, either way. */
  readonly shift: number;
  readonly seed: number;
  /** The update. */
  readonly step: number;
  /** What is shown to whom: another name, other shifts. */
  readonly name: string;
}

/**
 * Draws a shift for each image, a function of seed, step and name alone: int32 [2, count, longer side], from which row and
 * column each row and column of the shifted image comes. The border's pixels are repeated, and so is the last number of the
 * shorter side.
 */
export function shiftIndices(options: ShiftOptions): tf.Tensor3D {
  const { count, size, width = size, shift, seed, step, name } = options;
  const stream = streamOf(seed, 'shift', name, step);
  const longer = Math.max(size, width);
  const indices = new Int32Array(2 * count * longer);
  for (let side = 0; side < 2 * count; side++) {
    const by = stream.integer(2 * shift + 1) - shift;
    const last = (side < count ? size : width) - 1;
    for (let i = 0; i < longer; i++) {
      indices[side * longer + i] = Math.min(Math.max(i + by, 0), last);
    }
  }
  return tf.tensor3d(indices, [2, count, longer], 'int32');
}

/** Returns the shifts of `batches` times as many images as a batch has; a scalar where nothing is shifted. */
export function shiftsFor(
  { shape: [count, size, width] }: tf.Tensor4D,
  options: {
    readonly batches: number;
    readonly shift: number;
    readonly step?: number;
    readonly seed?: number;
    readonly name: string;
  },
): tf.Tensor {
  const { batches, shift, name, step = 0, seed = 1 } = options;
  if (shift === 0) return tf.scalar(0, 'int32');
  return shiftIndices({ count: count * batches, size, width, shift, seed, step, name });
}

/** Shifts images float32 [B, H, W, C] by indices of {@link shiftIndices}, as products with matrices of ones and zeros. */
export function shifted(images: tf.Tensor4D, indices: tf.Tensor): tf.Tensor4D {
  return tf.tidy(() => {
    const [batch, height, width, channels] = images.shape;
    const longer = Math.max(height, width);
    const [rows, columns] = tf.unstack(
      tf.cast(tf.oneHot(tf.cast(indices, 'int32'), longer), 'float32'),
    ) as [tf.Tensor3D, tf.Tensor3D]; // each [B, longer, longer]
    const moved = (by: tf.Tensor3D, x: tf.Tensor4D): tf.Tensor4D => {
      const [, side, other] = x.shape;
      const own = side < longer ? tf.slice(by, [0, 0, 0], [batch, side, side]) : by;
      return tf.reshape(tf.matMul(own, tf.reshape(x, [batch, side, other * channels])), x.shape);
    };
    // Rows, then columns with the two sides exchanged.
    const down = tf.transpose<tf.Tensor4D>(moved(rows, images), [0, 2, 1, 3]);
    return tf.transpose<tf.Tensor4D>(moved(columns, down), [0, 2, 1, 3]);
  });
}
