/** Whether a folder holds a certain training of a CycleGAN, and how it fared on its test split. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { OptionsError, readEvaluation, type CycleGanEvaluation, type RunRecord } from '@janus/core';
import type { StoppableContext } from '../context.js';
import { absoluteSource, earlierHashesOfDomains, hashOfDomains } from '../cyclegan/domains.js';
import {
  readCycleGanRun,
  withoutRepetitions,
  type CycleGanRunOptions,
  type ResolvedCycleGanOptions,
} from '../cyclegan/options.js';
import { trainingSides } from '../cyclegan/pairs.js';
import { evaluateRun } from '../evaluate/evaluate-run.js';

/**
 * Returns the record of a training; undefined where the folder holds no run.
 *
 * @throws OptionsError when the run there has other options or data; DataError when a domain has no images
 */
export async function recordOfTranslation(
  folder: string,
  training: CycleGanRunOptions,
): Promise<RunRecord<ResolvedCycleGanOptions> | undefined> {
  if (!existsSync(join(folder, 'run.json'))) return undefined;
  const record = await readCycleGanRun(folder);
  const difference =
    optionDifference(record.options, training) ?? (await dataDifference(record, training));
  if (difference === undefined) return record;
  throw new OptionsError(
    `${folder}: must hold a run of the same options and data, but was trained with ${difference}. Name another folder, or remove that run to train it again.`,
  );
}

/** Returns the first option that a run has and a training has not, or has otherwise, in words. */
function optionDifference(
  options: ResolvedCycleGanOptions,
  training: CycleGanRunOptions,
): string | undefined {
  const { precision, x, y, from, ...asked } = withoutRepetitions(training);
  const wanted: Readonly<Record<string, unknown>> = {
    ...{ ...asked, x: absoluteSource(x), y: absoluteSource(y) },
    ...(from === undefined ? {} : { from: resolve(from) }),
    precision: precision === 'auto' ? options.precision : precision,
  };
  const had = options as unknown as Readonly<Record<string, unknown>>;
  const names = new Set([...Object.keys(wanted), ...Object.keys(had)]);
  const other = [...names].find((name) => !isDeepStrictEqual(wanted[name], had[name]));
  return other === undefined
    ? undefined
    : `${other} ${valueText(had[other])} instead of ${valueText(wanted[other])}`;
}

async function dataDifference(
  { dataHash }: RunRecord<object>,
  training: CycleGanRunOptions,
): Promise<string | undefined> {
  const { x, y } = await trainingSides(training);
  const isSame = [hashOfDomains(x, y), ...earlierHashesOfDomains(x, y)].includes(dataHash);
  return isSame ? undefined : 'other data';
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
