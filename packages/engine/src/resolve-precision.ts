import * as tf from '@tensorflow/tfjs';
import { checkBfloat16 } from './bfloat16.js';
import type { Precision } from './precision.js';

/**
 * Returns what compiled work computes in when asked for `precision`: float32 on other engines than
 * `tensorflow`.
 *
 * @throws OptionsError when it is `bfloat16` and what computes would have to emulate it
 */
export function resolvePrecision(precision: Precision): Precision {
  if (precision === 'float32' || tf.getBackend() !== 'tensorflow') return 'float32';
  checkBfloat16();
  return precision;
}
