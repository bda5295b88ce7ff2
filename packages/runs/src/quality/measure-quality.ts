/** How good recipes of a translation are after how many minutes of training. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  OptionsError,
  QUALITY_FILE,
  readMetrics,
  readQuality,
  readRun,
  SILENT,
  writeQuality,
  type QualityPoint,
  type QualityRecord,
  type StepRecord,
} from '@janus/core';
import { isStopped } from '../context.js';
import { openDomain } from '../cyclegan/domains.js';
import { trainCycleGan } from '../cyclegan/train.js';
import { evaluateRun } from '../evaluate/evaluate-run.js';
import { recordOfTranslation } from '../sweep/finished-translation.js';
import type { SweepContext } from '../sweep/run-sweep.js';
import { measuresOf } from '../sweep/translation-measures.js';
import { trainingOf, type QualityRecipe } from './quality-recipe.js';
import { writeQualityFigures } from './quality-figures.js';

/** What is measured. */
export interface MeasureQualityOptions {
  /** Domain X, as of a training. */
  readonly x: string;
  readonly y: string;
  readonly recipes: readonly QualityRecipe[];
  /** Trainings of each recipe, which differ by their seed, 1 and up; default 3. */
  readonly seeds?: number;
  /** Times that each training is measured, after equal numbers of updates, the last at its end; default 4. */
  readonly points?: number;
  /** Folder of a classifier run that judges the fakes; default none. */
  readonly judge?: string;
  /** The folder: a run a recipe and seed, `attribute-1` and so on, the record and its figures. */
  readonly out: string;
}

/** What was measured, and how the call ended. */
export interface QualityResult extends QualityRecord {
  readonly folder: string;
  readonly files: readonly string[];
  /** False when it was interrupted: repeat it. */
  readonly finished: boolean;
}

/** A training and what is to be measured of it. */
interface Work {
  readonly recipe: QualityRecipe;
  readonly seed: number;
  readonly folder: string;
  /** Updates after which it is measured. */
  readonly marks: readonly number[];
}

/**
 * Trains each recipe with several seeds, stops each training some times to measure it on the test split, and writes
 * `quality.json` and figures after each measurement. A training that was stopped goes on as if it had not been; the
 * recipes take turns, so that other work on the machine slows all of them. What was measured is kept: repeat the call to go on.
 *
 * @throws OptionsError when a number is out of range, two recipes have one name, or the folder holds measurements of other
 * recipes, or of runs with other options or data; what `trainCycleGan` and `evaluateRun` throw
 */
export async function measureQuality(
  options: MeasureQualityOptions,
  context: Pick<SweepContext, 'engine' | 'reporter' | 'signal'> = {},
): Promise<QualityResult> {
  const { recipes, seeds = 3, points: count = 4, out, judge = null } = options;
  checkNumbers({ recipes, seeds, count });
  const { reporter = SILENT, signal } = context;
  const [x, y] = [await openDomain(options.x, 'train'), await openDomain(options.y, 'train')];
  const kept = await readQuality(out);
  const asked = {
    format: 1,
    ...{ domains: { x: x.title, y: y.title }, judge },
    recipes: recipes.map(({ name, updates }) => ({ name, updates })),
  } as const;
  checkSame(kept, asked, out);
  await mkdir(out, { recursive: true });
  let record: QualityRecord = { ...asked, engine: '', points: [], ...kept };
  for (const { work, mark } of turns({ recipes, seeds, count, out })) {
    if (signal?.aborted === true) break;
    if (record.points.some((point) => isOf(point, work, mark))) {
      if (mark === work.marks[0]) await checkKept(work, options);
      continue;
    }
    reporter.log(`${work.recipe.name}, seed ${work.seed}: to ${mark} updates`);
    const point = await trainTo(mark, work, { options, context });
    if (point === undefined) break;
    const { engine } = await readRun(work.folder);
    record = { ...record, engine, points: [...record.points, point] };
    await writeQuality(out, record);
  }
  const figures = await writeQualityFigures(out, record);
  const finished = record.points.length === recipes.length * seeds * count;
  return { ...record, folder: out, files: [join(out, QUALITY_FILE), ...figures], finished };
}

/** Refuses a run whose measurements are kept, but which is not the training that is asked for. */
async function checkKept(
  { recipe, seed, folder }: Work,
  { x, y }: Pick<MeasureQualityOptions, 'x' | 'y'>,
): Promise<void> {
  await recordOfTranslation(folder, await trainingOf(recipe, { x, y, seed }));
}

