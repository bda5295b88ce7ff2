import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  readParts,
  readSweep,
  SILENT,
  type ClassifierEvaluation,
  type SweepFailure,
  type SweepLeft,
  type SweepRecord,
  type SweepRowRecord,
} from '@janus/core';
import { classesOf, labelledItems, openDataset, type Dataset } from '@janus/data';
import { IMAGES } from '../classifier/parts.js';
import {
  CLASSIFIER_PAPER,
  type ClassifierPreset,
  type ClassifierRunOptions,
} from '../classifier/options.js';
import { runDataset } from '../classifier/run-dataset.js';
import { trainClassifier } from '../classifier/train.js';
import { isStopped, type RunContext } from '../context.js';
import { evaluateRun } from '../evaluate/evaluate-run.js';
import { chosenRows, rowFolder } from './chosen-rows.js';
import { compareWithBest, readRights } from './compare-rows.js';
import { evaluationOfRow, recordOfRow, validationLossOf } from './finished-row.js';
import { planRow } from './plan-row.js';
import { rowName, type ClassifierSweepRow } from './sweep-row.js';
import { writeSweepTable } from './write-sweep.js';

/** What a sweep is. */
export interface SweepOptions {
  /** Name of the table. */
  readonly name: string;
  readonly rows: readonly ClassifierSweepRow[];
  /** Data folder that was cleaned and split. */
  readonly data: string;
  /** The sweep's folder: a run a row, `row-01` and so on, and the table. */
  readonly out: string;
  /** Factor of training images and updates, above 0; default 1. */
  readonly scale?: number;
  /** Numbers of the rows to run, from 1; default all. Finished rows are in the table in any case. */
  readonly only?: readonly number[];
  /** Options that all rows have instead of their own, such as the size of images; default none. */
  readonly overrides?: Partial<ClassifierPreset>;
}

/** The table of a sweep, and how the call ended. */
export interface SweepResult extends SweepRecord {
  /** The sweep's folder. */
  readonly folder: string;
  /** Files of the table and its figure. */
  readonly files: readonly string[];
  /** False when it was interrupted: repeat it. */
  readonly finished: boolean;
}

/** A sweep's context: that of its runs, each of which has its own folder. */
export type SweepContext = Omit<RunContext, 'folder' | 'existing' | 'extend'> & {
  /** Whether the chosen rows are trained again; default false: finished ones are kept, stopped ones resumed. */
  readonly overwrite?: boolean;
};

/** A row with what its folder needs. */
interface Row {
  readonly number: number;
  readonly name: string;
  readonly row: ClassifierSweepRow;
  readonly folder: string;
}

/** A finished row. */
interface Done {
  readonly row: Row;
  readonly evaluation: ClassifierEvaluation;
  readonly seconds: number;
  readonly updates: number;
  readonly images: number;
  readonly validationLoss: number | null;
}

/**
 * Trains and evaluates the rows of a table, one after the other, and writes the table after each. Finished rows are
 * skipped, a stopped one is resumed; features of frozen layers are kept in the data folder, so that rows on the same
 * layers compute them once. A row that fails is listed in the result, and the others go on.
 *
 * @throws OptionsError when a number in `only` is not a row, or the scale is not above 0; DataError when the data folder
 * cannot be read
 */
export async function runSweep(
  options: SweepOptions,
  context: SweepContext = {},
): Promise<SweepResult> {
  const { reporter = SILENT, overwrite = false, signal } = context;
  const rows = rowsOf(options);
  const chosen = chosenRows(options);
  const dataset = await openDataset(options.data);
  await mkdir(options.out, { recursive: true });
  const before = await readSweep(options.out);
  const done: Done[] = [];
  const failed: SweepFailure[] = [];
  const left: SweepLeft[] = [];
  const tell = (): Promise<SweepRecord> => tableOf(options, { dataset, done, failed, left });
  for (const row of rows) {
    const { number, name } = row;
    const work = { row, options, dataset, context, before };
    const mayTrain = chosen.has(number) && signal?.aborted !== true;
    try {
      const isNew = mayTrain && overwrite;
      const kept = isNew ? undefined : await keptRow(work);
      const found = kept ?? (mayTrain ? await trainRow(work, isNew) : secondsBefore(work));
      if (typeof found === 'number') left.push({ row: number, name, seconds: found });
      else done.push(found);
      if (kept === undefined && typeof found !== 'number') {
        reporter.log(`${options.name}, row ${number} of ${rows.length} (${name}): done`);
        await writeSweepTable(options.out, await tell());
      }
    } catch (error) {
      if (isStopped(error, signal)) {
        left.push({ row: number, name, seconds: secondsBefore(work) });
        continue;
      }
      const reason = error instanceof Error ? error.message : String(error);
      reporter.log(`${options.name}, row ${number} (${name}): ${reason}`);
      failed.push({ row: number, name, reason });
    }
  }
  const record = await tell();
  const files = await writeSweepTable(options.out, record, { figure: true });
  const finished = signal?.aborted !== true;
  return { ...record, folder: options.out, files, finished };
}

function rowsOf({ rows, out }: SweepOptions): readonly Row[] {
  return rows.map((row, i) => ({
    ...{ number: i + 1, name: rowName(row), row },
    folder: rowFolder(out, i + 1),
  }));
}

