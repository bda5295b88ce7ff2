/** Small shifts of images before a discriminator sees them. */
import * as tf from '@tensorflow/tfjs';
import { streamOf } from '@janus/core';

/** What {@link shiftIndices} draws. */
export interface ShiftOptions {
  /** Number of images. */
  readonly count: number;
  /** Side of an image in pixels. */
  readonly size: number;
  /** Largest shift in pixels, either way. */
  readonly shift: number;
  readonly seed: number;
  /** The update. */
  readonly step: number;
  /** What is shown to whom: another name, other shifts. */
  readonly name: string;
}

/**
 * Draws a shift for each image, a function of seed, step and name alone: int32 [2, count, size], from which row and
 * column each row and column of the shifted image comes. The border's pixels are repeated.
 */
export function shiftIndices({ count, size, shift, seed, step, name }: ShiftOptions): tf.Tensor3D {
  const stream = streamOf(seed, 'shift', name, step);
  const indices = new Int32Array(2 * count * size);
  for (let side = 0; side < 2 * count; side++) {
    const by = stream.integer(2 * shift + 1) - shift;
    for (let i = 0; i < size; i++) {
      indices[side * size + i] = Math.min(Math.max(i + by, 0), size - 1);
    }
  }
  return tf.tensor3d(indices, [2, count, size], 'int32');
}

/** Returns the shifts of `batches` times as many images as a batch has; a scalar where nothing is shifted. */
export function shiftsFor(
  { shape: [count, size] }: tf.Tensor4D,
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
  return shiftIndices({ count: count * batches, size, shift, seed, step, name });
}

/** Shifts images float32 [B, S, S, C] by indices of {@link shiftIndices}, as products with matrices of ones and zeros. */
export function shifted(images: tf.Tensor4D, indices: tf.Tensor): tf.Tensor4D {
  return tf.tidy(() => {
    const [batch, size, , channels] = images.shape;
    const [rows, columns] = tf.unstack(
      tf.cast(tf.oneHot(tf.cast(indices, 'int32'), size), 'float32'),
    ) as [tf.Tensor3D, tf.Tensor3D]; // each [B, S, S]
    const moved = (by: tf.Tensor3D, x: tf.Tensor4D): tf.Tensor4D =>
      tf.reshape(tf.matMul(by, tf.reshape(x, [batch, size, size * channels])), images.shape);
    // Rows, then columns with the two sides exchanged.
    const down = tf.transpose<tf.Tensor4D>(moved(rows, images), [0, 2, 1, 3]);
    return tf.transpose<tf.Tensor4D>(moved(columns, down), [0, 2, 1, 3]);
  });
}
