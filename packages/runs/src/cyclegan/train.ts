import { join, resolve } from 'node:path';
import {
  appendMetrics,
  countText,
  NumericalError,
  OptionsError,
  peakRssMb,
  readMetrics,
  SILENT,
  type Reporter,
  type RunRecord,
  type StepRecord,
} from '@janus/core';
import { measureSpeed, type MeasuredSpeed } from '@janus/engine';
import { pairedBatches, unpairedBatches, unpairedStepsPerEpoch } from '@janus/images';
import {
  checkpointOfCycleGan,
  createCycleGan,
  cycleWeights,
  cycleGanArchitecture,
  cycleGanSteps,
  latestCheckpoint,
  loadCheckpoint,
  restoreCycleGan,
  samplingGenerators,
  sampleTranslations,
  saveCheckpoint,
  saveModel,
  startCycleGan,
  undecidedLoss,
  type CycleGan,
  type SampleOptions,
} from '@janus/models';
import { startEngine, type FinishedRun, type RunContext } from '../context.js';
import { openDivergenceAlarm, type DivergenceAlarm } from '../divergence.js';
import { openItems } from '../item-images.js';
import { keepParts, withEarlierParts } from '../parts.js';
import { decidePrecision } from '../precision.js';
import { onlyNamed } from '../run-extension.js';
import { closeRun, folderName, keepMetricsUpTo, openRun } from '../run-folder.js';
import { whileLocked } from '../run-lock.js';
import { checkOtherRun, checkSameStart, type StartWeights } from '../start-from.js';
import { trainingPlan, type TrainingPlan } from '../training-plan.js';
import { checkFiniteWeights, withLastCheckpoint } from '../gan/broken-weights.js';
import { collapseAlarm, type CollapseAlarm } from '../collapse.js';
import { absoluteSource, hashOfDomains, type Domain } from './domains.js';
import { cycleGanExtension } from './extension.js';
import {
  CYCLEGAN_RUN_PAPER,
  type CycleGanRunOptions,
  type ResolvedCycleGanOptions,
} from './options.js';
import { trainingSides } from './pairs.js';
import { cycleGanParts } from './parts.js';
import { cycleGanSeconds } from './seconds.js';
import { writeSampleStrips } from './sample-strips.js';
import { alarmsOf, readSamples, sampleImages, writeSamples, type Sample } from './samples.js';
import { readCycleGanStart } from './start.js';
import { writeTranslationDescription } from './translation-description.js';

/** Steps between checkpoints, and between sample sheets. */
const CHECKPOINT_STEPS = 100;
/** A record reads the losses back, and so waits for them. */
const RECORD_EVERY = 10;
/** Records in a row in which a discriminator's loss is far above its start: 50 updates at most. */
const DIVERGED_RECORDS = 5;

/** A run that is under way. */
interface Run {
  readonly folder: string;
  readonly x: Domain;
  readonly y: Domain;
  readonly options: ResolvedCycleGanOptions;
  readonly record: RunRecord<ResolvedCycleGanOptions>;
  /** Another run's networks, where a new run begins with those. */
  readonly start: StartWeights | undefined;
  readonly plan: TrainingPlan;
  readonly reporter: Reporter;
  readonly context: RunContext;
}

/**
 * Trains translations between two unpaired sets: writes the run's folder with its record, metrics,
 * checkpoints, samples and both generators. An interrupted run that is resumed equals one that was not, bit
 * for bit; so does one that is resumed with a longer schedule, where that leaves the rates so far as they were.
 *
 * @throws OptionsError when an option is out of range or the folder holds a run that may not be replaced;
 * DataError when a domain has no images or one cannot be decoded; NumericalError when a loss is not finite;
 * EnvironmentError when another process writes into the folder
 */
