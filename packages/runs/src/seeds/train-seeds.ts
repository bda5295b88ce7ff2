/** A classifier trained with several seeds, or in the folds of a cross-validation. */
import { join } from 'node:path';
import {
  isFittedWhole,
  readEvaluation,
  readSeeds,
  SILENT,
  writeSeeds,
  type ClassifierEvaluation,
  type SeedRun,
  type SeedsLeft,
  type SeedsRecord,
  type TargetsEvaluation,
} from '@janus/core';
import { openDataset, type Dataset } from '@janus/data';
import { copiesOf } from '../classifier/augment-frozen.js';
import type { ClassifierRunOptions } from '../classifier/options.js';
import { nameBackbone, type TrainClassifierOptions } from '../classifier/own-backbone.js';
import { runDataset } from '../classifier/run-dataset.js';
import { defaultClassifierFolder, trainClassifier } from '../classifier/train.js';
import { evaluateRun } from '../evaluate/evaluate-run.js';
import { recordOfRow } from '../sweep/finished-row.js';
import { measureSeeds, readSeedPredictions } from './measure-seeds.js';
import {
  checkSeeds,
  trainSeedRuns,
  type SeedsContext,
  type SeedsEnd,
  type SeedsSoFar,
} from './seed-runs.js';

/**
 * Options of {@link trainClassifierSeeds}: those of a run, whose `seed` is the first. With `folds` and no `fold`, each seed
 * is a cross-validation: it deals the images into folds of its own and trains a run for each, so that every image is
 * predicted once, by a run that was not trained on it.
 */
export type TrainSeedsOptions = TrainClassifierOptions & {
  /** How many seeds, from 2, or from 1 with folds; the runs have `seed`, `seed + 1` and so on. */
  readonly seeds: number;
};

/** The measures over all seeds, and how the call ended. */
export interface SeedsResult extends SeedsRecord, SeedsEnd {}

/** What is said of the two intervals. */
const INTERVAL_METHOD =
  "seeds: Student's t over the seeds, where the mean of others would lie on these images; images: 1,000 bootstrap resamples of people, where the mean of these runs would lie on other images; both 95 %";

/**
 * Trains a classifier with several seeds, or in the folds of a cross-validation, or both; evaluates each run on its test
 * split, and writes `seeds.json` after each: the mean of accuracy and balanced accuracy (of a number also the mean absolute
 * error), how much the seeds vary it, and how much the images do. Finished runs are skipped, a stopped one is resumed; features of frozen layers are computed once.
 *
 * @throws OptionsError when there are fewer than two seeds and no folds, or a folder holds a run of other options or data; what
 * `trainClassifier` and `evaluateRun` throw
 */
export async function trainClassifierSeeds(
  { seeds: count, ...given }: TrainSeedsOptions,
  context: SeedsContext = {},
): Promise<SeedsResult> {
  const folds = foldsOf(given);
  checkSeeds(count, folds.length > 1 ? 1 : 2);
  const { engine, reporter = SILENT, signal } = context;
  const { options } = nameBackbone(given);
  const dataset = await openDataset(options.data);
  const kind = folds.length > 1 ? 'folds' : 'seeds';
  const { folder = `${defaultClassifierFolder(dataset.name, options)}-${kind}` } = context;
  const note = noteOf(options);
  if (note !== undefined) reporter.log(`Seeds: ${note}`);
  const keep = async ({ done, left }: SeedsSoFar): Promise<SeedsRecord> => {
    const record = await recordOf({ options, dataset, done, left, note });
    await writeSeeds(folder, record);
    return record;
  };
  const seeds = Array.from({ length: count }, (_, i) => options.seed + i);
  const found = await trainSeedRuns({
    places: seeds.flatMap((seed) => folds.map((fold) => ({ seed, ...fold }))),
    ...{ folder, context, keep, before: await readSeeds(folder) },
    recordOf: async (run, place) => {
      const own = nameBackbone({ ...given, ...place }).options;
      return await recordOfRow(run, { options: own, dataHash: runDataset(dataset, own).hash });
    },
    train: async (runContext, place) => await trainClassifier({ ...given, ...place }, runContext),
    evaluate: async (run) => {
      if ((await testEvaluation(run)) !== undefined) return;
      await evaluateRun(run, {
        ...{ split: 'test', keepFeatures: true, reporter, signal },
        ...(engine === undefined ? {} : { engine }),
      });
    },
  });
  return { ...(await keep(found)), folder, finished: found.left.length === 0 };
}

