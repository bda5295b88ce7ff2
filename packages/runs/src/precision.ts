import { JanusError, type Reporter } from '@janus/core';
import { resolvePrecision, type Precision } from '@janus/engine';

/**
 * Returns what a run's predictions are computed in: what it was trained in. Its weights are float32,
 * so that it can be used on a machine without bfloat16 too; a line then reports float32.
 *
 * @param resolve as `resolvePrecision` of the engine
 */
export function precisionOfRun(
  { precision }: { readonly precision: Precision },
  reporter: Pick<Reporter, 'log'>,
  resolve: (precision: Precision) => Precision = resolvePrecision,
): Precision {
  if (precision !== 'bfloat16') return 'float32';
  try {
    return resolve('bfloat16');
  } catch (error) {
    if (!(error instanceof JanusError)) throw error;
    reporter.log('Precision: float32, because this machine has no bfloat16 to repeat the run in.');
    return 'float32';
  }
}
