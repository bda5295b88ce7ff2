/** The run folders below a folder, as the report reads them. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  DataError,
  findRunFolders,
  JanusError,
  readEvaluation,
  readMetrics,
  readRun,
  relativeName,
  type ClassifierEvaluation,
  type RunKind,
  type RunRecord,
  type StepRecord,
  type TargetsEvaluation,
  type TranslationEvaluation,
} from '@janus/core';

/** What every run has. */
interface RunParts {
  readonly folder: string;
  /** The folder's path below the one that was read. */
  readonly name: string;
  /** An id for the page: letters, digits, hyphens. */
  readonly id: string;
  readonly record: RunRecord;
  readonly metrics: readonly StepRecord[];
  /** Text of `card.md`. */
  readonly card: string | undefined;
  /** Paths of `samples/*.png` by name without ending. */
  readonly samples: ReadonlyMap<string, string>;
}

/** A classifier's run. */
export interface ClassifierRun extends RunParts {
  readonly kind: 'classifier';
  readonly evaluation: ClassifierEvaluation | undefined;
  /** Of a run of several targets, which has no `evaluation`. */
  readonly targets?: TargetsEvaluation;
}

/** A run of any kind of translation. */
export interface TranslationRun extends RunParts {
  readonly kind: Exclude<RunKind, 'classifier'>;
  readonly evaluation: TranslationEvaluation | undefined;
}

/** A run of any kind. */
export type ReportRun = ClassifierRun | TranslationRun;

/** What could not be read, and is left out of the report. */
export interface SkippedRun {
  /** The run's path below the folder of runs, or the name of a file beside the runs. */
  readonly name: string;
  /** One line: which file, what is wrong with it, the way out. */
  readonly reason: string;
}

/** What {@link readRuns} found. */
export interface FoundRuns {
  /** The oldest first. */
  readonly runs: readonly ReportRun[];
  readonly skipped: readonly SkippedRun[];
}

/**
 * Returns what `work` returns; where it meets an expected failure, adds it to `skipped` and returns undefined.
 *
 * @throws any other error
 */
export async function orSkip<T>(
  name: string,
  skipped: SkippedRun[],
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof JanusError)) throw error;
    skipped.push({ name, reason: error.message });
    return undefined;
  }
}

/** A table of several runs, and the folder that holds it. */
export interface FoundTable<Record> {
  readonly folder: string;
  readonly record: Record;
}

/**
 * Returns the tables of several runs in a folder of runs and in the folders of it; a broken one goes to `skipped`.
 *
 * @param table `file`: its name, for `skipped`; `read` returns that of a folder, undefined where there is none
 */
export async function readTables<Record>(
  folder: string,
  skipped: SkippedRun[],
  {
    file,
    read,
  }: { readonly file: string; readonly read: (folder: string) => Promise<Record | undefined> },
): Promise<readonly FoundTable<Record>[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const inner = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const found: FoundTable<Record>[] = [];
  for (const name of ['.', ...inner.sort()]) {
    const own = join(folder, name);
    const record = await orSkip(join(name, file), skipped, () => read(own));
    if (record !== undefined) found.push({ folder: own, record });
  }
  return found;
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}

async function samplesOf(folder: string): Promise<ReadonlyMap<string, string>> {
  const names = await readdir(join(folder, 'samples')).catch(() => []);
  return new Map(
    names
      .filter((name) => name.endsWith('.png') && !name.startsWith('.'))
      .sort()
      .map((name) => [basename(name, '.png'), join(folder, 'samples', name)]),
  );
}

async function readReportRun(folder: string, name: string): Promise<ReportRun> {
  const record = await readRun(folder);
  const parts = {
    folder,
    name,
    id:
      name
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-|-$/g, '') || record.kind,
    record,
    metrics: await readMetrics(folder),
    card: await textOf(join(folder, 'card.md')),
    samples: await samplesOf(folder),
  };
  const evaluation = await readEvaluation(join(folder, 'evaluation.json'), record.kind);
  const isOfClassifier = evaluation?.kind === 'classifier' || evaluation?.kind === 'targets';
  if (record.kind !== 'classifier') {
    return { ...parts, kind: record.kind, evaluation: isOfClassifier ? undefined : evaluation };
  }
  return {
    ...parts,
    kind: 'classifier',
    evaluation: evaluation?.kind === 'classifier' ? evaluation : undefined,
    ...(evaluation?.kind === 'targets' ? { targets: evaluation } : {}),
  };
}

/**
 * Returns the runs in a folder and below it. A run with a broken file is skipped, with the reason: one of many must not
 * cost the report of the others.
 *
 * @param options `mayBeNone`: there is something else to report; default false
 * @throws DataError when there is no such folder, no run in it, or none that can be read
 */
export async function readRuns(
  folder: string,
  options: { readonly mayBeNone?: boolean } = {},
): Promise<FoundRuns> {
  const { mayBeNone = false } = options;
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory() !== true) {
    throw new DataError(
      `report: --runs must be a folder of runs, but there is none at ${folder}. Train something first: \`janus train classifier --help\`.`,
      { path: folder },
    );
  }
  const { folders, unreadable } = await findRunFolders(folder);
  const skipped: SkippedRun[] = [...unreadable];
  if (folders.length === 0 && !mayBeNone) {
    throw new DataError(
      `report: ${folder} must hold at least one run (a folder with run.json), but it holds none. Train something first: \`janus train classifier --help\`.`,
      { path: folder },
    );
  }
  const read = await Promise.all(
    folders.map(async (each) => {
      const name = relativeName(folder, each) || basename(each);
      return await orSkip(name, skipped, () => readReportRun(each, name));
    }),
  );
  const runs = read.filter((run) => run !== undefined);
  if (runs.length === 0 && skipped.length > 0 && !mayBeNone) throw noneReadable(folder, skipped);
  const sorted = runs.sort((a, b) => (a.record.started < b.record.started ? -1 : 1));
  const ids = new Map<string, number>();
  return {
    runs: sorted.map((run) => {
      const before = ids.get(run.id) ?? 0;
      ids.set(run.id, before + 1);
      return before === 0 ? run : { ...run, id: `${run.id}-${before + 1}` };
    }),
    skipped,
  };
}

/** The error where every run is broken: the reason of the first, and how many others there are. */
export function noneReadable(folder: string, skipped: readonly SkippedRun[]): DataError {
  const others =
    skipped.length === 1 ? '' : ` (and ${skipped.length - 1} more of ${folder} cannot be read)`;
  return new DataError(`${skipped[0]?.reason ?? ''}${others}`, { path: folder });
}