function checkNumbers({
  recipes,
  seeds,
  count,
}: {
  readonly recipes: readonly QualityRecipe[];
  readonly seeds: number;
  readonly count: number;
}): void {
  for (const [name, value] of Object.entries({ seeds, points: count })) {
    if (Number.isInteger(value) && value >= 1) continue;
    throw new OptionsError(
      `measureQuality: ${name} must be a whole number of at least 1, but got ${value}. Leave it out for the default.`,
    );
  }
  const names = recipes.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (names.length === 0 || twice !== undefined) {
    throw new OptionsError(
      `measureQuality: recipes must be at least one, each with a name of its own, but got ${names.join(', ') || 'none'}. Give every recipe another name.`,
    );
  }
}

function checkSame(
  kept: QualityRecord | undefined,
  asked: Pick<QualityRecord, 'domains' | 'judge' | 'recipes'>,
  out: string,
): void {
  if (kept === undefined) return;
  const names = ['domains', 'judge', 'recipes'] as const;
  const other = names.find((name) => JSON.stringify(kept[name]) !== JSON.stringify(asked[name]));
  if (other === undefined) return;
  throw new OptionsError(
    `${out}: holds measurements with ${other} ${JSON.stringify(kept[other])}, but asked for were ${JSON.stringify(asked[other])}. Name another folder with --out.`,
  );
}

/** Returns all trainings up to their first mark, then to their second, and so on. */
function turns({
  recipes,
  seeds,
  count,
  out,
}: Pick<MeasureQualityOptions, 'recipes' | 'out'> & {
  readonly seeds: number;
  readonly count: number;
}): readonly { readonly work: Work; readonly mark: number }[] {
  const works = Array.from({ length: seeds }, (_, i) => i + 1).flatMap((seed) =>
    recipes.map((recipe): Work => {
      const marks = Array.from({ length: count }, (_, i) =>
        Math.round((recipe.updates * (i + 1)) / count),
      );
      return { recipe, seed, folder: join(out, `${recipe.name}-${seed}`), marks };
    }),
  );
  return Array.from({ length: count }, (_, i) =>
    works.map((work) => ({ work, mark: work.marks[i] ?? work.recipe.updates })),
  ).flat();
}

/** Whether a point is that of a training at a mark: a record, and so a stop, comes every few updates. */
function isOf(point: QualityPoint, { recipe, seed, marks }: Work, mark: number): boolean {
  const next = marks[marks.indexOf(mark) + 1] ?? Infinity;
  const isOwn = point.recipe === recipe.name && point.seed === seed;
  return isOwn && point.updates >= mark && point.updates < next;
}

/** Trains to a mark and measures; undefined when it was interrupted before. */
async function trainTo(
  mark: number,
  { recipe, seed, folder }: Work,
  given: {
    readonly options: MeasureQualityOptions;
    readonly context: Pick<SweepContext, 'engine' | 'reporter' | 'signal'>;
  },
): Promise<QualityPoint | undefined> {
  const { x, y, judge } = given.options;
  const { engine, reporter, signal } = given.context;
  const common = {
    ...(engine === undefined ? {} : { engine }),
    ...(reporter === undefined ? {} : { reporter }),
  };
  const reached = new AbortController();
  const signals = [reached.signal, ...(signal === undefined ? [] : [signal])];
  const run = await trainCycleGan(await trainingOf(recipe, { x, y, seed }), {
    ...{ ...common, folder, signal: AbortSignal.any(signals) },
    existing: existsSync(join(folder, 'run.json')) ? 'resume' : 'refuse',
    onRecord: ({ step }) => {
      if (step >= mark) reached.abort();
    },
  });
  if (run.steps < mark) return undefined;
  const minutes = secondsOf(await readMetrics(folder)) / 60;
  const found = await evaluateRun(folder, {
    ...{ ...common, split: 'test', signal },
    ...(judge === undefined ? {} : { judge }),
  }).catch((error: unknown) => {
    if (!isStopped(error, signal)) throw error;
    return undefined;
  });
  if (found === undefined) return undefined;
  if (found.kind !== 'cyclegan') throw new Error(`${folder}: is not a CycleGAN`);
  const { xToY, yToX } = found;
  return {
    ...{ recipe: recipe.name, seed, updates: run.steps, minutes },
    ...{ xToY: measuresOf(xToY), yToX: measuresOf(yToX) },
  };
}

/** Returns the wall-clock time of a training from its records, whose clock begins again at every resume. */
export function secondsOf(records: readonly Pick<StepRecord, 'seconds'>[]): number {
  let [before, last] = [0, 0];
  for (const { seconds } of records) {
    if (seconds < last) before += last;
    last = seconds;
  }
  return before + last;
}