export async function trainCycleGan(
  options: CycleGanRunOptions,
  context: RunContext = {},
): Promise<FinishedRun> {
  const { reporter = SILENT, existing = 'refuse' } = context;
  checkWarmup(options);
  const { x, y } = await trainingSides(options);
  const stepsPerEpoch = unpairedStepsPerEpoch([x.items.length, y.items.length], options.batchSize);
  const engine = await startEngine({ ...context, reporter: SILENT });
  const speed = await measureSpeed();
  const plan = planOf(options, { x, y, stepsPerEpoch, speed });
  reporter.log(plan.text);
  reporter.log(engine.line);
  const { folder = join('runs', folderName(`cyclegan-${x.title}-${y.title}`)) } = context;
  return await whileLocked({ folder, work: 'training', reporter }, async () => {
    const resolved = await decidePrecision(
      {
        ...{ ...options, x: absoluteSource(options.x), y: absoluteSource(options.y) },
        ...(options.from === undefined ? {} : { from: resolve(options.from) }),
      },
      { folder, existing, reporter },
    );
    const start = existing === 'resume' ? undefined : await newStart(resolved, folder);
    const record = await openRun({
      kind: 'cyclegan',
      folder,
      name: `${x.title} to ${y.title}`,
      options: resolved,
      dataHash: hashOfDomains(x, y),
      engine,
      existing,
      // Versions that had fewer options did as the paper does.
      absent: { ...CYCLEGAN_RUN_PAPER, precision: 'float32' },
      extendable: onlyNamed(cycleGanExtension(folder, stepsPerEpoch), context.extend),
      startedFrom: start?.source,
      reporter,
    });
    await keepParts(folder, async () =>
      withEarlierParts(await cycleGanParts(resolved, reporter.progress), resolved.from),
    );
    const run = { folder, x, y, options: resolved, record, start, plan, reporter, context };
    const result = await trainSteps(run);
    await closeRun(record, result);
    return result;
  });
}

/** Throws an OptionsError for a run that ends before its generators begin. */
function checkWarmup({ discriminatorWarmup, maxSteps }: CycleGanRunOptions): void {
  if (maxSteps === 0 || maxSteps > discriminatorWarmup) return;
  throw new OptionsError(
    `--max-steps: must be above --discriminator-warmup (${discriminatorWarmup}), the updates after which the generators begin to learn, but got ${maxSteps}. Give more updates, or a shorter warm-up.`,
  );
}

/** Returns what the options will train. */
function planOf(
  options: CycleGanRunOptions,
  given: Pick<Run, 'x' | 'y'> & { readonly stepsPerEpoch: number; readonly speed: MeasuredSpeed },
): TrainingPlan {
  const { x, y, stepsPerEpoch, speed } = given;
  const { constantEpochs, decayEpochs, maxSteps } = options;
  const [countX, countY] = [x.items.length, y.items.length];
  const plan = {
    images: `${countText(countX)} images of ${x.title} and ${countText(countY)} of ${y.title}`,
    phases: [{ name: 'cyclegan', constantEpochs, fallingEpochs: decayEpochs, stepsPerEpoch }],
    maxUpdates: maxSteps,
  };
  const { updates } = trainingPlan(plan);
  return trainingPlan({ ...plan, seconds: cycleGanSeconds(options, { updates, speed }) });
}

/** Returns the networks of another run that a new run begins with, if the options name one. */
async function newStart(
  options: ResolvedCycleGanOptions,
  folder: string,
): Promise<StartWeights | undefined> {
  const { from } = options;
  if (from === undefined) return undefined;
  checkOtherRun(from, folder);
  return await readCycleGanStart({ ...options, from });
}

