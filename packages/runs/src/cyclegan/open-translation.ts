/** How a run between two unpaired sets is opened: its data, engine, plan, folder and record, whatever model it trains. */
import { join, resolve } from 'node:path';
import {
  countText,
  OptionsError,
  SILENT,
  type Reporter,
  type RunKind,
  type RunRecord,
  type StepRecord,
} from '@janus/core';
import { measureSpeed, type MeasuredSpeed } from '@janus/engine';
import { unpairedBatches, unpairedStepsPerEpoch } from '@janus/images';
import {
  latestCheckpoint,
  loadCheckpoint,
  type Checkpoint,
  type SampleOptions,
} from '@janus/models';
import { startEngine, type FinishedRun, type RunContext } from '../context.js';
import { RECORD_EVERY } from '../gan/train-loop.js';
import { openItems } from '../item-images.js';
import { keepParts, withEarlierParts } from '../parts.js';
import { decidePrecision, type WithPrecision } from '../precision.js';
import { onlyNamed } from '../run-extension.js';
import { closeRun, folderName, keepMetricsUpTo, openRun } from '../run-folder.js';
import { whileTraining } from '../run-stop.js';
import type { StartWeights } from '../start-from.js';
import { trainingPlan, type TrainingPlan } from '../training-plan.js';
import {
  absoluteSource,
  earlierHashesOfDomains,
  hashOfDomains,
  openDomain,
  type Domain,
} from './domains.js';
import { translationExtension } from './extension.js';
import type { CycleGanRunOptions } from './options.js';
import { cycleGanParts } from './parts.js';
import { sampleImages } from './samples.js';

/** What the options of every translation have. */
export type TranslationOptions = Pick<
  CycleGanRunOptions,
  | 'x'
  | 'y'
  | 'imageSize'
  | 'imageWidth'
  | 'batchSize'
  | 'learningRate'
  | 'constantEpochs'
  | 'decayEpochs'
  | 'schedule'
  | 'stepEpochs'
  | 'maxSteps'
  | 'discriminatorWarmup'
  | 'augment'
  | 'from'
  | 'precision'
  | 'seed'
>;

/** What differs between the kinds of translation. */
export interface TranslationKind<Options> {
  readonly kind: Extract<RunKind, 'cyclegan' | 'cut'>;
  /** Returns the text that checkpoints carry. */
  readonly architecture: (options: WithPrecision<Options>) => string;
  /** Returns about how many seconds `updates` take. */
  readonly seconds: (
    options: Options,
    of: { readonly updates: number; readonly speed: MeasuredSpeed },
  ) => number;
  /** What options were, in effect, in versions that did not have them; default none. */
  readonly absent?: Readonly<Partial<WithPrecision<Options>>>;
  /** Returns the images of both sets; default all that a run trains on. */
  readonly domains?: (options: Options) => Promise<{ readonly x: Domain; readonly y: Domain }>;
  /** Returns the networks of another run that a new run in `folder` begins with; default none. */
  readonly start?: (
    options: WithPrecision<Options>,
    folder: string,
  ) => Promise<StartWeights | undefined>;
}

/** A run that is under way. */
export interface OpenTranslation<Options> {
  readonly folder: string;
  readonly x: Domain;
  readonly y: Domain;
  readonly options: WithPrecision<Options>;
  readonly record: RunRecord<WithPrecision<Options>>;
  /** Another run's networks, where a new run begins with those. */
  readonly start: StartWeights | undefined;
  readonly plan: TrainingPlan;
  readonly reporter: Reporter;
  readonly context: RunContext;
}

/**
 * Opens a run, trains it, and closes it.
 *
 * @throws OptionsError when an option is out of range or the folder holds a run that may not be replaced;
 * DataError when a domain has no images; EnvironmentError when another process writes into the folder
 */
export async function runTranslation<Options extends TranslationOptions>(
  options: Options,
  context: RunContext,
  how: TranslationKind<Options> & {
    readonly train: (run: OpenTranslation<Options>) => Promise<FinishedRun>;
  },
): Promise<FinishedRun> {
  const { reporter = SILENT, existing = 'refuse' } = context;
  const { kind, architecture } = how;
  checkWarmup(options);
  const { x, y } = await (how.domains ?? bothDomains)(options);
  const stepsPerEpoch = unpairedStepsPerEpoch([x.items.length, y.items.length], options.batchSize);
  const engine = await startEngine({ ...context, reporter: SILENT });
  const speed = await measureSpeed();
  const plan = planOf(options, { x, y, stepsPerEpoch, speed, how });
  reporter.log(plan.text);
  reporter.log(engine.line);
  const { folder = defaultTranslationFolder(kind, { x, y }) } = context;
  return await whileTraining({ folder, context, reporter }, async (stoppable) => {
    const resolved = await decidePrecision(
      {
        ...{ ...options, x: absoluteSource(options.x), y: absoluteSource(options.y) },
        ...(options.from === undefined ? {} : { from: resolve(options.from) }),
      },
      { folder, existing, reporter },
    );
    const start = existing === 'resume' ? undefined : await how.start?.(resolved, folder);
    const extension = translationExtension(folder, { stepsPerEpoch, architecture });
    const record = await openRun<WithPrecision<Options>>({
      ...{ kind, folder, engine, existing, reporter },
      name: `${x.title} to ${y.title}`,
      options: resolved,
      updates: plan.updates,
      dataHash: hashOfDomains(x, y),
      earlierHashes: earlierHashesOfDomains(x, y),
      extendable: onlyNamed(extension, context.extend),
      startedFrom: start?.source,
      ...(how.absent === undefined ? {} : { absent: how.absent }),
    });
    await keepParts(folder, async () =>
      withEarlierParts(await cycleGanParts(resolved, reporter.progress), resolved.from),
    );
    const opened = { folder, x, y, options: resolved, record, start, plan };
    const run = { ...opened, reporter, context: stoppable };
    const result = await how.train(run);
    await closeRun(record, result);
    return result;
  });
}

