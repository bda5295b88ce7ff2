import { join } from 'node:path';
import { OptionsError, readRun, SILENT, type DistanceFeatures, type Evaluation } from '@janus/core';
import { readHeadsDescription } from '@janus/models';
import { setsAttributes } from '../attributes/options.js';
import { startEngine, type StoppableContext } from '../context.js';
import { whileLocked } from '../run-lock.js';
import { evaluateClassifierRun, type ClassifierEvaluationOptions } from './classifier.js';
import { evaluateAttributesRun } from './attributes.js';
import { evaluateCutRun } from './cut.js';
import { evaluateCycleGanRun } from './cyclegan.js';
import { evaluateTargetsRun } from './targets.js';

/** Options of {@link evaluateRun}. */
export interface EvaluateRunOptions extends StoppableContext, ClassifierEvaluationOptions {
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
  /**
   * Of a CycleGAN: the network over whose features sets of images are compared; default `vgg16`, which needs no file.
   * `inception-v3` is what the FID, KID and Inception Score are defined on, and needs `weights`.
   */
  readonly features?: DistanceFeatures;
  /** Of a CycleGAN: file of the weights of `features`; default those of VGG-16 in the cache. */
  readonly weights?: string;
}

/**
 * Measures a finished run on a split of its data, as it was when the run was trained: a data set that was split again
 * since does not change which images are measured. Writes `evaluation.json`, `card.md` and sheets into its
 * folder, and a classifier's `predictions.parquet`; of a classifier on another data set, which shares no image with the
 * run's, `evaluation-<name>.json` and `predictions-<name>.parquet`. The first evaluation of a classifier fits its
 * temperature on the validation images and keeps it in `model/janus.json`.
 *
 * @throws DataError when the folder holds no finished run, or the split is empty; OptionsError when the judge
 * does not know the domains, or an option has no meaning for the run; EnvironmentError when the run is being trained or
 * evaluated; the reason of `signal` when that is aborted: the evaluation that the run had is then still there
 */
export async function evaluateRun(
  run: string,
  options: EvaluateRunOptions = {},
): Promise<Evaluation> {
  const { data, x = data, y = data, reporter = SILENT, ...asked } = options;
  const { judge, drift, features, weights, keepFeatures = false } = options;
  const { kind } = await readRun(run);
  const several =
    kind === 'classifier' ? await readHeadsDescription(join(run, 'model')) : undefined;
  if (kind !== 'classifier') checkPlainOptions(asked, 'a translation');
  else checkTranslationOptions(options);
  if (several !== undefined) {
    const sliced = { slices: undefined, minCell: undefined };
    checkPlainOptions({ ...asked, ...sliced }, 'of several targets or a number');
  }
  await startEngine(options);
  return await whileLocked({ folder: run, work: 'evaluation', reporter }, async () => {
    if (kind === 'classifier') {
      const context = {
        ...{ ...asked, keepFeatures, reporter },
        ...(data === undefined ? {} : { data }),
      };
      return several === undefined
        ? await evaluateClassifierRun(run, context)
        : await evaluateTargetsRun(run, context);
    }
    const how = {
      ...{ split: asked.split ?? 'test', reporter, signal: options.signal },
      ...(judge === undefined ? {} : { judge }),
      ...(drift === undefined ? {} : { drift }),
      ...(features === undefined ? {} : { features }),
      ...(weights === undefined ? {} : { weights }),
      ...(options.engine === undefined ? {} : { engine: options.engine }),
    } as const;
    if (setsAttributes(kind)) {
      return await evaluateAttributesRun(run, { ...how, ...(data === undefined ? {} : { data }) });
    }
    const evaluate = kind === 'cut' ? evaluateCutRun : evaluateCycleGanRun;
    return await evaluate(run, {
      ...how,
      ...(x === undefined ? {} : { x }),
      ...(y === undefined ? {} : { y }),
    });
  });
}

/** Options that only a classifier of one target has, and their flags. */
const ONE_TARGET_ONLY = {
  target: '--target',
  classes: '--classes',
  against: '--against',
  baseline: '--baseline',
  robustness: '--robustness',
  slices: '--slices',
  minCell: '--min-cell',
} as const;

/** Throws an OptionsError for what a run of another kind cannot be asked. */
function checkPlainOptions(asked: ClassifierEvaluationOptions, kind: string): void {
  for (const [name, flag] of Object.entries(ONE_TARGET_ONLY)) {
    const value = asked[name as keyof typeof ONE_TARGET_ONLY];
    if (value === undefined || value === false) continue;
    throw new OptionsError(
      `${flag}: is for a classifier of one target with classes, but this run is ${kind}. Leave it out, or name another run.`,
    );
  }
}

/** Options that only a CycleGAN has, and their flags. */
const CYCLEGAN_ONLY = {
  judge: '--judge',
  drift: '--drift',
  features: '--features',
  weights: '--weights',
} as const;

/** Throws an OptionsError for what only a CycleGAN can be asked. */
function checkTranslationOptions(asked: EvaluateRunOptions): void {
  for (const [name, flag] of Object.entries(CYCLEGAN_ONLY)) {
    if (asked[name as keyof typeof CYCLEGAN_ONLY] === undefined) continue;
    throw new OptionsError(
      `${flag}: is for a CycleGAN, but this run is a classifier. Leave it out, or name another run.`,
    );
  }
}
