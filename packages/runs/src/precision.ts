import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { JanusError, readRun, type Reporter } from '@janus/core';
import {
  choosePrecision,
  resolvePrecision,
  type Precision,
  type PrecisionChoice,
} from '@janus/engine';
import type { ExistingRun } from './context.js';

/** Options whose precision is decided, as run.json holds them. */
export type WithPrecision<Options> = Omit<Options, 'precision'> & { readonly precision: Precision };

/**
 * Returns a training's options with the precision that it computes in: for `auto` that of the run to
 * resume, else the one that this machine is faster in, which a line reports.
 *
 * @param choose as `choosePrecision` of the engine, which must be started
 * @throws EnvironmentError when it is `bfloat16` and the hardware would have to emulate it
 */
export async function decidePrecision<Options extends { readonly precision: PrecisionChoice }>(
  options: Options,
  run: {
    readonly folder: string;
    readonly existing: ExistingRun;
    readonly reporter: Pick<Reporter, 'log'>;
  },
  choose: typeof choosePrecision = choosePrecision,
): Promise<WithPrecision<Options>> {
  const { folder, existing, reporter } = run;
  let choice: PrecisionChoice = options.precision;
  if (choice === 'auto' && existing === 'resume' && existsSync(join(folder, 'run.json'))) {
    const recorded = (await readRun(folder)).options['precision'];
    choice = recorded === 'bfloat16' ? 'bfloat16' : 'float32';
  }
  const { precision, ratio } = await choose(choice);
  if (ratio !== undefined) {
    reporter.log(
      `Precision: ${precision}; bfloat16 is ${ratio.toFixed(1)} times as fast as float32 here`,
    );
  }
  return { ...options, precision };
}

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
