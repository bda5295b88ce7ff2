import * as tf from '@tensorflow/tfjs';

let corrected = false;

/**
 * Replaces gradients that tfjs 4.22 has silently wrong, for every engine:
 * `MirrorPad` drops what the mirrored border contributes.
 */
export function correctGradients(): void {
  if (corrected) return;
  corrected = true;
  tf.unregisterGradient('MirrorPad');
  tf.registerGradient({
    kernelName: 'MirrorPad',
    inputsToSave: ['x'],
    gradFunc: (dy, saved, attributes) => {
      const { paddings, mode } = attributes as unknown as {
        paddings: readonly (readonly [number, number])[];
        mode: 'reflect' | 'symmetric';
      };
      const [x] = saved;
      return {
        x: () => reflectPadGradient(dy as tf.Tensor, { paddings, mode, shape: x?.shape ?? [] }),
      };
    },
  });
}

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
