/** What `quality.json` holds: how good recipes of a translation are after how many minutes of training. */
import { join } from 'node:path';
import { z } from 'zod';
import { readJsonFile, writeJson } from './files.js';
import {
  TRANSLATION_MEASURES_SCHEMA as measures,
  type TranslationMeasures,
} from './translation-sweep-record.js';

/** A training that was stopped and measured. */
export interface QualityPoint {
  /** Name of its recipe. */
  readonly recipe: string;
  readonly seed: number;
  /** Updates so far. */
  readonly updates: number;
  /** Wall-clock minutes of training so far, with checkpoints and samples, without evaluations. */
  readonly minutes: number;
  readonly xToY: TranslationMeasures;
  readonly yToX: TranslationMeasures;
}

/** Recipes of a translation, measured while they trained. */
export interface QualityRecord {
  readonly format: 1;
  /** What the domains are called. */
  readonly domains: { readonly x: string; readonly y: string };
  /** Folder of the classifier run that judged; null: none. */
  readonly judge: string | null;
  /** What computed, as run records have it. */
  readonly engine: string;
  /** With the updates of a whole training. */
  readonly recipes: readonly { readonly name: string; readonly updates: number }[];
  /** In the order in which they were measured. */
  readonly points: readonly QualityPoint[];
}

const schema: z.ZodType<QualityRecord> = z.object({
  format: z.literal(1),
  domains: z.object({ x: z.string(), y: z.string() }),
  judge: z.string().nullable(),
  engine: z.string(),
  recipes: z.array(z.object({ name: z.string(), updates: z.number() })),
  points: z.array(
    z.object({
      recipe: z.string(),
      seed: z.number(),
      updates: z.number(),
      minutes: z.number(),
      xToY: measures,
      yToX: measures,
    }),
  ),
});

/** Name of the file in the folder of the runs. */
export const QUALITY_FILE = 'quality.json';

/** Writes `quality.json`, whole or not at all; creates the folder if it does not exist. */
export async function writeQuality(folder: string, record: QualityRecord): Promise<void> {
  await writeJson(join(folder, QUALITY_FILE), record);
}

/**
 * Returns the record in a folder's `quality.json`; `undefined` when it does not exist.
 *
 * @throws DataError when it is not such a record
 */
export async function readQuality(folder: string): Promise<QualityRecord | undefined> {
  return await readJsonFile(
    join(folder, QUALITY_FILE),
    schema,
    'Measure again: `janus time-to-quality --help`.',
  );
}
