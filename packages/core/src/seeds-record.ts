/** What `seeds.json` holds of a classifier that was trained with several seeds. */
import { join } from 'node:path';
import { z } from 'zod';
import { INTERVAL_SCHEMA } from './evaluated-images.js';
import { readJsonFile, writeJson } from './files.js';
import type { Interval } from './statistics.js';
import type { MeanInterval } from './student.js';

/** A measure over all seeds; which measure its name says. */
export interface SeedsMean {
  /** Of each run, in the order of the seeds. */
  readonly values: readonly number[];
  /**
   * Mean over the seeds, and where that of other seeds would lie on the same images: Student's t with one degree of
   * freedom less than seeds; null for one seed, which tells no variation.
   */
  readonly seeds: MeanInterval | null;
}

/** A measure over all seeds of a classifier. */
export interface SeedsMeasure extends SeedsMean {
  /**
   * The same mean, and where it would lie on other images with the same runs: people resampled, the images of one person
   * together, 95 %.
   */
  readonly images: Interval;
}

/** A run of a seed. */
export interface SeedRun {
  readonly seed: number;
  /** The fold that it is tested on, where each seed trains one run a fold. */
  readonly fold?: number | undefined;
  /** Folder of the run. */
  readonly run: string;
  /** Wall-clock time of its training; features that an earlier run kept are not in it. */
  readonly seconds: number;
  /** Updates of all its phases. */
  readonly updates: number;
}

/** A seed whose run is not finished. */
export interface SeedsLeft {
  readonly seed: number;
  /** Its fold, where each seed trains one run a fold. */
  readonly fold?: number | undefined;
  /** Time that was spent on it. */
  readonly seconds: number;
}

/** A classifier trained with several seeds, measured on the same test images. */
export interface SeedsRecord {
  readonly format: 1;
  /** Name of the data set. */
  readonly data: string;
  /** The option of the runs: label column, or several with commas. */
  readonly target: string;
  /** Fold of a cross-validation; absent without folds, and where each seed trains all of them. */
  readonly fold?: number | undefined;
  /** Folds that each seed deals the images into and trains a run for; absent where a seed is one run. */
  readonly folds?: number | undefined;
  /** Part of the data that was measured. */
  readonly split: 'test';
  /** Runs that are finished and evaluated. */
  readonly runs: readonly SeedRun[];
  /** By target: images, and measures over the seeds whose runs are finished by name (`accuracy`, `balancedAccuracy`, of a number `mae`). */
  readonly targets: Readonly<
    Record<
      string,
      { readonly n: number; readonly measures: Readonly<Record<string, SeedsMeasure>> }
    >
  >;
  /** How the two intervals were made, in a sentence. */
  readonly intervalMethod: string;
  /** Set where the seed decides nothing, so that all runs are equal: why. */
  readonly note?: string | undefined;
  readonly left: readonly SeedsLeft[];
}

const meanShape = {
  values: z.array(z.number()),
  seeds: z
    .object({ value: z.number(), low: z.number(), high: z.number(), deviation: z.number() })
    .nullable(),
};

/** A {@link SeedsMean} in a file. */
export const SEEDS_MEAN_SCHEMA: z.ZodType<SeedsMean> = z.object(meanShape);

const measure: z.ZodType<SeedsMeasure> = z.object({ ...meanShape, images: INTERVAL_SCHEMA });

/** The {@link SeedRun}s of a file. */
export const SEED_RUNS_SCHEMA: z.ZodType<readonly SeedRun[]> = z.array(
  z.object({
    ...{ seed: z.number(), fold: z.number().optional(), run: z.string() },
    ...{ seconds: z.number(), updates: z.number() },
  }),
);

/** The {@link SeedsLeft} of a file. */
export const SEEDS_LEFT_SCHEMA: z.ZodType<readonly SeedsLeft[]> = z.array(
  z.object({ seed: z.number(), fold: z.number().optional(), seconds: z.number() }),
);

/** A {@link SeedsRecord} in a file. */
export const SEEDS_SCHEMA: z.ZodType<SeedsRecord> = z.object({
  format: z.literal(1),
  data: z.string(),
  target: z.string(),
  fold: z.number().optional(),
  folds: z.number().optional(),
  split: z.literal('test'),
  runs: SEED_RUNS_SCHEMA,
  targets: z.record(
    z.string(),
    z.object({ n: z.number(), measures: z.record(z.string(), measure) }),
  ),
  intervalMethod: z.string(),
  note: z.string().optional(),
  left: SEEDS_LEFT_SCHEMA,
});

/** Name of the file in the folder of the seeds. */
export const SEEDS_FILE = 'seeds.json';

/** Writes `seeds.json`, whole or not at all; creates the folder if it does not exist. */
export async function writeSeeds(folder: string, record: SeedsRecord): Promise<void> {
  await writeJson(join(folder, SEEDS_FILE), record);
}

/**
 * Returns the record in a folder's `seeds.json`; `undefined` when it does not exist.
 *
 * @throws DataError when it is not such a record
 */
export async function readSeeds(folder: string): Promise<SeedsRecord | undefined> {
  return await readJsonFile(
    join(folder, SEEDS_FILE),
    SEEDS_SCHEMA,
    'Repeat the training with --seeds, which writes it again.',
  );
}
