import { join } from 'node:path';
import { readRun, SILENT, type Evaluation } from '@janus/core';
import type { SplitName } from '@janus/data';
import { readHeadsDescription } from '@janus/models';
import { startEngine, type ReadContext } from '../context.js';
import { whileLocked } from '../run-lock.js';
import { evaluateClassifierRun } from './classifier.js';
import { evaluateCycleGanRun } from './cyclegan.js';
import { evaluateTargetsRun } from './targets.js';

/** Options of {@link evaluateRun}. */
export interface EvaluateRunOptions extends ReadContext {
  /** Part of the data; default `test`. */
  readonly split?: SplitName;
  /**
   * Data folder, where it has moved since the training; of a CycleGAN: of both domains. Default: where it was. Images are
   * compared with those of the training by id and content.
   */
  readonly data?: string;
  /** Of a CycleGAN: folder of domain X alone, where it has moved. */
  readonly x?: string;
  /** Of domain Y alone. */
  readonly y?: string;
  /** Of a CycleGAN: folder of a classifier run that judges the fakes; default none. */
  readonly judge?: string;
  /**
   * Of a classifier on frozen layers: keeps what these make of the images in the data folder, where the next run on the
   * same layers finds it; default false.
   */
  readonly keepFeatures?: boolean;
  /** Of a CycleGAN: folders of classifier runs that tell which other attributes the fakes changed; default none. */
  readonly drift?: readonly string[];
}

/**
 * Measures a finished run on a split of its data, as it was when the run was trained: a data set that was split again
 * since does not change which images are measured. Writes `evaluation.json`, `card.md` and sheets into its
 * folder, and a classifier's `predictions.parquet`.
 *
 * @throws DataError when the folder holds no finished run, or the split is empty; OptionsError when the judge
 * does not know the domains; EnvironmentError when the run is being trained or evaluated
 */
export async function evaluateRun(
  run: string,
  options: EvaluateRunOptions = {},
): Promise<Evaluation> {
  const { split = 'test', data, x = data, y = data, judge, drift, reporter = SILENT } = options;
  const { keepFeatures = false } = options;
  const { kind } = await readRun(run);
  await startEngine(options);
  return await whileLocked({ folder: run, work: 'evaluation', reporter }, async () => {
    const context = { split, reporter };
    if (kind === 'classifier') {
      const classifierContext = {
        ...{ ...context, keepFeatures },
        ...(data === undefined ? {} : { data }),
      };
      const several = await readHeadsDescription(join(run, 'model'));
      return several === undefined
        ? await evaluateClassifierRun(run, classifierContext)
        : await evaluateTargetsRun(run, classifierContext);
    }
    return await evaluateCycleGanRun(run, {
      ...context,
      ...(judge === undefined ? {} : { judge }),
      ...(drift === undefined ? {} : { drift }),
      ...(options.engine === undefined ? {} : { engine: options.engine }),
      ...(x === undefined ? {} : { x }),
      ...(y === undefined ? {} : { y }),
    });
  });
}