/** Returns the folds that each seed trains, of which there is one without a number where it trains a single run. */
function foldsOf({
  fold,
  folds,
}: Pick<TrainClassifierOptions, 'fold' | 'folds'>): readonly { readonly fold?: number }[] {
  if (folds === undefined || fold !== undefined) return [{}];
  return Array.from({ length: folds }, (_, i) => ({ fold: i }));
}

/** Returns why all seeds give the same run; undefined where they do not. */
function noteOf(options: ClassifierRunOptions): string | undefined {
  const { trainImages, cut, folds } = options;
  const isRandom =
    folds !== undefined || trainImages !== undefined || cut === 'auto' || copiesOf(options) > 0;
  if (!isFittedWhole(options) || isRandom) return undefined;
  return 'a linear head on frozen layers is fitted exactly, with nothing random: all runs are equal. Vary the data instead (--folds, --train-images), or train by steps (--head 1x1024, --unfreeze).';
}

/** Returns a run's evaluation on the test split; undefined where it has none. */
async function testEvaluation(
  run: string,
): Promise<ClassifierEvaluation | TargetsEvaluation | undefined> {
  const found = await readEvaluation(join(run, 'evaluation.json'), 'classifier');
  const isOfClassifier = found?.kind === 'classifier' || found?.kind === 'targets';
  return isOfClassifier && found.split === 'test' ? found : undefined;
}

/** Returns what is known over the seeds that are done. */
async function recordOf(found: {
  readonly options: ClassifierRunOptions;
  readonly dataset: Dataset;
  readonly done: readonly SeedRun[];
  readonly left: readonly SeedsLeft[];
  readonly note: string | undefined;
}): Promise<SeedsRecord> {
  const { options, dataset, done, left, note } = found;
  const { target, fold, folds } = options;
  const [first] = done;
  const perSeed = foldsOf(options).length;
  const seeds = [...new Set(done.map(({ seed }) => seed))]
    .map((seed) => done.filter((each) => each.seed === seed))
    .filter((runs) => runs.length === perSeed);
  const evaluation = first === undefined ? undefined : await testEvaluation(first.run);
  const prefixes = seeds.length === 0 ? [] : prefixesOf(evaluation);
  const targets = await Promise.all(
    prefixes.map(async ([name, prefix]) => {
      const said = await Promise.all(
        seeds.map(async (runs) => {
          const ofFolds = runs.map(async ({ run }) => await readSeedPredictions(run, prefix));
          return (await Promise.all(ofFolds)).flat();
        }),
      );
      return [name, measureSeeds(said)] as const;
    }),
  );
  return {
    ...{ format: 1, data: dataset.name, target },
    ...(fold === undefined ? {} : { fold }),
    ...(folds === undefined ? {} : { folds }),
    ...{ split: 'test', runs: done, targets: Object.fromEntries(targets) },
    intervalMethod: INTERVAL_METHOD,
    ...(note === undefined ? {} : { note }),
    left,
  };
}

/** Returns the targets of an evaluation, each with what its columns of predictions begin with. */
function prefixesOf(
  evaluation: ClassifierEvaluation | TargetsEvaluation | undefined,
): readonly (readonly [string, string])[] {
  if (evaluation === undefined) return [];
  if (evaluation.kind === 'classifier') return [[evaluation.target, '']];
  return Object.keys(evaluation.targets).map((name) => [name, `${name}_`]);
}
