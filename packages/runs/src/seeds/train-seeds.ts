/** A classifier trained with several seeds. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  OptionsError,
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
import { datasetOfFold, openDataset, type Dataset } from '@janus/data';
import { copiesOf } from '../classifier/augment-frozen.js';
import type { ClassifierRunOptions } from '../classifier/options.js';
import { nameBackbone, type TrainClassifierOptions } from '../classifier/own-backbone.js';
import { isFittedPhase, phasesOf } from '../classifier/phases.js';
import { defaultClassifierFolder, trainClassifier } from '../classifier/train.js';
import type { RunContext } from '../context.js';
import { evaluateRun } from '../evaluate/evaluate-run.js';
import { recordOfRow } from '../sweep/finished-row.js';
import { measureSeeds, readSeedPredictions } from './measure-seeds.js';

/** Options of {@link trainClassifierSeeds}: those of a run, whose `seed` is the first. */
export type TrainSeedsOptions = TrainClassifierOptions & {
  /** How many seeds, from 2; the runs have `seed`, `seed + 1` and so on. */
  readonly seeds: number;
};

/**
 * Where the runs go and who watches them: `folder`, by default that of the run with `-seeds` after it, gets a run a seed,
 * `seed-1` and so on.
 */
export type SeedsContext = Omit<RunContext, 'existing' | 'extend'> & {
  /** Whether finished runs are trained again; default false: they are kept, and stopped ones resumed. */
  readonly overwrite?: boolean;
};

/** The measures over all seeds, and how the call ended. */
export interface SeedsResult extends SeedsRecord {
  /** The folder of the runs, and of `seeds.json`. */
  readonly folder: string;
  /** False when it was interrupted: repeat it. */
  readonly finished: boolean;
}

/** What is said of the two intervals. */
const INTERVAL_METHOD =
  "seeds: Student's t over the runs, where the mean of other seeds would lie on these images; images: 1,000 bootstrap resamples of people, where the mean of these runs would lie on other images; both 95 %";

/**
 * Trains a classifier with several seeds, evaluates each run on its test split, and writes `seeds.json` after each: the
 * mean of accuracy and balanced accuracy (of a number also the mean absolute error), how much the seeds vary it, and how
 * much the images do. Finished runs are skipped, a stopped one is resumed; features of frozen layers are computed once.
 *
 * @throws OptionsError when there are fewer than two seeds, or a folder holds a run of other options or data; what
 * `trainClassifier` and `evaluateRun` throw
 */
export async function trainClassifierSeeds(
  { seeds: count, ...given }: TrainSeedsOptions,
  context: SeedsContext = {},
): Promise<SeedsResult> {
  if (!Number.isInteger(count) || count < 2) {
    throw new OptionsError(
      `--seeds: must be a whole number from 2, but got ${count}. Leave it out for one run, with --seed.`,
    );
  }
  const { reporter = SILENT, signal } = context;
  const { options } = nameBackbone(given);
  const dataset = await openDataset(options.data);
  const { folder = `${defaultClassifierFolder(dataset.name, options)}-seeds` } = context;
  const note = noteOf(options);
  if (note !== undefined) reporter.log(`Seeds: ${note}`);
  const done: SeedRun[] = [];
  const left: SeedsLeft[] = [];
  const before = await readSeeds(folder);
  const tell = async (): Promise<SeedsRecord> => {
    const record = await recordOf({ options, dataset, done, left, note });
    await writeSeeds(folder, record);
    return record;
  };
  for (let i = 0; i < count; i++) {
    const seed = options.seed + i;
    const work = { given: { ...given, seed }, seed, dataset, context, before, folder };
    const kept = await keptRun(work);
    if (kept === undefined && signal?.aborted === true) {
      left.push({ seed, seconds: secondsBefore(work) });
      continue;
    }
    const run = kept ?? (await trainSeed(work));
    if (typeof run === 'number') left.push({ seed, seconds: run });
    else done.push(run);
    if (kept === undefined) await tell();
  }
  return { ...(await tell()), folder, finished: left.length === 0 };
}

