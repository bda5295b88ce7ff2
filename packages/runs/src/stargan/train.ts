import { join } from 'node:path';
import {
  checkpointOfStarGan,
  createStarGan,
  restoreStarGan,
  saveModel,
  starGanArchitecture,
  starGanSteps,
  starGanWork,
  starGenerator,
  sumOfWork,
  type StarGan,
} from '@janus/models';
import { openCodedData } from '../attributes/coded-data.js';
import { describeModel } from '../attributes/coded-model.js';
import {
  openCodedAlarm,
  runCoded,
  type CodedFacts,
  type CodedRun,
} from '../attributes/coded-run.js';
import type { FinishedRun, RunContext } from '../context.js';
import { translationExtension } from '../cyclegan/extension.js';
import { keepUsualMetrics, lastCheckpoint } from '../cyclegan/open-translation.js';
import { trainGanRun } from '../gan/train-loop.js';
import { trainingPlan, type TrainingPlan } from '../training-plan.js';
import { secondsOfWork } from '../training-time.js';
import type { ResolvedStarGanOptions, StarGanRunOptions } from './options.js';
import { writeStarSamples } from './samples.js';

type Run = CodedRun<StarGanRunOptions>;

/**
 * Trains one generator that sets several attributes: writes the run's folder with its record, metrics, checkpoints,
 * samples, the generator and the discriminator, which tells what an image has. An interrupted run that is resumed equals
 * one that was not, bit for bit.
 *
 * @throws OptionsError when an option is out of range or the folder holds a run that may not be replaced;
 * DataError when the data has no images with these attributes; NumericalError when a loss is not finite;
 * EnvironmentError when another process writes into the folder
 */
export async function trainStarGan(
  options: StarGanRunOptions,
  context: RunContext = {},
): Promise<FinishedRun> {
  return await runCoded(options, context, {
    ...{ kind: 'stargan', plan: planOf, train: trainSteps },
    extension: (folder, { stepsPerEpoch, labels }) =>
      translationExtension<ResolvedStarGanOptions>(folder, {
        stepsPerEpoch,
        architecture: (of) => starGanArchitecture(of, labels),
      }),
  });
}

/** Returns what the options will train. */
function planOf(
  options: StarGanRunOptions,
  { images, labels, stepsPerEpoch, speed }: CodedFacts,
): TrainingPlan {
  const { constantEpochs, decayEpochs, maxSteps, precision } = options;
  const plan = {
    images,
    phases: [{ name: 'stargan', constantEpochs, fallingEpochs: decayEpochs, stepsPerEpoch }],
    maxUpdates: maxSteps,
  };
  const { updates } = trainingPlan(plan);
  const star = createStarGan({ ...options, averageDecay: 0, precision: 'float32' }, labels);
  try {
    const work = sumOfWork([[starGanWork(star.networks, options), updates]]);
    return trainingPlan({
      ...plan,
      seconds: secondsOfWork(work, { calls: updates, speed, precision }),
    });
  } finally {
    star.dispose();
  }
}

async function trainSteps(run: Run): Promise<FinishedRun> {
  const { folder, coded, labels, options, record, reporter, context } = run;
  const { codes } = coded;
  const { source, table, watched } = await openCodedData(coded, options, reporter);
  const star = createStarGan(options, labels);
  const { progress } = star;
  try {
    const latest = await lastCheckpoint(folder, starGanArchitecture(options, labels));
    if (latest !== undefined) {
      restoreStarGan(star, latest);
      reporter.log(`Resuming after step ${progress.step}.`);
    }
    await keepUsualMetrics(run, progress.step);
    return await trainGanRun({
      ...{ folder, record, reporter, context, progress },
      total: run.plan.updates,
      imagesPerStep: options.batchSize,
      label: 'stargan',
      steps: (loop) => starGanSteps(star, source, { ...loop, table }),
      checkpoint: () => checkpointOfStarGan(star),
      sample: () => writeStarSamples(folder, star, { watched, codes }),
      saveModels: () => saveNetworks(run, star),
      note: ({ losses: { classification = NaN, reconstruction = NaN } }) =>
        `labels ${classification.toFixed(3)}, back ${reconstruction.toFixed(3)}`,
      // What knows nothing of L labels loses ln 2 for each.
      alarm: await openCodedAlarm(run, { discriminatorClassification: labels * Math.LN2 }),
      collapse: { see: () => undefined, end: () => ({}) },
    });
  } finally {
    star.dispose();
  }
}

async function saveNetworks({ folder, coded, options }: Run, star: StarGan): Promise<void> {
  await saveModel(join(folder, 'model', 'G'), starGenerator(star));
  await saveModel(join(folder, 'model', 'D'), star.networks.D);
  await describeModel(folder, coded.codes, options);
}
