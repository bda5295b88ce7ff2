/** What `seeds.json` holds of a translation that was trained with several seeds. */
import { join } from 'node:path';
import { z } from 'zod';
import { readJsonFile, writeJson } from './files.js';
import {
  SEED_RUNS_SCHEMA,
  SEEDS_FILE,
  SEEDS_LEFT_SCHEMA,
  SEEDS_MEAN_SCHEMA,
  SEEDS_SCHEMA,
  type SeedRun,
  type SeedsLeft,
  type SeedsMean,
  type SeedsRecord,
} from './seeds-record.js';

/** One direction over the seeds whose runs are finished. */
export interface SeedsDirection {
  /** Images that each run translated. */
  readonly n: number;
  /**
   * By place in the evaluation: `judgedAsTarget`, `twinError.features`, `drift.glasses`; of an interval or a distance, its
   * value for the fakes. Those that all the runs have.
   */
  readonly measures: Readonly<Record<string, SeedsMean>>;
}

/** A CycleGAN trained with several seeds, measured on the same test images. */
export interface TranslationSeedsRecord {
  readonly format: 1;
  readonly kind: 'cyclegan';
  /** Titles of the domains. */
  readonly domains: { readonly x: string; readonly y: string };
  /** Folder of the classifier run that judged; null: none. */
  readonly judge: string | null;
  /** Part of the data that was measured. */
  readonly split: 'test';
  /** Runs that are finished and evaluated. */
  readonly runs: readonly SeedRun[];
  /** Absent while no run is finished. */
  readonly xToY?: SeedsDirection | undefined;
  readonly yToX?: SeedsDirection | undefined;
  /** How the interval was made, in a sentence. */
  readonly intervalMethod: string;
  readonly left: readonly SeedsLeft[];
}

const direction: z.ZodType<SeedsDirection> = z.object({
  n: z.number(),
  measures: z.record(z.string(), SEEDS_MEAN_SCHEMA),
});

const schema: z.ZodType<TranslationSeedsRecord> = z.object({
  format: z.literal(1),
  kind: z.literal('cyclegan'),
  domains: z.object({ x: z.string(), y: z.string() }),
  judge: z.string().nullable(),
  split: z.literal('test'),
  runs: SEED_RUNS_SCHEMA,
  xToY: direction.optional(),
  yToX: direction.optional(),
  intervalMethod: z.string(),
  left: SEEDS_LEFT_SCHEMA,
});

/** Writes `seeds.json`, whole or not at all; creates the folder if it does not exist. */
export async function writeTranslationSeeds(
  folder: string,
  record: TranslationSeedsRecord,
): Promise<void> {
  await writeJson(join(folder, SEEDS_FILE), record);
}

/**
 * Returns the record in a folder's `seeds.json`; `undefined` when it does not exist.
 *
 * @throws DataError when it is not such a record
 */
export async function readTranslationSeeds(
  folder: string,
): Promise<TranslationSeedsRecord | undefined> {
  return await readJsonFile(
    join(folder, SEEDS_FILE),
    schema,
    'Repeat the training with --seeds, which writes it again, or name another folder.',
  );
}

/**
 * Returns the record in a folder's `seeds.json`, of a classifier or of a translation; `undefined` when it does not exist.
 *
 * @throws DataError when it is neither
 */
export async function readSeedsOfEither(
  folder: string,
): Promise<SeedsRecord | TranslationSeedsRecord | undefined> {
  return await readJsonFile(
    join(folder, SEEDS_FILE),
    z.union([schema, SEEDS_SCHEMA]),
    'Repeat the training with --seeds, which writes it again.',
  );
}
