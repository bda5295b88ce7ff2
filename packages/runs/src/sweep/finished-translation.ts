/** Whether a folder holds a certain training of a CycleGAN, and how it fared on its test split. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { OptionsError, readEvaluation, type CycleGanEvaluation, type RunRecord } from '@janus/core';
import type { StoppableContext } from '../context.js';
import { absoluteSource } from '../cyclegan/domains.js';
import {
  readCycleGanRun,
  type CycleGanRunOptions,
  type ResolvedCycleGanOptions,
} from '../cyclegan/options.js';
import { evaluateRun } from '../evaluate/evaluate-run.js';

/** Options that have no default: a run that has them is another one than a run without. */
const WITHOUT_DEFAULT = ['from', 'pairs', 'trainImages', 'augment'] as const;

/**
 * Returns the record of a training; undefined where the folder holds no run.
 *
 * @throws OptionsError when the run there has other options
 */
export async function recordOfTranslation(
  folder: string,
  training: CycleGanRunOptions,
): Promise<RunRecord<ResolvedCycleGanOptions> | undefined> {
  if (!existsSync(join(folder, 'run.json'))) return undefined;
  const record = await readCycleGanRun(folder);
  const { precision, x, y, from, ...asked } = training;
  const wanted: Readonly<Record<string, unknown>> = {
    ...{ ...asked, x: absoluteSource(x), y: absoluteSource(y) },
    ...(from === undefined ? {} : { from: resolve(from) }),
    ...(precision === 'auto' ? {} : { precision }),
  };
  const had = record.options as unknown as Readonly<Record<string, unknown>>;
  const names = new Set([...Object.keys(wanted), ...WITHOUT_DEFAULT]);
  const other = [...names].find((name) => !isDeepStrictEqual(wanted[name], had[name]));
  if (other === undefined) return record;
  throw new OptionsError(
    `${folder}: must hold a run of the same options, but was trained with ${other} ${valueText(had[other])} instead of ${valueText(wanted[other])}. Replace it with --overwrite, or name another folder.`,
  );
}

const valueText = (value: unknown): string =>
  value === undefined ? 'unset' : JSON.stringify(value);

/** Returns a finished run's evaluation on the test split by a judge, made if there is none. */
export async function testEvaluationOf(
  folder: string,
  judge: string | undefined,
  { engine, reporter, signal }: StoppableContext,
): Promise<CycleGanEvaluation> {
  const found = await readEvaluation(join(folder, 'evaluation.json'), 'cyclegan');
  const isSame =
    found?.kind === 'cyclegan' &&
    found.judge === (judge ?? 'none') &&
    (found.features ?? 'vgg16') === 'vgg16';
  if (isSame && found.split === 'test') return found;
  const made = await evaluateRun(folder, {
    ...{ split: 'test', signal },
    ...(judge === undefined ? {} : { judge }),
    ...(engine === undefined ? {} : { engine }),
    ...(reporter === undefined ? {} : { reporter }),
  });
  if (made.kind !== 'cyclegan') throw new Error(`${folder}: is not a CycleGAN`);
  return made;
}
