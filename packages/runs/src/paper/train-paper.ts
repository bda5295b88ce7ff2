/** The trainings that a paper of our own tells of: the tables of the course paper on a data set. */
import { join } from 'node:path';
import { OptionsError, SILENT, type SweepFailure, type SweepLeft } from '@janus/core';
import { classesOf, labelledItems, openDataset, type Dataset } from '@janus/data';
import type { ClassifierPreset } from '../classifier/options.js';
import type { CycleGanPreset } from '../cyclegan/options.js';
import { runSweep, type SweepContext, type SweepResult } from '../sweep/run-sweep.js';
import { runTranslationSweep } from '../sweep/run-translation-sweep.js';
import {
  areTranslations,
  type ClassifierSweepRow,
  type CycleGanSweepRow,
  type SweepRow,
} from '../sweep/sweep-row.js';

/** A table of the paper. */
export interface PaperTable {
  /** Such as `table1`; names its folder. */
  readonly name: string;
  /** Rows, or why there are none. */
  readonly rows: readonly SweepRow[] | { readonly reason: string };
}

/** Options of {@link trainPaper}. */
export interface TrainPaperOptions {
  /** Data folder that was cleaned and split. */
  readonly data: string;
  /** Folder of the runs: a sweep a table. */
  readonly out: string;
  readonly tables: readonly PaperTable[];
  /** Factor of images and updates; default {@link PAPER_SCALE}. */
  readonly scale?: number;
  /** Label columns of the data by those of the tables, such as `gender: 'presentation'`; default the same names. */
  readonly columns?: Readonly<Record<string, string>>;
  /** Options that all classifiers have instead of their own; default none. */
  readonly overrides?: Partial<ClassifierPreset>;
  /** Options that all translations have instead of their own, such as the size of images; default none. */
  readonly translation?: Partial<CycleGanPreset>;
}

/** A hundredth: what a laptop does in an hour. */
export const PAPER_SCALE = 0.01;

/** How a table went. */
export interface TrainedTable {
  readonly name: string;
  /** Rows that are trained and measured. */
  readonly rows: number;
  readonly failed: readonly SweepFailure[];
  readonly left: readonly SweepLeft[];
}

/** A table that was not trained, and why. */
export interface SkippedTable {
  readonly name: string;
  readonly reason: string;
}

/** What {@link trainPaper} did. */
export interface TrainedPaper {
  readonly tables: readonly TrainedTable[];
  readonly skipped: readonly SkippedTable[];
  /** False when it was interrupted: repeat it. */
  readonly finished: boolean;
}

/** A target with fewer test images says nothing. */
const LEAST_TEST_IMAGES = 2;

/** The label column of the tables whose two values are the domains of translations. */
const DOMAINS_COLUMN = 'gender';

/** The two sets that translations learn between, as trainings name them. */
interface Domains {
  readonly x: string;
  readonly y: string;
}

/** A table that the data has labels for. */
type PlannedTable =
  | {
      readonly name: string;
      readonly kind: 'classifier';
      readonly rows: readonly ClassifierSweepRow[];
    }
  | {
      readonly name: string;
      readonly kind: 'cyclegan';
      readonly rows: readonly CycleGanSweepRow[];
      readonly domains: Domains;
    };

/** Returns the classes of a label column; none where the data set has no such column. */
function classesIn(dataset: Dataset, column: string): readonly string[] {
  try {
    return classesOf(dataset, column);
  } catch (error) {
    if (error instanceof OptionsError) return [];
    throw error;
  }
}

/** Returns why a data set cannot train classifiers; undefined where it can. */
function lackOf(dataset: Dataset, targets: Iterable<string>): string | undefined {
  for (const target of targets) {
    const isKnown = classesIn(dataset, target).length >= 2;
    const test = isKnown ? labelledItems(dataset, target, { split: 'test' }) : [];
    if (test.length < LEAST_TEST_IMAGES) {
      return `${dataset.name} has no label column ${target} with two values and test images`;
    }
  }
  return undefined;
}

