import * as tf from '@tensorflow/tfjs';
import { addressOf, FLOAT, turn, unwritten } from './loops.js';

/** Rearranges pixels by operations that are fast on the wasm engine: pads, slices, concatenations. */

/** Smaller matrices of a stack are transposed by tfjs, since each of our products costs a call. */
const SMALL_MATRIX = 16;

/**
 * Returns a stack of matrices, each transposed. tfjs's transpose, which reads a cache line per number,
 * takes ten times as long.
 *
 * @param x any dtype, [N, rows, columns]
 * @returns [N, columns, rows]; the caller disposes it
 */
export function turnMatrices(x: tf.Tensor3D): tf.Tensor3D {
  const [count, rows, columns] = x.shape;
  if (rows === 1 || columns === 1) return tf.reshape(x, [count, columns, rows]);
  const size = rows * columns;
  if (x.dtype !== 'float32' || size < SMALL_MATRIX) return tf.transpose(x, [0, 2, 1]);
  const turned = unwritten<tf.Rank.R3>([count, columns, rows]);
  for (let i = 0; i < count; i++) {
    turn(
      { at: addressOf(x) + i * size * FLOAT, step: columns * FLOAT },
      { at: addressOf(turned) + i * size * FLOAT, step: rows * FLOAT },
      { rows, columns },
    );
  }
  return turned;
}

/**
 * Returns the kernel of the backward convolution: the taps in reverse order, each transposed. The
 * function is its own inverse.
 *
 * @param filter float32 [kh, kw, Ci, Co]
 * @returns float32 [kh, kw, Co, Ci]; the caller disposes it
 */
export function backwards(filter: tf.Tensor4D): tf.Tensor4D {
  const [height, width, rows, columns] = filter.shape;
  const turned = unwritten<tf.Rank.R4>([height, width, columns, rows]);
  const tap = rows * columns * FLOAT;
  for (let i = 0; i < height * width; i++) {
    turn(
      { at: addressOf(filter) + i * tap, step: columns * FLOAT },
      { at: addressOf(turned) + (height * width - 1 - i) * tap, step: rows * FLOAT },
      { rows, columns },
    );
  }
  return turned;
}

/** A window on an image, in pixels; it may begin before the image and end within it or after it. */
export interface Frame {
  /** Rows and columns that it begins before the image; negative: within it. */
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/**
 * Returns a window of each image, with the value `outside` (default 0) around the image.
 *
 * @param x [B, H, W, C]
 * @returns [B, height, width, C]; `x` itself when it is the whole image
 */
export function frame(
  x: tf.Tensor4D,
  { top, left, height, width }: Frame,
  outside = 0,
): tf.Tensor4D {
  const [batch, rows, columns, channels] = x.shape;
  const above = Math.max(0, top);
  const before = Math.max(0, left);
  const below = Math.max(0, height - top - rows);
  const after = Math.max(0, width - left - columns);
  let framed = x;
  if (above + before + below + after > 0) {
    framed = tf.pad4d(
      x,
      [
        [0, 0],
        [above, below],
        [before, after],
        [0, 0],
      ],
      outside,
    );
  }
  if (framed.shape[1] === height && framed.shape[2] === width) return framed;
  const corner: [number, number, number, number] = [0, Math.max(0, -top), Math.max(0, -left), 0];
  return tf.slice4d(framed, corner, [batch, height, width, channels]);
}

/**
 * Returns the phases of a stride of `[down, across]`: `phases[i][j]` holds the pixels at rows `i`,
 * `i + down`, ... and columns `j`, `j + across`, ...
 *
 * @param x [B, H, W, C], H and W multiples of the stride
 * @returns each [B, H / down, W / across, C]
 */
export function splitPhases(
  x: tf.Tensor4D,
  [down, across]: readonly [number, number],
): tf.Tensor4D[][] {
  if (down === 1 && across === 1) return [[x]];
  const [batch, height, width, channels] = x.shape;
  const [rows, columns] = [height / down, width / across];
  const strips = tf.reshape<tf.Rank.R4>(x, [batch * rows, down, columns, across * channels]);
  return Array.from({ length: down }, (_row, i) =>
    Array.from({ length: across }, (_column, j) =>
      tf.reshape(
        tf.slice4d(strips, [0, i, 0, j * channels], [batch * rows, 1, columns, channels]),
        [batch, rows, columns, channels],
      ),
    ),
  );
}

/** Returns the images that have these phases: the inverse of {@link splitPhases}. */
export function joinPhases(phases: readonly (readonly tf.Tensor4D[])[]): tf.Tensor4D {
  const first = phases[0]?.[0];
  if (first === undefined) throw new Error('an image has at least one phase');
  const [batch, rows, columns, channels] = first.shape;
  const down = phases.length;
  const across = phases[0]?.length ?? 1;
  if (down === 1 && across === 1) return first;
  const strips = phases.map((row) =>
    tf.reshape(across === 1 ? (row[0] ?? first) : tf.concat([...row], 3), [
      batch * rows,
      1,
      columns * across * channels,
    ]),
  );
  return tf.reshape(strips.length === 1 ? (strips[0] ?? first) : tf.concat(strips, 1), [
    batch,
    rows * down,
    columns * across,
    channels,
  ]);
}