/** What is known of a row before it runs. */
interface RowWork {
  readonly row: Row;
  readonly options: SweepOptions;
  readonly dataset: Dataset;
  readonly context: SweepContext;
  /** The table as the last call wrote it. */
  readonly before: SweepRecord | undefined;
}

/** Returns the training of a row, and the hash of the data that it sees. */
function trainingOf({ row: { row }, options, dataset }: RowWork): {
  readonly options: ClassifierRunOptions;
  readonly dataHash: string;
} {
  const { data, scale = 1, overrides = {} } = options;
  const { fold, folds, seed = CLASSIFIER_PAPER.seed } = { ...row.options, ...overrides };
  const folded = runDataset(dataset, {
    ...{ seed, target: row.target },
    ...(fold === undefined ? {} : { fold }),
    ...(folds === undefined ? {} : { folds }),
  });
  const planned = planRow(row, {
    ...{ data, scale, overrides, classes: classesOf(folded, row.target).length },
    available: labelledItems(folded, row.target, { split: 'train' }).length,
  });
  return { options: planned.options, dataHash: folded.hash };
}

/** Returns a row that an earlier call finished, evaluated if it was not; undefined where none did. */
async function keptRow(work: RowWork): Promise<Done | undefined> {
  const { row } = work;
  if (!existsSync(row.folder)) return undefined;
  const record = await recordOfRow(row.folder, trainingOf(work));
  return record?.status === 'finished' ? await doneRow(work) : undefined;
}

/** Trains and evaluates a row; returns the time spent when it was interrupted. */
async function trainRow(work: RowWork, isNew: boolean): Promise<Done | number> {
  const { row, context } = work;
  const { engine, signal, reporter, onRecord } = context;
  const training = trainingOf(work);
  const isBegun = existsSync(join(row.folder, 'run.json'));
  const run = await trainClassifier(training.options, {
    folder: row.folder,
    ...(engine === undefined ? {} : { engine }),
    ...(signal === undefined ? {} : { signal }),
    ...(reporter === undefined ? {} : { reporter }),
    ...(onRecord === undefined ? {} : { onRecord }),
    existing: !isBegun ? 'refuse' : isNew ? 'overwrite' : 'resume',
  });
  const seconds = (isNew ? 0 : secondsBefore(work)) + run.seconds;
  return run.finished ? await doneRow(work, seconds) : seconds;
}

/** Returns the time that earlier calls spent on a row. */
function secondsBefore({ row, before }: Pick<RowWork, 'row' | 'before'>): number {
  const isOwn = ({ row: number }: { readonly row: number }): boolean => number === row.number;
  return (before?.rows.find(isOwn) ?? before?.left.find(isOwn))?.seconds ?? 0;
}

/** Returns a row whose run is finished, with its evaluation. */
async function doneRow(work: RowWork, seconds?: number): Promise<Done> {
  const { row, context } = work;
  const { folder } = row;
  const record = await recordOfRow(folder, trainingOf(work));
  const { engine, reporter, signal } = context;
  if ((await evaluationOfRow(folder)) === undefined) {
    await evaluateRun(folder, {
      // The sweep's own figure compares the rows.
      ...{ split: 'test', keepFeatures: true, figures: false, signal },
      ...(engine === undefined ? {} : { engine }),
      ...(reporter === undefined ? {} : { reporter }),
    });
  }
  const evaluation = await evaluationOfRow(folder);
  if (evaluation === undefined) throw new Error(`${folder}: was evaluated, but has no evaluation`);
  const count = (name: string): number => Number(record?.result?.[name] ?? 0);
  const parts = await readParts(folder);
  return {
    ...{ row, evaluation, updates: count('steps') },
    images: parts?.domains[IMAGES]?.parts.train.length ?? 0,
    validationLoss: await validationLossOf(folder),
    seconds: seconds ?? (secondsBefore(work) || count('seconds')),
  };
}

/** Returns the table of the rows that are done. */
async function tableOf(
  { name, rows, scale = 1 }: SweepOptions,
  found: {
    readonly dataset: Dataset;
    readonly done: readonly Done[];
    readonly failed: readonly SweepFailure[];
    readonly left: readonly SweepLeft[];
  },
): Promise<SweepRecord> {
  const { dataset, done, failed, left } = found;
  const targets = [...new Set(rows.map(({ target }) => target))];
  const comparisons = new Map<number, SweepRowRecord['againstBest']>();
  for (const target of targets) {
    const own = done.filter(({ row }) => row.row.target === target);
    const rights = await Promise.all(own.map(({ row }) => readRights(row.folder)));
    compareWithBest(rights).forEach((each, i) => comparisons.set(own[i]?.row.number ?? 0, each));
  }
  return {
    ...{ format: 1, name, data: dataset.name, targets, scale },
    majority: done[0]?.evaluation.majority ?? null,
    intervalMethod: done[0]?.evaluation.intervalMethod ?? null,
    rows: done.map(({ row, evaluation, seconds, updates, images, validationLoss }) => ({
      ...{ row: row.number, name: row.name, paper: row.row.paper ?? null },
      ours: { ...evaluation.accuracy, n: evaluation.n },
      ...{ balancedAccuracy: evaluation.balancedAccuracy, validationLoss },
      againstBest: comparisons.get(row.number) ?? null,
      ...{ images, updates, seconds, run: row.folder },
    })),
    ...{ failed, left },
  };
}
