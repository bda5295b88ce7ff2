/** Whether a folder holds a row of a sweep, and how far it is. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import {
  OptionsError,
  readEvaluation,
  readMetrics,
  type ClassifierEvaluation,
  type RunRecord,
} from '@janus/core';
import {
  cutOf,
  normalisationOf,
  readClassifierRun,
  type ClassifierRunOptions,
  type ResolvedClassifierOptions,
} from '../classifier/options.js';

/** The row that a folder may hold. */
export interface RowOfFolder {
  readonly options: ClassifierRunOptions;
  /** Hash of the data set. */
  readonly dataHash: string;
}

/**
 * Returns the record of a row's run; undefined where there is none.
 *
 * @throws OptionsError when the run there has other options or data: the row, the scale or the data has changed since
 */
export async function recordOfRow(
  folder: string,
  { options, dataHash }: RowOfFolder,
): Promise<RunRecord<ResolvedClassifierOptions> | undefined> {
  if (!existsSync(join(folder, 'run.json'))) return undefined;
  const record = await readClassifierRun(folder);
  const { precision, ...asked } = askedOptions(options);
  const had = record.options as unknown as Readonly<Record<string, unknown>>;
  const wanted: Readonly<Record<string, unknown>> =
    precision === 'auto' ? asked : { ...asked, precision };
  const names = new Set([...Object.keys(wanted), 'trainImages', 'maxSteps']);
  const chosen = chosenByProbes(options);
  const other = [...names].find(
    (name) => !chosen.includes(name) && !isDeepStrictEqual(wanted[name], had[name]),
  );
  if (other === undefined && record.dataHash === dataHash) return record;
  const what =
    other === undefined
      ? 'other data'
      : `${other} ${valueText(had[other])} instead of ${valueText(wanted[other])}`;
  throw new OptionsError(
    `${folder}: must hold a run of the same options, but was trained with ${what}. Replace it with --overwrite, or name another folder.`,
  );
}

/** Returns options as a record has them. */
function askedOptions(options: ClassifierRunOptions): ClassifierRunOptions {
  const { from } = options;
  return {
    ...{ ...options, data: resolve(options.data) },
    ...(from === undefined ? {} : { from: resolve(from) }),
    ...{ cut: cutOf(options), normalisation: normalisationOf(options) },
  };
}

/** Returns the options that linear probes choose, so that a record may have any (`--cut auto`). */
function chosenByProbes({ cut, normalisation }: ClassifierRunOptions): readonly string[] {
  if (cut !== 'auto') return [];
  return ['cut', 'pooling', ...(normalisation === null ? ['normalisation'] : [])];
}

const valueText = (value: unknown): string =>
  value === undefined ? 'unset' : JSON.stringify(value);

/** Returns a finished run's evaluation on the test split; undefined where it has none. */
export async function evaluationOfRow(folder: string): Promise<ClassifierEvaluation | undefined> {
  const found = await readEvaluation(join(folder, 'evaluation.json'), 'classifier');
  return found?.kind === 'classifier' && found.split === 'test' ? found : undefined;
}

/** Returns the lowest validation loss of a run, that of the weights that it kept; null where it has none. */
export async function validationLossOf(folder: string): Promise<number | null> {
  const losses = (await readMetrics(folder)).flatMap((record) =>
    record.kind === 'epoch' && record.split === 'validation'
      ? [record.losses['crossEntropy'] ?? Infinity]
      : [],
  );
  const lowest = Math.min(...losses);
  return Number.isFinite(lowest) ? lowest : null;
}