/** Returns the domains of translations: the two values of a column, or why there are none. */
function domainsOf(dataset: Dataset, folder: string, column: string): Domains | string {
  const [first, second, ...more] = classesIn(dataset, column);
  if (first === undefined || second === undefined || more.length > 0) {
    return `${dataset.name} has no label column ${column} with exactly two values`;
  }
  return { x: `${folder}:${column}=${first}`, y: `${folder}:${column}=${second}` };
}

/** Returns a table with the columns of the data, or why it cannot be trained. */
function planTable(
  { name, rows }: PaperTable,
  dataset: Dataset,
  { data, columns = {} }: TrainPaperOptions,
): PlannedTable | SkippedTable {
  if ('reason' in rows) return { name, reason: rows.reason };
  if (areTranslations(rows)) {
    const domains = domainsOf(dataset, data, columns[DOMAINS_COLUMN] ?? DOMAINS_COLUMN);
    return typeof domains === 'string'
      ? { name, reason: domains }
      : { name, kind: 'cyclegan', rows, domains };
  }
  const own = rows
    .filter((row) => row.kind === 'classifier')
    .map((row) => ({ ...row, target: columns[row.target] ?? row.target }));
  const reason = lackOf(dataset, new Set(own.map(({ target }) => target)));
  return reason === undefined ? { name, kind: 'classifier', rows: own } : { name, reason };
}

/** Returns the run of the best row so far that tells the column of the domains: it judges the translations. */
function judgeOf(done: readonly SweepResult[], column: string): string | undefined {
  const rows = done
    .filter(({ targets }) => targets.length === 1 && targets[0] === column)
    .flatMap((sweep) => sweep.rows);
  return [...rows].sort((a, b) => b.ours.value - a.ours.value)[0]?.run;
}

/**
 * Trains and measures the rows of each table, one sweep below the other; what is finished is kept, so repeating it goes on. A
 * table that the data has no labels for is skipped with its reason. The best classifier of the genders judges the translations.
 *
 * @throws OptionsError when no table can be trained, DataError when the data folder cannot be read
 */
export async function trainPaper(
  options: TrainPaperOptions,
  context: SweepContext = {},
): Promise<TrainedPaper> {
  const { data, out, scale = PAPER_SCALE, columns = {}, overrides, translation } = options;
  const { reporter = SILENT, signal } = context;
  const dataset = await openDataset(data);
  const planned = options.tables.map((table) => planTable(table, dataset, options));
  const skipped = planned.filter((table) => 'reason' in table);
  for (const { name, reason } of skipped) reporter.log(`paper: ${name} is left out: ${reason}`);
  if (skipped.length === planned.length) {
    throw new OptionsError(
      `paper: the data must have labels for at least one table, but ${skipped.map(({ reason }) => reason).join('; ')}. Name its columns with --columns gender=<column>.`,
    );
  }
  const classifiers: SweepResult[] = [];
  const tables: TrainedTable[] = [];
  for (const table of planned) {
    if ('reason' in table || signal?.aborted === true) continue;
    const { name } = table;
    reporter.log(`paper: ${name}, ${table.rows.length} rows`);
    const common = { name, scale, out: join(out, name) };
    if (table.kind === 'classifier') {
      const given = { ...common, data, rows: table.rows };
      const sweep = await runSweep(
        overrides === undefined ? given : { ...given, overrides },
        context,
      );
      classifiers.push(sweep);
      tables.push(trainedTable(sweep));
    } else {
      const judge = judgeOf(classifiers, columns[DOMAINS_COLUMN] ?? DOMAINS_COLUMN);
      const given = {
        ...{ ...common, ...table.domains, rows: table.rows },
        ...(judge === undefined ? {} : { judge }),
        ...(translation === undefined ? {} : { overrides: translation }),
      };
      tables.push(trainedTable(await runTranslationSweep(given, context)));
    }
  }
  return { tables, skipped, finished: signal?.aborted !== true };
}

function trainedTable({
  name,
  rows,
  failed,
  left,
}: Pick<SweepResult, 'name' | 'failed' | 'left'> & {
  readonly rows: readonly unknown[];
}): TrainedTable {
  return { name, rows: rows.length, failed, left };
}
