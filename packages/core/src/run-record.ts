import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { DataError, NumericalError } from './errors.js';
import { jsonText, writeJson } from './files.js';

/** What a run trains. */
export type RunKind = 'classifier' | 'cyclegan' | 'cut' | 'stargan' | 'icgan';

/** A change of a run's schedule when it was resumed. */
export interface RunExtension {
  /** Updates that were done before it. */
  readonly step: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** The options that were changed, as they were. */
  readonly from: Readonly<Record<string, unknown>>;
  /** The same options, as they are from there on. */
  readonly to: Readonly<Record<string, unknown>>;
}

/** The weights that a run started from. */
export interface RunStart {
  /** Absolute path of the run that had them. */
  readonly run: string;
  /** Updates of that run. */
  readonly step: number;
  /** Of the weights, in lower-case hexadecimal. */
  readonly sha256: string;
}

/**
 * The first thing a run writes (`run.json`): enough to repeat it.
 *
 * @typeParam Options the resolved options of its kind
 */
export interface RunRecord<Options = Readonly<Record<string, unknown>>> {
  /** 2; a record of format 1 keyed the changes of a classifier's images by place, and cannot be resumed. */
  readonly format: 1 | 2;
  readonly kind: RunKind;
  /** The run's name, for people. */
  readonly name: string;
  /** ISO 8601, UTC. */
  readonly started: string;
  /** Resolved options, defaults included; a resumed run has the same, but for a longer schedule. */
  readonly options: Options;
  readonly seed: number;
  /** By program and library. */
  readonly versions: Readonly<Record<string, string>>;
  /** Commit of the working tree, when there is one. */
  readonly gitCommit?: string | undefined;
  /**
   * Updates that were planned in all, or the most where it may end early; those that fit a linear head do not count. Absent
   * in records of earlier versions.
   */
  readonly updates?: number | undefined;
  /** Hash of the manifest(s) that the run reads. */
  readonly dataHash: string;
  /** `tensorflow 2.21.0 (device)`. */
  readonly engine: string;
  /** Where its weights came from, when it started from another run's. */
  readonly startedFrom?: RunStart | undefined;
  /** Changes of its schedule, in their order; `options` has those of the last. */
  readonly extensions?: readonly RunExtension[] | undefined;
  readonly status: 'running' | 'stopped' | 'finished';
  /** Set when the run stops or finishes. */
  readonly result?: Readonly<Record<string, unknown>> | undefined;
}

/** One line of `metrics.jsonl`, and what training loops yield. */
export interface StepRecord {
  /** `step`: of one batch. `epoch`: at the end of an epoch, over the epoch or a whole split. */
  readonly kind: 'step' | 'epoch';
  /** Updates done so far. */
  readonly step: number;
  /**
   * The epoch, counted from 0; in a classifier's records of kind `epoch`, the number of epochs done.
   */
  readonly epoch: number;
  /** What it was measured on. */
  readonly split?: 'train' | 'validation' | undefined;
  readonly phase?:
    'head' | 'fine-tune' | 'from-scratch' | 'cyclegan' | 'cut' | 'stargan' | 'icgan' | undefined;
  /** By name, such as `crossEntropy`. */
  readonly losses: Readonly<Record<string, number>>;
  /** By name, such as `accuracy`, 0 to 1. */
  readonly metrics?: Readonly<Record<string, number>> | undefined;
  /** Of the update before it. */
  readonly learningRate: number;
  /** Seconds since the loop began or was resumed; the only field in which repeated runs differ. */
  readonly seconds: number;
}

const runSchema: z.ZodType<RunRecord> = z.object({
  format: z.union([z.literal(1), z.literal(2)]),
  kind: z.enum(['classifier', 'cyclegan', 'cut', 'stargan', 'icgan']),
  name: z.string(),
  started: z.string(),
  options: z.record(z.string(), z.unknown()),
  seed: z.number(),
  versions: z.record(z.string(), z.string()),
  gitCommit: z.string().optional(),
  updates: z.number().optional(),
  dataHash: z.string(),
  engine: z.string(),
  startedFrom: z.object({ run: z.string(), step: z.number(), sha256: z.string() }).optional(),
  extensions: z
    .array(
      z.object({
        step: z.number(),
        at: z.string(),
        from: z.record(z.string(), z.unknown()),
        to: z.record(z.string(), z.unknown()),
      }),
    )
    .optional(),
  status: z.enum(['running', 'stopped', 'finished']),
  result: z.record(z.string(), z.unknown()).optional(),
});

