import * as tf from '@tensorflow/tfjs';

/**
 * Lets events of the process come through, an interruption among them, and throws the reason of a signal that is aborted;
 * does nothing without one. For loops that hold the thread otherwise: an engine may compute in it.
 */
export async function passSignal(signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return;
  await tf.nextFrame();
  signal.throwIfAborted();
}
