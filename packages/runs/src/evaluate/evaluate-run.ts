import { readRun, SILENT, type Evaluation } from '@janus/core';
import type { SplitName } from '@janus/data';
import { startEngine, type ReadContext } from '../context.js';
import { whileLocked } from '../run-lock.js';
import { evaluateClassifierRun } from './classifier.js';
import { evaluateCycleGanRun } from './cyclegan.js';

/** Options of {@link evaluateRun}. */
export interface EvaluateRunOptions extends ReadContext {
  /** Part of the data; default `test`. */
  readonly split?: SplitName;
  /** Of a CycleGAN: folder of a classifier run that judges the fakes; default none. */
  readonly judge?: string;
}

/**
 * Measures a finished run on a split of its data; writes `evaluation.json`, `card.md` and sheets into its
 * folder, and a classifier's `predictions.parquet`.
 *
 * @throws DataError when the folder holds no finished run; OptionsError when the split is empty or the judge
 * does not know the domains; EnvironmentError when the run is being trained or evaluated
 */
export async function evaluateRun(
  run: string,
  options: EvaluateRunOptions = {},
): Promise<Evaluation> {
  const { split = 'test', judge, reporter = SILENT } = options;
  const { kind } = await readRun(run);
  await startEngine(options);
  return await whileLocked({ folder: run, work: 'evaluation', reporter }, async () => {
    if (kind === 'classifier') return await evaluateClassifierRun(run, { split, reporter });
    const judged = judge === undefined ? {} : { judge };
    return await evaluateCycleGanRun(run, { split, reporter, ...judged });
  });
}
