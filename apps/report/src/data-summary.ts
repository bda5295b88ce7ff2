/** What the report says of the images: a summary that stands beside the runs. */
import { join } from 'node:path';
import { readJsonFile } from '@janus/core';
import type { DataSetCounts } from '@janus/figures';
import { z } from 'zod';

/** Rows after a step, and why the others went. */
export interface DataStep {
  readonly step: string;
  readonly rows: number;
  readonly rejected: number;
  readonly reasons: Readonly<Record<string, number>>;
  readonly splits?: Readonly<Record<string, number>> | undefined;
}

/** `data.json` beside the runs, or a data folder's `dataset.json`. */
export interface DataSummary extends DataSetCounts {
  readonly name: string;
  readonly source: string;
  readonly licence: string;
  readonly steps: readonly DataStep[];
  /** Images, as files relative to the summary. */
  readonly sheets?: readonly { readonly title: string; readonly file: string }[] | undefined;
}

const counts = z.record(z.string(), z.number());
const edges = { first: z.number(), width: z.number() };
const sizes = z.object({
  grid: z.object({
    x: z.object(edges),
    y: z.object(edges),
    counts: z.array(z.array(z.number())),
  }),
  median: z.object({ width: z.number(), height: z.number() }),
});

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
  kept: z.number().optional(),
  distributions: z.record(z.string(), counts).optional(),
  splitBalances: z.record(z.string(), z.record(z.string(), counts)).optional(),
  missing: counts.optional(),
  numbers: z.record(z.string(), z.object({ ...edges, counts: z.array(z.number()) })).optional(),
  sizes: sizes.optional(),
  boxes: sizes.optional(),
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
