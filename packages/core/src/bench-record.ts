import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { DataError } from './errors.js';
import { writeJson } from './files.js';

/** One workload, measured with Janus and with one class of a peer's configurations. */
export interface BenchRow {
  /** The workload's name, as `janus bench --workloads` takes it. */
  readonly work: string;
  /** The workload, in words. */
  readonly title: string;
  /** All options of our side, and the environment variables that it ran with. */
  readonly config: string;
  /** Our median over the rounds, in `unit`. */
  readonly ours: number;
  /** The peer's median, in `unit`. It and the peer's other fields are `null` where no peer was measured. */
  readonly theirs: number | null;
  readonly unit: BenchUnit;
  /** The peer and the class of configurations: `PyTorch default`, `PyTorch best`. */
  readonly peer: string | null;
  /** The peer's version and all its options. */
  readonly peerConfig: string | null;
  /** Median of `ratios`; above 1 means that ours is faster. */
  readonly ratio: number | null;
  /** One per round, in order; empty where no peer was measured. */
  readonly ratios: readonly number[];
  readonly rounds: number;
  /** Highest peak of resident memory over the rounds, MiB. */
  readonly oursPeakRssMb: number;
  /** As `oursPeakRssMb`. */
  readonly theirsPeakRssMb: number | null;
  /** When, ISO 8601, UTC. */
  readonly measured: string;
}

/** Images per second (more is better) or seconds per step (less is better). */
export type BenchUnit = 'img/s' | 's/step';

/** A peer's configuration that was measured but has no row, since another one was faster. */
export interface BenchTrial {
  readonly work: string;
  readonly peer: string;
  readonly peerConfig: string;
  /** Median, in `unit`. */
  readonly theirs: number;
  readonly unit: BenchUnit;
  /** Above 1 means that ours is faster. */
  readonly ratio: number;
  readonly rounds: number;
}

/** A peer's configuration that could not be measured, and why. */
export interface BenchLeftOut {
  readonly work: string;
  readonly peer: string;
  readonly peerConfig: string;
  readonly reason: string;
}

/** The results of `janus bench` (`bench.json`). */
export interface BenchRecord {
  readonly format: 1;
  /** The processor's or GPU's name. */
  readonly device: string;
  /** By program and library. */
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

/** Writes `bench.json`, whole or not at all; creates the folder if it does not exist. */
export async function writeBench(folder: string, record: BenchRecord): Promise<void> {
  await writeJson(join(folder, 'bench.json'), record);
}

/**
 * Returns the record in a folder's `bench.json`; `undefined` when it does not exist.
 *
 * @throws DataError when it is not a bench record
 */
export async function readBench(folder: string): Promise<BenchRecord | undefined> {
  const path = join(folder, 'bench.json');
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    // A failure of the system says nothing about what was written.
    if (syscall !== undefined) throw error;
    const issue = error instanceof z.ZodError ? error.issues[0] : undefined;
    const what = issue === undefined ? 'it is not' : `${issue.path.join('.')}: ${issue.message}`;
    throw new DataError(
      `${path}: must be what \`janus bench\` wrote, but ${what}. Measure again, or remove it.`,
      { path, cause: error },
    );
  }
}
