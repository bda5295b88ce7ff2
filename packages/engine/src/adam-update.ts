import * as tf from '@tensorflow/tfjs';
import type { JanusBackend } from './native/native-backend.js';
import type { StepRecorder } from './graph/trace.js';
import type { AdamUpdate } from './graph/trace-variables.js';

/**
 * Updates a variable and its two slots in place: one operation in a compiled step, tensor arithmetic
 * elsewhere. On the `tensorflow` engine both give the same numbers bit for bit.
 *
 * Source: Kingma and Ba 2015, arXiv 1412.6980, algorithm 1 with the bias correction folded into
 * `alphaT` and `epsilonHat` (end of section 2).
 */
export function applyAdam(update: AdamUpdate): void {
  const { recorder } = tf.backend() as Partial<JanusBackend>;
  if (recorder !== undefined) {
    (recorder as StepRecorder).adam(update);
    return;
  }
  const { variable, m, v, gradient, alphaT, epsilonHat, beta1, beta2 } = update;
  tf.tidy(() => {
    m.assign(tf.add(m, tf.mul(tf.sub(gradient, m), complement(beta1))));
    v.assign(tf.add(v, tf.mul(tf.sub(tf.square(gradient), v), complement(beta2))));
    variable.assign(tf.sub(variable, tf.div(tf.mul(m, alphaT), tf.add(tf.sqrt(v), epsilonHat))));
  });
}

/** 1 - beta with beta in float32, as TensorFlow's operation has it: for 0.999, less by 1 part in 10^5. */
const complement = (beta: number): number => 1 - Math.fround(beta);
