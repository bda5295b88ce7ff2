import { join } from 'node:path';
import type { StepRecord } from '@janus/core';
import { pairedBatches, unpairedBatches } from '@janus/images';
import {
  checkpointOfCycleGan,
  createCycleGan,
  cycleGanArchitecture,
  cycleGanSteps,
  cycleWeights,
  imageSides,
  restoreCycleGan,
  samplingGenerators,
  sampleTranslations,
  saveCheckpoint,
  saveModel,
  startCycleGan,
  type CycleGan,
} from '@janus/models';
import type { FinishedRun, RunContext } from '../context.js';
import { drawCycleGan } from '../draw-networks.js';
import { trainGanRun } from '../gan/train-loop.js';
import { checkOtherRun, checkSameStart, type StartWeights } from '../start-from.js';
import {
  keepUsualMetrics,
  lastCheckpoint,
  openTranslationData,
  runTranslation,
  type OpenTranslation,
} from './open-translation.js';
import {
  CYCLEGAN_RUN_PAPER,
  withoutRepetitions,
  type CycleGanRunOptions,
  type ResolvedCycleGanOptions,
} from './options.js';
import { trainingSides } from './pairs.js';
import { cycleGanSeconds } from './seconds.js';
import { writeSampleStrips } from './sample-strips.js';
import { alarmsOf, writeSamples, type Sample } from './samples.js';
import { readCycleGanStart } from './start.js';
import { writeTranslationDescription } from './translation-description.js';
import { openCollapseAlarm, openDiscriminatorAlarm } from './watch.js';

type Run = OpenTranslation<CycleGanRunOptions>;

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
  return await runTranslation(withoutRepetitions(options), context, {
    kind: 'cyclegan',
    architecture: cycleGanArchitecture,
    domains: trainingSides,
    seconds: cycleGanSeconds,
    start: newStart,
    // Versions that had fewer options did as the paper does.
    absent: { ...CYCLEGAN_RUN_PAPER, precision: 'float32' },
    train: trainSteps,
  });
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
  const { folder, options, record, reporter, context } = run;
  const { source, watch, titles } = await openTranslationData(
    run,
    options.paired ? pairedBatches : unpairedBatches,
  );
  const cyclegan = createCycleGan(options);
  const { progress } = cyclegan;
  const sample = async (): Promise<Sample> => {
    const { precision } = options;
    const generators = samplingGenerators(cyclegan);
    const fakes = await sampleTranslations(generators, { ...watch, precision });
    const made = { ...fakes, step: progress.step };
    await writeSamples(folder, made, { ...watch, titles });
    return made;
  };
  try {
    await resumeFrom(run, cyclegan);
    const collapse = await openCollapseAlarm(run, watch, progress.step);
    const result = await trainGanRun({
      ...{ folder, record, reporter, context, progress, collapse },
      total: run.plan.updates,
      imagesPerStep: 2 * options.batchSize,
      label: 'cyclegan',
      steps: (loop) => cycleGanSteps(cyclegan, source, { ...loop, watch }),
      checkpoint: () => checkpointOfCycleGan(cyclegan),
      sample: async () => {
        const made = await sample();
        collapse.seeSamples(made.step, alarmsOf(made, watch));
      },
      further: {
        after: context.sampleAfter ?? [],
        sample: async () => {
          await sample();
        },
      },
      saveModels: () => saveGenerators(run, cyclegan),
      note: (each) => progressNote(each, options),
      alarm: await openDiscriminatorAlarm(run, ['discriminatorX', 'discriminatorY']),
    });
    await writeSampleStrips(folder, { ...watch, titles }, progress.step);
    return result;
  } finally {
    cyclegan.dispose();
  }
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
  const { folder, options, record, reporter } = run;
  const latest = await lastCheckpoint(folder, cycleGanArchitecture(options));
  if (latest !== undefined) {
    restoreCycleGan(cyclegan, latest);
    reporter.log(`Resuming after step ${cyclegan.progress.step}.`);
  } else if (record.startedFrom !== undefined && options.from !== undefined) {
    const start = run.start ?? (await readCycleGanStart({ ...options, from: options.from }));
    checkSameStart(start, record.startedFrom);
    startCycleGan(cyclegan, start.arrays);
    // From here on, the run no longer needs the other one.
    await saveCheckpoint(join(folder, 'checkpoints'), await checkpointOfCycleGan(cyclegan));
    const { run: source, step } = start.source;
    reporter.log(`All networks: those of ${source} after ${step} updates`);
  }
  await keepUsualMetrics(run, cyclegan.progress.step);
}

async function saveGenerators({ folder, x, y, options }: Run, cyclegan: CycleGan): Promise<void> {
  const { G, F } = samplingGenerators(cyclegan);
  await saveModel(join(folder, 'model', 'G'), G);
  await saveModel(join(folder, 'model', 'F'), F);
  await drawCycleGan(folder, cyclegan.networks, { x: x.title, y: y.title });
  const { height: imageSize, width: imageWidth } = imageSides(options);
  await writeTranslationDescription(folder, { x: x.title, y: y.title, imageSize, imageWidth });
}