/** Returns the folder of a run that none is named for. */
export function defaultTranslationFolder(
  kind: TranslationKind<unknown>['kind'],
  { x, y }: Readonly<Record<'x' | 'y', Pick<Domain, 'title'>>>,
): string {
  return join('runs', folderName(`${kind}-${x.title}-${y.title}`));
}

async function bothDomains(
  options: Pick<TranslationOptions, 'x' | 'y'>,
): Promise<{ readonly x: Domain; readonly y: Domain }> {
  return { x: await openDomain(options.x, 'train'), y: await openDomain(options.y, 'train') };
}

/** Throws an OptionsError for a run that ends before its generators begin. */
function checkWarmup({ discriminatorWarmup, maxSteps }: TranslationOptions): void {
  if (maxSteps === 0 || maxSteps > discriminatorWarmup) return;
  throw new OptionsError(
    `--max-steps: must be above --discriminator-warmup (${discriminatorWarmup}), the updates after which the generators begin to learn, but got ${maxSteps}. Give more updates, or a shorter warm-up.`,
  );
}

/** Returns what the options will train. */
function planOf<Options extends TranslationOptions>(
  options: Options,
  given: Pick<OpenTranslation<Options>, 'x' | 'y'> & {
    readonly stepsPerEpoch: number;
    readonly speed: MeasuredSpeed;
    readonly how: TranslationKind<Options>;
  },
): TrainingPlan {
  const { x, y, stepsPerEpoch, speed, how } = given;
  const { constantEpochs, decayEpochs, maxSteps } = options;
  const [countX, countY] = [x.items.length, y.items.length];
  const plan = {
    images: `${countText(countX)} images of ${x.title} and ${countText(countY)} of ${y.title}`,
    phases: [{ name: how.kind, constantEpochs, fallingEpochs: decayEpochs, stepsPerEpoch }],
    maxUpdates: maxSteps,
  };
  const { updates } = trainingPlan(plan);
  return trainingPlan({ ...plan, seconds: how.seconds(options, { updates, speed }) });
}

/** What a translation is trained on. */
export interface TranslationData {
  readonly source: ReturnType<typeof unpairedBatches>;
  /** The first images of both domains, whose translations are watched. */
  readonly watch: SampleOptions;
  readonly titles: { readonly x: string; readonly y: string };
}

/**
 * Opens the images of a run.
 *
 * @param batches makes its batches; default unpaired ones
 */
export async function openTranslationData(
  run: Pick<OpenTranslation<TranslationOptions>, 'x' | 'y' | 'options' | 'reporter'>,
  batches: typeof unpairedBatches = unpairedBatches,
): Promise<TranslationData> {
  const { x, y, options, reporter } = run;
  const { imageSize: size, imageWidth: width = size, batchSize, seed, augment } = options;
  const sides = { size, width };
  const imagesX = await openItems(x.items, { ...sides, folder: x.folder, reporter });
  const imagesY = await openItems(y.items, { ...sides, folder: y.folder, reporter });
  const changes = augment === undefined ? {} : { augment };
  return {
    source: batches({ imagesX, imagesY, batchSize, seed, ...changes }),
    watch: await sampleImages(imagesX, imagesY),
    titles: { x: x.title, y: y.title },
  };
}

/** Returns the last checkpoint of a run that is resumed; undefined for a new one. */
export async function lastCheckpoint(
  folder: string,
  architecture: string,
): Promise<Checkpoint | undefined> {
  const latest = await latestCheckpoint(join(folder, 'checkpoints'));
  return latest === undefined ? undefined : await loadCheckpoint(latest, { architecture });
}

/** Drops the records after `step`, and those that only a run which ended there has. */
export async function keepUsualMetrics(
  { folder, plan }: { readonly folder: string; readonly plan: TrainingPlan },
  step: number,
): Promise<void> {
  const [phase] = plan.phases;
  const stepsPerEpoch = phase !== undefined && 'stepsPerEpoch' in phase ? phase.stepsPerEpoch : 1;
  const isUsual = (each: StepRecord): boolean =>
    each.step % RECORD_EVERY === 0 || each.step % stepsPerEpoch === 0;
  // A run that ended at maxSteps has a record of that step; one that is extended beyond would have none.
  await keepMetricsUpTo(folder, step, step < plan.updates ? isUsual : undefined);
}
