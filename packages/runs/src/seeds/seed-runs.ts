/** Runs that differ in their seed, or their fold, alone: trained and evaluated one after the other. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  OptionsError,
  type RunRecord,
  type SeedRun,
  type SeedsLeft,
  type SeedsRecord,
} from '@janus/core';
import { isStopped, type FinishedRun, type RunContext } from '../context.js';

/**
 * Where the runs go and who watches them: `folder`, by default that of the run with `-seeds` (or `-folds`) after it, gets a
 * run a seed, `seed-1` and so on, or a folder with a run a fold, `seed-1/fold-0`.
 */
export type SeedsContext = Omit<RunContext, 'existing' | 'extend'> & {
  /** Whether finished runs are trained again; default false: they are kept, and stopped ones resumed. */
  readonly overwrite?: boolean;
};

/** How a call ended that trains several seeds. */
export interface SeedsEnd {
  /** The folder of the runs, and of `seeds.json`. */
  readonly folder: string;
  /** False when it was interrupted: repeat it. */
  readonly finished: boolean;
}

/** Which run is meant. */
export interface SeedPlace {
  readonly seed: number;
  /** Where each seed trains one run a fold. */
  readonly fold?: number;
}

/** The runs that are finished and evaluated, and those that are not. */
export interface SeedsSoFar {
  readonly done: readonly SeedRun[];
  readonly left: readonly SeedsLeft[];
}

/** What {@link trainSeedRuns} trains. */
export interface SeedRuns {
  /** Of all runs. */
  readonly folder: string;
  readonly places: readonly SeedPlace[];
  readonly context: SeedsContext;
  /** What an earlier call wrote. */
  readonly before: Pick<SeedsRecord, 'runs' | 'left'> | undefined;
  /**
   * Returns the record of the run in a folder; undefined where there is none.
   *
   * @throws OptionsError when it is a run of other options or data
   */
  readonly recordOf: (run: string, place: SeedPlace) => Promise<RunRecord<object> | undefined>;
  readonly train: (context: RunContext, place: SeedPlace) => Promise<FinishedRun>;
  /** Evaluates a finished run on its test split, if it was not; the context's signal ends that. */
  readonly evaluate: (run: string) => Promise<void>;
  /** Keeps what is known whenever a run was trained. */
  readonly keep: (found: SeedsSoFar) => Promise<unknown>;
}

/** Trains and evaluates runs. Finished ones are kept, a stopped one is resumed. */
export async function trainSeedRuns(runs: SeedRuns): Promise<SeedsSoFar> {
  const done: SeedRun[] = [];
  const left: SeedsLeft[] = [];
  const { places, context, keep } = runs;
  for (const place of places) {
    const kept = await keptRun(runs, place);
    const isNew = kept === undefined && context.signal?.aborted !== true;
    const run = isNew ? await trainSeed(runs, place) : (kept ?? secondsBefore(runs, place));
    if (typeof run === 'number') left.push({ ...place, seconds: run });
    else done.push(run);
    if (isNew) await keep({ done, left });
  }
  return { done, left };
}

/**
 * Throws an OptionsError when the number of seeds is not a whole one.
 *
 * @param fewest that tell anything
 */
export function checkSeeds(count: number, fewest: number): void {
  if (Number.isInteger(count) && count >= fewest) return;
  throw new OptionsError(
    `--seeds: must be a whole number from ${fewest}, but got ${count}. Leave it out for one run, with --seed.`,
  );
}

const runFolder = ({ folder }: SeedRuns, { seed, fold }: SeedPlace): string =>
  join(folder, `seed-${seed}`, ...(fold === undefined ? [] : [`fold-${fold}`]));

/** Returns a run that an earlier call finished, evaluated if it was not; undefined where none did. */
async function keptRun(runs: SeedRuns, place: SeedPlace): Promise<SeedRun | number | undefined> {
  if (runs.context.overwrite === true) return undefined;
  const record = await runs.recordOf(runFolder(runs, place), place);
  if (record?.status !== 'finished') return undefined;
  const seconds = secondsBefore(runs, place) || Number(record.result?.['seconds'] ?? 0);
  return await evaluatedRun(runs, place, seconds);
}

/** Trains and evaluates a run; returns the time spent when it was interrupted. */
async function trainSeed(runs: SeedRuns, place: SeedPlace): Promise<SeedRun | number> {
  const { overwrite = false, ...context } = runs.context;
  const folder = runFolder(runs, place);
  const isBegun = existsSync(join(folder, 'run.json'));
  const { seed, fold } = place;
  context.reporter?.log(`Seed ${seed}${fold === undefined ? '' : `, fold ${fold}`}`);
  const existing = !isBegun ? 'refuse' : overwrite ? 'overwrite' : 'resume';
  const run = await untilStopped(runs.context, () =>
    runs.train({ ...context, folder, existing }, place),
  );
  if (run === undefined) return overwrite ? 0 : secondsBefore(runs, place);
  const seconds = (overwrite ? 0 : secondsBefore(runs, place)) + run.seconds;
  return run.finished ? await evaluatedRun(runs, place, seconds) : seconds;
}

/** Returns the time that earlier calls spent on a run. */
function secondsBefore({ before }: SeedRuns, place: SeedPlace): number {
  const isOwn = ({ seed, fold }: Pick<SeedRun, 'seed' | 'fold'>): boolean =>
    seed === place.seed && fold === place.fold;
  return (before?.runs.find(isOwn) ?? before?.left.find(isOwn))?.seconds ?? 0;
}

/** Returns a finished run, evaluated; the time spent when the evaluation was interrupted. */
async function evaluatedRun(
  runs: SeedRuns,
  place: SeedPlace,
  seconds: number,
): Promise<SeedRun | number> {
  const run = runFolder(runs, place);
  const isEvaluated = await untilStopped(runs.context, async () => {
    await runs.evaluate(run);
    return true;
  });
  if (isEvaluated === undefined) return seconds;
  const record = await runs.recordOf(run, place);
  return { ...place, run, updates: Number(record?.result?.['steps'] ?? 0), seconds };
}

/** Returns what work makes; undefined where the signal ended it. */
async function untilStopped<Made>(
  { signal }: SeedRuns['context'],
  work: () => Promise<Made>,
): Promise<Made | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!isStopped(error, signal)) throw error;
    return undefined;
  }
}