const stepSchema: z.ZodType<StepRecord> = z.object({
  kind: z.enum(['step', 'epoch']),
  step: z.number(),
  epoch: z.number(),
  split: z.enum(['train', 'validation']).optional(),
  phase: z
    .enum(['head', 'fine-tune', 'from-scratch', 'cyclegan', 'cut', 'stargan', 'icgan'])
    .optional(),
  losses: z.record(z.string(), z.number()),
  metrics: z.record(z.string(), z.number()).optional(),
  learningRate: z.number(),
  seconds: z.number(),
});

/** Writes `run.json`; creates the folder if it does not exist. */
export async function writeRun<Options>(folder: string, record: RunRecord<Options>): Promise<void> {
  await writeJson(join(folder, 'run.json'), record);
}

/**
 * Returns the record of a run's folder.
 *
 * @throws DataError when `run.json` does not exist or is not a run record
 */
export async function readRun(folder: string): Promise<RunRecord> {
  const path = join(folder, 'run.json');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new DataError(
      `${folder}: a run is a folder with run.json, but there is none. Name a folder that \`janus train\` made.`,
      { path, cause: error },
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new DataError(`${path}: must be JSON, but is not. Repeat the run.`, {
      path,
      cause: error,
    });
  }
  const parsed = runSchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new DataError(
      `${path}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is not a run record'}. Was it written by another version?`,
      { path },
    );
  }
  return parsed.data;
}

/**
 * Returns records as the lines of `metrics.jsonl`.
 *
 * @param folder the run's, named in errors
 * @throws NumericalError when a loss or a metric is not finite: it could not be read back
 */
export function metricsText(folder: string, records: readonly StepRecord[]): string {
  return records
    .map((record) => {
      const measured = { ...record.metrics, ...record.losses };
      const broken = Object.entries(measured).find(([, value]) => !Number.isFinite(value));
      if (broken !== undefined) {
        const [name, value] = broken;
        throw new NumericalError(
          `${folder}: ${record.split ?? 'training'} ${name} must be finite, but is ${value} after step ${record.step}. Lower the learning rate, or look for extreme images.`,
          { step: record.step, losses: record.losses },
        );
      }
      return `${jsonText(join(folder, 'metrics.jsonl'), record)}\n`;
    })
    .join('');
}

/**
 * Appends records to `metrics.jsonl`, one line each; creates the folder if it does not exist.
 *
 * @throws NumericalError when a loss or a metric is not finite; then none of the records is written
 */
export async function appendMetrics(folder: string, records: readonly StepRecord[]): Promise<void> {
  if (records.length === 0) return;
  const text = metricsText(folder, records);
  await mkdir(folder, { recursive: true });
  await appendFile(join(folder, 'metrics.jsonl'), text);
}

/**
 * Returns the records in `metrics.jsonl`; none when it does not exist. A last line that a killed
 * process left unfinished is skipped.
 *
 * @throws DataError when any other line is not a step record
 */
export async function readMetrics(folder: string): Promise<readonly StepRecord[]> {
  const path = join(folder, 'metrics.jsonl');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    return [];
  }
  const lines = text.split('\n');
  const torn = lines.pop();
  return lines.concat(torn === undefined || torn === '' ? [] : [torn]).flatMap((line, i) => {
    try {
      return [stepRecordOf(line, { path, number: i + 1 })];
    } catch (error) {
      if (i === lines.length) return [];
      throw error;
    }
  });
}

/**
 * Returns the record in a line of `metrics.jsonl`.
 *
 * @param place the file and the line's number, from 1: named in the error
 * @throws DataError when the line is not a step record
 */
export function stepRecordOf(
  line: string,
  { path, number }: { readonly path: string; readonly number: number },
): StepRecord {
  try {
    return stepSchema.parse(JSON.parse(line));
  } catch (error) {
    const issue = error instanceof z.ZodError ? error.issues[0] : undefined;
    const what = issue === undefined ? 'is not JSON' : `${issue.path.join('.')} ${issue.message}`;
    throw new DataError(
      `${path}: line ${number} must be a step record, but ${what}. Remove the line.`,
      { path, cause: error },
    );
  }
}
