import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { DataError } from './errors.js';
import { writeJson } from './files.js';

/** One piece of work, ours beside one class of a peer's configurations. */
export interface BenchRow {
  /** Its name: what `janus bench --workloads` takes. */
  readonly work: string;
  /** What it is, for a person. */
  readonly title: string;
  /** Everything that our side was told, and the environment that it ran in. */
  readonly config: string;
  /** Median of the rounds, in `unit`. */
  readonly ours: number;
  /** `null` here and in what follows where no peer was measured. */
  readonly theirs: number | null;
  readonly unit: BenchUnit;
  /** Whose, and which class of it: `PyTorch default`, `PyTorch best`. */
  readonly peer: string | null;
  /** The peer's version, and everything that it was told. */
  readonly peerConfig: string | null;
  /** Median of `ratios`; above 1 = ours is faster. */
  readonly ratio: number | null;
  /** Of each round, in their order. */
  readonly ratios: readonly number[];
  readonly rounds: number;
  /** Highest of the rounds. */
  readonly oursPeakRssMb: number;
  readonly theirsPeakRssMb: number | null;
  /** ISO 8601, UTC. */
  readonly measured: string;
}

/** More of the first is better, less of the second. */
export type BenchUnit = 'img/s' | 's/step';

/** A peer's configuration that was run and is no row: another one was faster. */
export interface BenchTrial {
  readonly work: string;
  readonly peer: string;
  readonly peerConfig: string;
  readonly theirs: number;
  readonly unit: BenchUnit;
  readonly ratio: number;
  readonly rounds: number;
}

/** A peer's configuration without a figure, and why. */
export interface BenchLeftOut {
  readonly work: string;
  readonly peer: string;
  readonly peerConfig: string;
  readonly reason: string;
}

/** What `janus bench` found (`bench.json`). */
export interface BenchRecord {
  readonly format: 1;
  /** The processor. */
  readonly device: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly rows: readonly BenchRow[];
  readonly tried: readonly BenchTrial[];
  readonly leftOut: readonly BenchLeftOut[];
}

const unit: z.ZodType<BenchUnit> = z.enum(['img/s', 's/step']);

const schema: z.ZodType<BenchRecord> = z.object({
  format: z.literal(1),
  device: z.string(),
  versions: z.record(z.string(), z.string()),
  rows: z.array(
    z.object({
      work: z.string(),
      title: z.string(),
      config: z.string(),
      ours: z.number(),
      theirs: z.number().nullable(),
      unit,
      peer: z.string().nullable(),
      peerConfig: z.string().nullable(),
      ratio: z.number().positive().nullable(),
      ratios: z.array(z.number().positive()),
      rounds: z.number(),
      oursPeakRssMb: z.number(),
      theirsPeakRssMb: z.number().nullable(),
      measured: z.string(),
    }),
  ),
  tried: z.array(
    z.object({
      work: z.string(),
      peer: z.string(),
      peerConfig: z.string(),
      theirs: z.number(),
      unit,
      ratio: z.number(),
      rounds: z.number(),
    }),
  ),
  leftOut: z.array(
    z.object({
      work: z.string(),
      peer: z.string(),
      peerConfig: z.string(),
      reason: z.string(),
    }),
  ),
});

/** Writes `bench.json`, whole or not at all, making the folder when it is absent. */
export async function writeBench(folder: string, record: BenchRecord): Promise<void> {
  await writeJson(join(folder, 'bench.json'), record);
}

/**
 * Returns what `bench.json` in a folder says; `undefined` when there is none.
 *
 * @throws DataError when it is not a bench record
 */
export async function readBench(folder: string): Promise<BenchRecord | undefined> {
  const path = join(folder, 'bench.json');
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    const issue = error instanceof z.ZodError ? error.issues[0] : undefined;
    const what = issue === undefined ? 'it is not' : `${issue.path.join('.')}: ${issue.message}`;
    throw new DataError(
      `${path}: must be what \`janus bench\` wrote, but ${what}. Measure again, or remove it.`,
      { path, cause: error },
    );
  }
}
