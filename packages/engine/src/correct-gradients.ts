import * as tf from '@tensorflow/tfjs';

let corrected = false;

/**
 * Replaces, once per process and for every engine, the gradient that tfjs 4.22 silently computes
 * wrong: that of `MirrorPad` drops what the mirrored border contributes.
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

/** How {@link reflectPadGradient}'s tensor was padded. */
interface MirrorPadding {
  /** Elements added before and after, per axis. */
  readonly paddings: readonly (readonly [number, number])[];
  /** `symmetric` repeats the edge, `reflect` does not. */
  readonly mode: 'reflect' | 'symmetric';
  /** Shape before the padding. */
  readonly shape: readonly number[];
}

/**
 * Returns the gradient of a mirror padding: the middle of `dy`, plus each border folded back onto
 * the pixels that it mirrors, one axis after the other.
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
  /** 0: the edge is repeated (symmetric); 1: it is not (reflect). */
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