/** Returns why all seeds give the same run; undefined where they do not. */
function noteOf(options: ClassifierRunOptions): string | undefined {
  const isFitted = phasesOf(options).every((phase) => isFittedPhase(phase, options));
  const { trainImages, cut } = options;
  const isRandom = trainImages !== undefined || cut === 'auto' || copiesOf(options) > 0;
  if (!isFitted || isRandom) return undefined;
  return 'a linear head on frozen layers is fitted exactly, with nothing random: all runs are equal. Vary the data instead (--fold, --train-images), or train by steps (--head 1x1024, --unfreeze).';
}

/** The run of a seed. */
interface SeedWork {
  /** With its own seed. */
  readonly given: TrainClassifierOptions;
  readonly seed: number;
  readonly dataset: Dataset;
  readonly context: SeedsContext;
  /** What an earlier call wrote. */
  readonly before: SeedsRecord | undefined;
  /** Of all seeds. */
  readonly folder: string;
}

const runFolder = ({ folder, seed }: Pick<SeedWork, 'folder' | 'seed'>): string =>
  join(folder, `seed-${seed}`);

/** Returns the record of a seed's run; undefined where there is none. */
async function recordOfSeed(work: SeedWork): ReturnType<typeof recordOfRow> {
  const { given, dataset } = work;
  const { options } = nameBackbone(given);
  const { fold } = options;
  const dataHash = (fold === undefined ? dataset : datasetOfFold(dataset, fold)).hash;
  return await recordOfRow(runFolder(work), { options, dataHash });
}

/** Returns a run that an earlier call finished, evaluated if it was not; undefined where none did. */
async function keptRun(work: SeedWork): Promise<SeedRun | undefined> {
  if (work.context.overwrite === true) return undefined;
  const record = await recordOfSeed(work);
  return record?.status === 'finished' ? await finishedRun(work) : undefined;
}

/** Trains and evaluates a seed; returns the time spent when it was interrupted. */
async function trainSeed(work: SeedWork): Promise<SeedRun | number> {
  const { overwrite = false, ...context } = work.context;
  const isBegun = existsSync(join(runFolder(work), 'run.json'));
  context.reporter?.log(`Seed ${work.seed}`);
  const run = await trainClassifier(work.given, {
    ...context,
    folder: runFolder(work),
    existing: !isBegun ? 'refuse' : overwrite ? 'overwrite' : 'resume',
  });
  const seconds = (overwrite ? 0 : secondsBefore(work)) + run.seconds;
  return run.finished ? await finishedRun(work, seconds) : seconds;
}

/** Returns the time that earlier calls spent on a seed. */
function secondsBefore({ seed, before }: Pick<SeedWork, 'seed' | 'before'>): number {
  const isOwn = (each: { readonly seed: number }): boolean => each.seed === seed;
  return (before?.runs.find(isOwn) ?? before?.left.find(isOwn))?.seconds ?? 0;
}

/** Returns a seed whose run is finished; evaluates it where it was not. */
async function finishedRun(work: SeedWork, seconds?: number): Promise<SeedRun> {
  const run = runFolder(work);
  const { engine, reporter } = work.context;
  if ((await testEvaluation(run)) === undefined) {
    await evaluateRun(run, {
      ...{ split: 'test', keepFeatures: true },
      ...(engine === undefined ? {} : { engine }),
      ...(reporter === undefined ? {} : { reporter }),
    });
  }
  const record = await recordOfSeed(work);
  const count = (name: string): number => Number(record?.result?.[name] ?? 0);
  return {
    ...{ seed: work.seed, run, updates: count('steps') },
    seconds: seconds ?? (secondsBefore(work) || count('seconds')),
  };
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
  const { target, fold } = options;
  const [first] = done;
  const evaluation = first === undefined ? undefined : await testEvaluation(first.run);
  const prefixes = prefixesOf(evaluation);
  const targets = await Promise.all(
    prefixes.map(async ([name, prefix]) => {
      const runs = await Promise.all(
        done.map(async ({ run }) => await readSeedPredictions(run, prefix)),
      );
      return [name, measureSeeds(runs)] as const;
    }),
  );
  return {
    ...{ format: 1, data: dataset.name, target },
    ...(fold === undefined ? {} : { fold }),
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
