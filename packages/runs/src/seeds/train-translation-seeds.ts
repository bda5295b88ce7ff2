/** A CycleGAN trained with several seeds. */
import {
  readTranslationSeeds,
  SILENT,
  writeTranslationSeeds,
  type TranslationSeedsRecord,
} from '@janus/core';
import { startEngine } from '../context.js';
import { defaultTranslationFolder } from '../cyclegan/open-translation.js';
import type { CycleGanRunOptions } from '../cyclegan/options.js';
import { trainingSides } from '../cyclegan/pairs.js';
import { trainCycleGan } from '../cyclegan/train.js';
import { openJudge } from '../evaluate/judge.js';
import { recordOfTranslation, testEvaluationOf } from '../sweep/finished-translation.js';
import { measureDirectionSeeds } from './measure-translation-seeds.js';
import {
  checkSeeds,
  trainSeedRuns,
  type SeedsContext,
  type SeedsEnd,
  type SeedsSoFar,
} from './seed-runs.js';

/** Options of {@link trainCycleGanSeeds}: those of a run, whose `seed` is the first. */
export interface TrainTranslationSeedsOptions extends CycleGanRunOptions {
  /** How many seeds, from 2; the runs have `seed`, `seed + 1` and so on. */
  readonly seeds: number;
  /** Folder of a classifier run that judges the fakes; default none. */
  readonly judge?: string | undefined;
}

/** The measures over all seeds, and how the call ended. */
export interface TranslationSeedsResult extends TranslationSeedsRecord, SeedsEnd {}

const INTERVAL_METHOD =
  "Student's t over the seeds, 95 %: where the mean of other seeds would lie on these images";

/**
 * Trains a CycleGAN with several seeds, evaluates each run on its test split as `evaluateRun` does, and writes `seeds.json`
 * after each: the mean of every measure of the fakes, and how much the seeds vary it. Finished runs are kept, a stopped one
 * is resumed; those that another judge has measured are measured again.
 *
 * @throws OptionsError when there are fewer than two seeds, the judge does not know the domains, or a folder holds a run of
 * other options or data; what `trainCycleGan` and `evaluateRun` throw
 */
export async function trainCycleGanSeeds(
  { seeds: count, judge, ...options }: TrainTranslationSeedsOptions,
  context: SeedsContext = {},
): Promise<TranslationSeedsResult> {
  checkSeeds(count, 2);
  const { x, y } = await trainingSides(options);
  const domains = { x: x.title, y: y.title };
  const { folder = `${defaultTranslationFolder('cyclegan', { x, y })}-seeds` } = context;
  const before = await readTranslationSeeds(folder);
  if (judge !== undefined) {
    // Before the trainings, which take hours: a judge that does not know the domains ends here.
    await startEngine({ ...context, reporter: SILENT });
    (await openJudge(judge, [x, y], SILENT)).dispose();
  }
  const keep = async (found: SeedsSoFar): Promise<TranslationSeedsRecord> => {
    const record = await recordOf(found, { domains, judge, context });
    await writeTranslationSeeds(folder, record);
    return record;
  };
  const found = await trainSeedRuns({
    places: Array.from({ length: count }, (_, i) => ({ seed: options.seed + i })),
    ...{ folder, context, before, keep },
    recordOf: async (run, { seed }) => await recordOfTranslation(run, { ...options, seed }),
    train: async (runContext, { seed }) => await trainCycleGan({ ...options, seed }, runContext),
    evaluate: async (run) => {
      await testEvaluationOf(run, judge, context);
    },
  });
  return { ...(await keep(found)), folder, finished: found.left.length === 0 };
}

/** Returns what is known over the seeds that are done. */
async function recordOf(
  { done, left }: SeedsSoFar,
  {
    domains,
    judge,
    context,
  }: Pick<TranslationSeedsRecord, 'domains'> &
    Pick<TrainTranslationSeedsOptions, 'judge'> & { readonly context: SeedsContext },
): Promise<TranslationSeedsRecord> {
  // They are there: a run is done when it is evaluated.
  const evaluations = await Promise.all(
    done.map(async ({ run }) => await testEvaluationOf(run, judge, context)),
  );
  const measured =
    evaluations.length === 0
      ? {}
      : {
          xToY: measureDirectionSeeds(evaluations.map(({ xToY }) => xToY)),
          yToX: measureDirectionSeeds(evaluations.map(({ yToX }) => yToX)),
        };
  return {
    ...{ format: 1, kind: 'cyclegan', domains, judge: judge ?? null, split: 'test' },
    ...{ runs: done, ...measured, intervalMethod: INTERVAL_METHOD, left },
  };
}