async function trainSteps(run: Run): Promise<FinishedRun> {
  const { folder, options, reporter, context } = run;
  const { imageSize: size, batchSize, seed, augment } = options;
  const imagesX = await openItems(run.x.items, { size, folder: run.x.folder, reporter });
  const imagesY = await openItems(run.y.items, { size, folder: run.y.folder, reporter });
  const changes = augment === undefined ? {} : { augment };
  const batches = options.paired ? pairedBatches : unpairedBatches;
  const source = batches({ imagesX, imagesY, batchSize, seed, ...changes });
  const watch = await sampleImages(imagesX, imagesY);
  const titles = { x: run.x.title, y: run.y.title };
  const cyclegan = createCycleGan(options);
  try {
    await resumeFrom(run, cyclegan);
    const total = run.plan.updates;
    const firstStep = cyclegan.progress.step;
    const began = performance.now();
    const alarm = await openAlarm(run);
    const collapse = await openCollapseAlarm(run, watch, firstStep);
    const endOf = (finished: boolean): Omit<FinishedRun, 'diverged' | 'collapsed'> => {
      const seconds = (performance.now() - began) / 1000;
      const steps = cyclegan.progress.step;
      const imagesPerSecond = seconds > 0 ? ((steps - firstStep) * batchSize * 2) / seconds : 0;
      return { folder, finished, steps, seconds, imagesPerSecond, peakRssMb: peakRssMb() };
    };
    const save = async (): Promise<void> => {
      const checkpoint = await checkpointOfCycleGan(cyclegan);
      checkFiniteWeights(checkpoint);
      await saveCheckpoint(join(folder, 'checkpoints'), checkpoint);
    };
    const sampleNow = async (): Promise<Sample> => {
      const { precision } = options;
      const generators = samplingGenerators(cyclegan);
      const fakes = await sampleTranslations(generators, { ...watch, precision });
      const made = { ...fakes, step: cyclegan.progress.step };
      await writeSamples(folder, made, { ...watch, titles });
      return made;
    };
    const sample = async (): Promise<void> => {
      const made = await sampleNow();
      collapse.seeSamples(made.step, alarmsOf(made, watch));
    };
    let saved = firstStep;
    const isWanted = wantedSamples(context.sampleAfter, firstStep);
    const { signal } = context;
    const loop = {
      ...{ recordEvery: RECORD_EVERY, maxSteps: total, watch },
      ...(signal === undefined ? {} : { signal }),
    };
    const train = async (): Promise<void> => {
      for await (const record of cycleGanSteps(cyclegan, source, loop)) {
        await appendMetrics(folder, [record]);
        alarm.see(record);
        collapse.see(record);
        if (record.kind === 'step') {
          reporter.progress({
            ...{ done: record.step, total, unit: 'steps', label: 'cyclegan' },
            note: progressNote(record, options),
          });
        }
        await context.onRecord?.(record);
        // The record of an epoch follows that of its last step: a checkpoint in between would lose it.
        const epochFollows = record.kind === 'step' && cyclegan.progress.cursor.batch === 0;
        if (record.step - saved >= CHECKPOINT_STEPS && !epochFollows) {
          saved = record.step;
          await save();
          await sample();
        } else if (isWanted(record.step)) {
          await sampleNow();
        }
      }
    };
    try {
      if (firstStep < total) await train();
      await save();
    } catch (error) {
      if (!(error instanceof NumericalError)) throw error;
      await closeRun(run.record, { ...endOf(false), diverged: alarm.fail(error) });
      throw await withLastCheckpoint(error, folder);
    }
    const finished = cyclegan.progress.step >= total;
    if (finished) {
      await sample();
      await saveGenerators(run, cyclegan);
    }
    await writeSampleStrips(folder, { ...watch, titles }, cyclegan.progress.step);
    return { ...endOf(finished), ...alarm.end(), ...collapse.end() };
  } finally {
    cyclegan.dispose();
  }
}

/** Returns whether a step, asked in their order, is the first one at or after one of those wanted. */
function wantedSamples(steps: readonly number[] = [], begun: number): (step: number) => boolean {
  let last = begun;
  return (step) => {
    const isWanted = steps.some((wanted) => wanted > last && wanted <= step);
    last = Math.max(last, step);
    return isWanted;
  };
}

