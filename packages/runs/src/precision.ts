import { OptionsError, type Reporter, type RunRecord } from '@janus/core';
import { resolvePrecision, type Precision } from '@janus/engine';

/**
 * Returns what a run's predictions are computed in: what it was trained in. Its weights are float32,
 * so that it can be used on a machine without bfloat16 too; a line says that it is float32 there.
 *
 * @param used as `resolvePrecision` of the engine
 */
export function precisionOfRun(
  { options }: Pick<RunRecord, 'options'>,
  reporter: Pick<Reporter, 'log'>,
  used: (precision: Precision) => Precision = resolvePrecision,
): Precision {
  if (options['precision'] !== 'bfloat16') return 'float32';
  try {
    return used('bfloat16');
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error;
    reporter.log('Precision: float32, because this machine has no bfloat16 to repeat the run in.');
    return 'float32';
  }
}
