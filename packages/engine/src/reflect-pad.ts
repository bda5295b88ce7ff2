import * as tf from '@tensorflow/tfjs';
import { ShapeError } from '@janus/core';
import { gpuInUse } from './native/native-engine.js';
import { reflectNatively } from './native/native-image-ops.js';

/** How a tensor was padded by mirroring. */
interface MirrorPadding {
  readonly paddings: readonly (readonly [number, number])[];
  readonly mode: 'reflect' | 'symmetric';
  /** Shape before the padding. */
  readonly shape: readonly number[];
}

/**
 * Returns the gradient of a mirror padding: the middle of `dy`, plus each mirrored border turned
 * back onto the pixels that it was copied from, one axis after the other.
 *
 * @param dy float32, shape of the padded tensor
 * @returns float32, shape of the tensor before the padding; the caller disposes it
 */
export function reflectPadGradient(dy: tf.Tensor, options: MirrorPadding): tf.Tensor {
  const offset = options.mode === 'reflect' ? 1 : 0;
  return tf.tidy(() => {
    let folded = dy;
    options.paddings.forEach(([before, after], axis) => {
      if (before + after > 0) {
        folded = foldAxis(folded, { axis, before, after, size: options.shape[axis] ?? 0, offset });
      }
    });
    return folded === dy ? tf.clone(dy) : folded;
  });
}

interface Fold {
  readonly axis: number;
  readonly before: number;
  readonly after: number;
  readonly size: number;
  /** 1: the edge itself is not repeated (reflect); 0: it is (symmetric). */
  readonly offset: number;
}

function foldAxis(dy: tf.Tensor, fold: Fold): tf.Tensor {
  const { axis, before, after, size, offset } = fold;
  const part = (from: number, length: number): tf.Tensor => {
    const begin = dy.shape.map(() => 0);
    const lengths = dy.shape.map(() => -1);
    begin[axis] = from;
    lengths[axis] = length;
    return tf.slice(dy, begin, lengths);
  };
  const placed = (border: tf.Tensor, at: number): tf.Tensor => {
    const length = border.shape[axis] ?? 0;
    const paddings = dy.shape.map((_, i): [number, number] =>
      i === axis ? [at, size - at - length] : [0, 0],
    );
    return tf.pad(tf.reverse(border, axis), paddings);
  };
  let sum = part(before, size);
  if (before > 0) sum = tf.add(sum, placed(part(0, before), offset));
  if (after > 0) sum = tf.add(sum, placed(part(before + size, after), size - offset - after));
  return sum;
}

/**
 * Returns `x` with its border mirrored outwards, the edge itself not repeated.
 *
 * @param x float32 [B, H, W, C]
 * @param padding pixels on each side, below H and W
 * @returns float32 [B, H + 2 padding, W + 2 padding, C]; the caller disposes it
 * @throws ShapeError when `padding` is not below H and W
 */
export function reflectPad(x: tf.Tensor4D, padding: number): tf.Tensor4D {
  const [, height, width] = x.shape;
  if (padding >= height || padding >= width) {
    throw new ShapeError(
      `reflectPad: padding must be below height and width, but got ${padding} for ${height}x${width}. Use larger images.`,
    );
  }
  if (tf.getBackend() === 'tensorflow' && gpuInUse() === undefined) {
    const padded = reflectNatively(x, padding);
    if (padded !== undefined) return padded;
  }
  return tf.mirrorPad(
    x,
    [
      [0, 0],
      [padding, padding],
      [padding, padding],
      [0, 0],
    ],
    'reflect',
  );
}
