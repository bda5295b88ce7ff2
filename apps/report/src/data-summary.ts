/** What the report says of the pictures: a summary that stands beside the runs. */
import { join } from 'node:path';
import { z } from 'zod';
import { readJsonFile } from './evaluations.js';

/** Rows after a step, and why the others went. */
export interface DataStep {
  readonly step: string;
  readonly rows: number;
  readonly rejected: number;
  readonly reasons: Readonly<Record<string, number>>;
  readonly splits?: Readonly<Record<string, number>> | undefined;
}

/** `data.json` beside the runs, or a data folder's `dataset.json`. */
export interface DataSummary {
  readonly name: string;
  readonly source: string;
  readonly licence: string;
  readonly steps: readonly DataStep[];
  /** Counts by column, then by value. */
  readonly distributions?: Readonly<Record<string, Readonly<Record<string, number>>>> | undefined;
  /** Counts by split, then by class, of the target. */
  readonly splitBalance?: Readonly<Record<string, Readonly<Record<string, number>>>> | undefined;
  /** Pictures, as files relative to the summary. */
  readonly sheets?: readonly { readonly title: string; readonly file: string }[] | undefined;
}

const counts = z.record(z.string(), z.number());

const schema: z.ZodType<DataSummary> = z.object({
  name: z.string(),
  source: z.string(),
  licence: z.string(),
  steps: z.array(
    z.object({
      step: z.string(),
      rows: z.number(),
      rejected: z.number(),
      reasons: counts,
      splits: counts.optional(),
    }),
  ),
  distributions: z.record(z.string(), counts).optional(),
  splitBalance: z.record(z.string(), counts).optional(),
  sheets: z.array(z.object({ title: z.string(), file: z.string() })).optional(),
});

/** Returns the summary that lies in a folder as `data.json` or `dataset.json`, if one does. */
export async function readDataSummary(folder: string): Promise<DataSummary | undefined> {
  const wayOut = 'Make it again with `janus data import`, or remove it.';
  return (
    (await readJsonFile(join(folder, 'data.json'), schema, wayOut)) ??
    (await readJsonFile(join(folder, 'dataset.json'), schema, wayOut))
  );
}
