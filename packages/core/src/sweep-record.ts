/** What `sweep.json` holds: written by a sweep, read by the report. */
import { join } from 'node:path';
import { z } from 'zod';
import { readJsonFile, writeJson } from './files.js';
import type { Interval } from './statistics.js';

/** An accuracy with its interval and the number of images it was measured on. */
export interface SweepAccuracy extends Interval {
  readonly n: number;
}

/** How a row compares with the best one on the same images. */
export interface SweepComparison {
  /** Test images that only the best row got right. */
  readonly onlyBest: number;
  /** Test images that only this row got right. */
  readonly onlyThis: number;
  /** Exact McNemar test, two-sided. */
  readonly p: number;
  /** The same, corrected for the number of comparisons by Holm's method. */
  readonly holm: number;
}

/** A row of a sweep that was trained and measured. */
export interface SweepRowRecord {
  /** Its number in the table, from 1. */
  readonly row: number;
  /** What sets it apart, in words. */
  readonly name: string;
  /** Accuracy in the paper, 0 to 1; null where the table is not a paper's. */
  readonly paper: number | null;
  readonly ours: SweepAccuracy;
  /** Mean recall over the classes. */
  readonly balancedAccuracy: Interval;
  /**
   * Lowest mean cross-entropy on the validation split, nats, that of the weights that were kept; each class counts as
   * in the row's training. null in tables of earlier versions.
   */
  readonly validationLoss: number | null;
  /** null for the best row itself. */
  readonly againstBest: SweepComparison | null;
  /** Images that it was trained on. */
  readonly images: number;
  /** Updates of all its phases. */
  readonly updates: number;
  /** Wall-clock time of its training; features that an earlier row kept are not in it. */
  readonly seconds: number;
  /** Folder of its run. */
  readonly run: string;
}

/** A row that could not be trained or measured, and why. */
export interface SweepFailure {
  readonly row: number;
  readonly name: string;
  readonly reason: string;
}

/** A row that was not trained to its end so far. */
export interface SweepLeft {
  readonly row: number;
  readonly name: string;
  /** Time that was spent on it. */
  readonly seconds: number;
}

/** The table of a sweep. */
export interface SweepRecord {
  readonly format: 1;
  /** The table's name, such as `table1`. */
  readonly name: string;
  /** Name of the data set. */
  readonly data: string;
  /** Label columns that its rows learn. */
  readonly targets: readonly string[];
  /** Factor of images and updates. */
  readonly scale: number;
  /** Accuracy of always naming the commonest class of the test split, 0 to 1; null before the first row. */
  readonly majority: number | null;
  /** How the intervals were made; null before the first row. */
  readonly intervalMethod: string | null;
  readonly rows: readonly SweepRowRecord[];
  readonly failed: readonly SweepFailure[];
  readonly left: readonly SweepLeft[];
}

const interval = { value: z.number(), low: z.number(), high: z.number() };

const schema: z.ZodType<SweepRecord> = z.object({
  format: z.literal(1),
  name: z.string(),
  data: z.string(),
  targets: z.array(z.string()),
  scale: z.number().positive(),
  majority: z.number().nullable(),
  intervalMethod: z.string().nullable(),
  rows: z.array(
    z.object({
      row: z.number(),
      name: z.string(),
      paper: z.number().nullable(),
      ours: z.object({ ...interval, n: z.number() }),
      balancedAccuracy: z.object(interval),
      validationLoss: z.number().nullable().default(null),
      againstBest: z
        .object({ onlyBest: z.number(), onlyThis: z.number(), p: z.number(), holm: z.number() })
        .nullable(),
      images: z.number(),
      updates: z.number(),
      seconds: z.number(),
      run: z.string(),
    }),
  ),
  failed: z.array(z.object({ row: z.number(), name: z.string(), reason: z.string() })),
  left: z.array(z.object({ row: z.number(), name: z.string(), seconds: z.number() })),
});

/** Name of the file in a sweep's folder. */
export const SWEEP_FILE = 'sweep.json';

/** Writes `sweep.json`, whole or not at all; creates the folder if it does not exist. */
export async function writeSweep(folder: string, record: SweepRecord): Promise<void> {
  await writeJson(join(folder, SWEEP_FILE), record);
}

/**
 * Returns the record in a folder's `sweep.json`; `undefined` when it does not exist.
 *
 * @throws DataError when it is not a sweep's record
 */
export async function readSweep(folder: string): Promise<SweepRecord | undefined> {
  return await readJsonFile(
    join(folder, SWEEP_FILE),
    schema,
    'Repeat the sweep: `janus sweep --help`.',
  );
}
