/** The run folders below a folder, as the report reads them. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import {
  DataError,
  readEvaluation,
  readMetrics,
  readRun,
  type ClassifierEvaluation,
  type CycleGanEvaluation,
  type RunRecord,
  type StepRecord,
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
}

/** A CycleGAN's run. */
export interface CycleGanRun extends RunParts {
  readonly kind: 'cyclegan';
  readonly evaluation: CycleGanEvaluation | undefined;
}

/** A run of either kind. */
export type ReportRun = ClassifierRun | CycleGanRun;

/** Runs may lie this many folders deep: `<dir>/table2/row-03`. */
const DEPTH = 3;

async function findRuns(folder: string, depth: number): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  if (entries.some((entry) => entry.isFile() && entry.name === 'run.json')) return [folder];
  if (depth === 0) return [];
  const inner = entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => findRuns(join(folder, entry.name), depth - 1));
  return (await Promise.all(inner)).flat();
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
  return record.kind === 'classifier'
    ? {
        ...parts,
        kind: 'classifier',
        evaluation: evaluation?.kind === 'classifier' ? evaluation : undefined,
      }
    : {
        ...parts,
        kind: 'cyclegan',
        evaluation: evaluation?.kind === 'cyclegan' ? evaluation : undefined,
      };
}

/**
 * Returns the runs in a folder and below it, the oldest first.
 *
 * @param options `mayBeNone`: there is something else to report; default false
 * @throws DataError when there is no such folder, no run in it, or a file of a run is broken
 */
export async function readRuns(
  folder: string,
  options: { readonly mayBeNone?: boolean } = {},
): Promise<readonly ReportRun[]> {
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory() !== true) {
    throw new DataError(
      `report: --runs must be a folder of runs, but there is none at ${folder}. Train something first: \`janus train classifier --help\`.`,
      { path: folder },
    );
  }
  const folders = await findRuns(folder, DEPTH);
  if (folders.length === 0 && options.mayBeNone !== true) {
    throw new DataError(
      `report: ${folder} must hold at least one run (a folder with run.json), but it holds none. Train something first: \`janus train classifier --help\`.`,
      { path: folder },
    );
  }
  const runs = await Promise.all(
    folders.map((each) => readReportRun(each, relative(folder, each) || basename(each))),
  );
  const sorted = runs.sort((a, b) => (a.record.started < b.record.started ? -1 : 1));
  const ids = new Map<string, number>();
  return sorted.map((run) => {
    const before = ids.get(run.id) ?? 0;
    ids.set(run.id, before + 1);
    return before === 0 ? run : { ...run, id: `${run.id}-${before + 1}` };
  });
}
