import * as tf from '@tensorflow/tfjs';
import { checkBfloat16 } from './bfloat16.js';
import { measureSpeed, type MeasuredSpeed } from './measure-speed.js';
import type { Precision } from './precision.js';

/** A precision by name, or `auto`: the one that the hardware computes faster in. */
export type PrecisionChoice = Precision | 'auto';

/** What {@link choosePrecision} found. */
export interface ChosenPrecision {
  readonly precision: Precision;
  /** Speed of bfloat16 over that of float32, where both were measured. */
  readonly ratio?: number;
}

/** bfloat16 rounds to 8 bits, so it must win by more than a measurement's noise: by a tenth. */
const WORTH = 1.1;

/**
 * Returns the precision to compute in: the one asked for, or for `auto` bfloat16 where the hardware has
 * it and was just measured to multiply it faster than float32. Choose the engine first.
 *
 * @param measure as {@link measureSpeed}
 * @throws EnvironmentError when bfloat16 is asked for and the hardware would have to emulate it
 */
export async function choosePrecision(
  choice: PrecisionChoice,
  measure: () => Promise<MeasuredSpeed> = measureSpeed,
): Promise<ChosenPrecision> {
  if (choice !== 'auto') return { precision: resolvePrecision(choice) };
  if (tf.getBackend() !== 'tensorflow') return { precision: 'float32' };
  const { float32, bfloat16 } = await measure();
  if (bfloat16 === undefined) return { precision: 'float32' };
  const ratio = bfloat16 / float32;
  return { precision: ratio >= WORTH ? 'bfloat16' : 'float32', ratio };
}

/**
 * Returns the precision that a compiled step will compute in when asked for `precision`: float32 on
 * every engine but `tensorflow`. Choose the engine first.
 *
 * @throws EnvironmentError when it is `bfloat16` and the hardware would have to emulate it
 */
export function resolvePrecision(precision: Precision): Precision {
  if (precision === 'float32' || tf.getBackend() !== 'tensorflow') return 'float32';
  checkBfloat16();
  return precision;
}
