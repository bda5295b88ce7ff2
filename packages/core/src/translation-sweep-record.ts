/** What `translations.json` holds: written by a sweep of translations, read by the report. */
import { join } from 'node:path';
import { z } from 'zod';
import { INTERVAL_SCHEMA as interval } from './evaluated-images.js';
import { readJsonFile, writeJson } from './files.js';
import type { Interval } from './statistics.js';
import type { SweepAccuracy, SweepFailure, SweepLeft } from './sweep-record.js';
import type { ShareIntervals } from './translation-record.js';
import { SHARE_INTERVALS_SCHEMA } from './translation-schemas.js';

/** What was measured of one direction of a row; absent: it could not be. */
export interface TranslationMeasures {
  readonly n: number;
  /** Share of fakes that the judge takes for the target. */
  readonly judgedAsTarget?: Interval | undefined;
  /** What gave the interval of `judgedAsTarget`; absent without a judge, and in older files, where it is `Wilson`. */
  readonly intervalMethod?: ShareIntervals | undefined;
  /** Kernel distance of the fakes to the real images of the target. */
  readonly kid?: number | undefined;
  /** The same of the originals: what leaving the images as they are would get. */
  readonly kidOriginals?: number | undefined;
  /** On generated faces: distance to the twins over that of the originals, in the judge's features. */
  readonly twinErrorFeatures?: number | undefined;
  /** The same in pixels. */
  readonly twinErrorPixels?: number | undefined;
  /** Mean absolute difference after both translations, 0 to 2. */
  readonly cycleL1?: number | undefined;
  /** Mean absolute difference that the translation makes, 0 to 2. */
  readonly changeL1: number;
}

/** A row that was trained and measured. */
export interface TranslationSweepRow {
  /** Its number in the table, from 1. */
  readonly row: number;
  readonly name: string;
  /** What the paper says of its result; null where the table is not a paper's. */
  readonly paper: string | null;
  /** Share of the fakes of both directions that the judge takes for the target; null without a judge. */
  readonly ours: SweepAccuracy | null;
  readonly xToY: TranslationMeasures;
  readonly yToX: TranslationMeasures;
  /** Training images of both domains. */
  readonly images: number;
  readonly updates: number;
  /** Wall-clock time of its training. */
  readonly seconds: number;
  /** Folder of its run. */
  readonly run: string;
}

/** The same images through each row at one epoch of the table. */
export interface EpochSheet {
  /** Of the table at scale 1: at another scale the same share of a row's updates. */
  readonly epoch: number;
  /** Names of PNG files in the sweep's folder. */
  readonly files: readonly string[];
}

/** The table of a sweep of translations. */
export interface TranslationSweepRecord {
  readonly format: 1;
  /** The table's name, such as `table3`. */
  readonly name: string;
  /** What the domains are called. */
  readonly domains: { readonly x: string; readonly y: string };
  /** Factor of images and updates. */
  readonly scale: number;
  /** Folder of the classifier run that judged; null: none. */
  readonly judge: string | null;
  readonly rows: readonly TranslationSweepRow[];
  readonly sheets: readonly EpochSheet[];
  readonly failed: readonly SweepFailure[];
  readonly left: readonly SweepLeft[];
}

/** Of what was measured of a direction. */
export const TRANSLATION_MEASURES_SCHEMA: z.ZodType<TranslationMeasures> = z.object({
  n: z.number(),
  judgedAsTarget: interval.optional(),
  intervalMethod: SHARE_INTERVALS_SCHEMA.optional(),
  kid: z.number().optional(),
  kidOriginals: z.number().optional(),
  twinErrorFeatures: z.number().optional(),
  twinErrorPixels: z.number().optional(),
  cycleL1: z.number().optional(),
  changeL1: z.number(),
});

const schema: z.ZodType<TranslationSweepRecord> = z.object({
  format: z.literal(1),
  name: z.string(),
  domains: z.object({ x: z.string(), y: z.string() }),
  scale: z.number().positive(),
  judge: z.string().nullable(),
  rows: z.array(
    z.object({
      row: z.number(),
      name: z.string(),
      paper: z.string().nullable(),
      ours: z
        .object({ value: z.number(), low: z.number(), high: z.number(), n: z.number() })
        .nullable(),
      xToY: TRANSLATION_MEASURES_SCHEMA,
      yToX: TRANSLATION_MEASURES_SCHEMA,
      images: z.number(),
      updates: z.number(),
      seconds: z.number(),
      run: z.string(),
    }),
  ),
  sheets: z.array(z.object({ epoch: z.number(), files: z.array(z.string()) })),
  failed: z.array(z.object({ row: z.number(), name: z.string(), reason: z.string() })),
  left: z.array(z.object({ row: z.number(), name: z.string(), seconds: z.number() })),
});

/** Name of the file in a sweep's folder. */
export const TRANSLATION_SWEEP_FILE = 'translations.json';

/** Writes `translations.json`, whole or not at all; creates the folder if it does not exist. */
export async function writeTranslationSweep(
  folder: string,
  record: TranslationSweepRecord,
): Promise<void> {
  await writeJson(join(folder, TRANSLATION_SWEEP_FILE), record);
}

/**
 * Returns the record in a folder's `translations.json`; `undefined` when it does not exist.
 *
 * @throws DataError when it is not a sweep's record
 */
export async function readTranslationSweep(
  folder: string,
): Promise<TranslationSweepRecord | undefined> {
  return await readJsonFile(
    join(folder, TRANSLATION_SWEEP_FILE),
    schema,
    'Repeat the sweep: `janus sweep --help`.',
  );
}