/** Returns what watches the discriminators' losses; the others are bounded by the range of pixels. */
async function openAlarm({ folder, options, reporter }: Run): Promise<DivergenceAlarm> {
  const { learningRate, discriminatorLrFactor } = options;
  const start = undecidedLoss(options.adversarial);
  return await openDivergenceAlarm(folder, {
    starts: { discriminatorX: start, discriminatorY: start },
    inARow: DIVERGED_RECORDS,
    reporter,
    wayOut: `Lower --learning-rate (${learningRate}) or --discriminator-lr-factor (${discriminatorLrFactor}) and start over with --overwrite, or from an earlier run's weights with --from.`,
  });
}

/** Returns what watches for a collapse, having seen what the run has up to `step`. */
async function openCollapseAlarm(
  { folder, options, reporter }: Run,
  watch: SampleOptions,
  step: number,
): Promise<CollapseAlarm> {
  const records = await readMetrics(folder);
  const samples = await readSamples(folder, { upTo: step });
  const seen = samples.map((each) => ({ step: each.step, alarms: alarmsOf(each, watch) }));
  return collapseAlarm(
    { start: undecidedLoss(options.adversarial), warmup: options.discriminatorWarmup },
    { records, samples: seen },
    reporter,
  );
}

/** Returns the loss that holds fakes to their originals, by name; while only the discriminators learn, theirs. */
function progressNote({ losses }: StepRecord, options: ResolvedCycleGanOptions): string {
  const { x, y } = cycleWeights(options);
  const held = x + y === 0 && options.lambdaChange > 0 ? 'change' : 'cycle';
  const term = losses[`${held}X`] === undefined ? 'discriminator' : held;
  const sum = (losses[`${term}X`] ?? 0) + (losses[`${term}Y`] ?? 0);
  return `${term} ${sum.toFixed(3)}`;
}

/** Sets the networks to where the run begins: its last checkpoint, another run's, or what they are. */
async function resumeFrom(run: Run, cyclegan: CycleGan): Promise<void> {
  const { folder, options, record, plan, reporter } = run;
  const checkpoints = join(folder, 'checkpoints');
  const latest = await latestCheckpoint(checkpoints);
  if (latest !== undefined) {
    const architecture = cycleGanArchitecture(options);
    restoreCycleGan(cyclegan, await loadCheckpoint(latest, { architecture }));
    reporter.log(`Resuming after step ${cyclegan.progress.step}.`);
  } else if (record.startedFrom !== undefined && options.from !== undefined) {
    const start = run.start ?? (await readCycleGanStart({ ...options, from: options.from }));
    checkSameStart(start, record.startedFrom);
    startCycleGan(cyclegan, start.arrays);
    // From here on, the run no longer needs the other one.
    await saveCheckpoint(checkpoints, await checkpointOfCycleGan(cyclegan));
    const { run: source, step } = start.source;
    reporter.log(`All networks: those of ${source} after ${step} updates`);
  }
  const { step } = cyclegan.progress;
  const [phase] = plan.phases;
  const stepsPerEpoch = phase !== undefined && 'stepsPerEpoch' in phase ? phase.stepsPerEpoch : 1;
  const isUsual = (each: StepRecord): boolean =>
    each.step % RECORD_EVERY === 0 || each.step % stepsPerEpoch === 0;
  // A run that ended at maxSteps has a record of that step; one that is extended beyond would have none.
  await keepMetricsUpTo(folder, step, step < plan.updates ? isUsual : undefined);
}

async function saveGenerators({ folder, x, y, options }: Run, cyclegan: CycleGan): Promise<void> {
  const { G, F } = samplingGenerators(cyclegan);
  await saveModel(join(folder, 'model', 'G'), G);
  await saveModel(join(folder, 'model', 'F'), F);
  const { imageSize } = options;
  await writeTranslationDescription(folder, { x: x.title, y: y.title, imageSize });
}
