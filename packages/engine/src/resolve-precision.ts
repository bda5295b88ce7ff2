import * as tf from '@tensorflow/tfjs';
import { checkBfloat16 } from './bfloat16.js';
import type { Precision } from './precision.js';

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
