import { join } from 'node:path';
import {
  checkpointOfIcGan,
  createIcGan,
  icGanArchitecture,
  icGanSteps,
  icGanWork,
  icGenerator,
  restoreIcGan,
  saveModel,
  sumOfWork,
  type IcGan,
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
import { keepUsualMetrics, lastCheckpoint } from '../cyclegan/open-translation.js';
import { trainGanRun } from '../gan/train-loop.js';
import { trainingPlan, type TrainingPlan } from '../training-plan.js';
import { secondsOfWork } from '../training-time.js';
import type { IcGanRunOptions } from './options.js';
import { writeIcSamples } from './samples.js';

type Run = CodedRun<IcGanRunOptions>;

/**
 * Trains a generator of faces from labels and latent numbers, then the encoders that tell both of a photo, so that it can be
 * made again with other attributes: writes the run's folder with its record, metrics, checkpoints, samples and networks. An
 * interrupted run that is resumed equals one that was not, bit for bit.
 *
 * @throws OptionsError when an option is out of range or the folder holds a run that may not be replaced;
 * DataError when the data has no images with these attributes; NumericalError when a loss is not finite;
 * EnvironmentError when another process writes into the folder
 */
export async function trainIcGan(
  options: IcGanRunOptions,
  context: RunContext = {},
): Promise<FinishedRun> {
  return await runCoded(options, context, { kind: 'icgan', plan: planOf, train: trainSteps });
}

/** Returns what the options will train. */
function planOf(
  options: IcGanRunOptions,
  { images, labels, stepsPerEpoch, speed }: CodedFacts,
): TrainingPlan {
  const { constantEpochs, decayEpochs, encoderEpochs, precision } = options;
  const phases = [
    { name: 'generator', constantEpochs, fallingEpochs: decayEpochs, stepsPerEpoch },
    { name: 'encoders', constantEpochs: encoderEpochs, fallingEpochs: 0, stepsPerEpoch },
  ];
  const { updates } = trainingPlan({ images, phases });
  const ic = createIcGan({ ...options, averageDecay: 0, precision: 'float32' }, labels);
  try {
    const { gan, encoders } = icGanWork(ic.networks, options);
    const ofEncoders = encoderEpochs * stepsPerEpoch;
    const work = sumOfWork([
      [gan, updates - ofEncoders],
      [encoders, ofEncoders],
    ]);
    const calls = 2 * updates - ofEncoders;
    return trainingPlan({
      ...{ images, phases, seconds: secondsOfWork(work, { calls, speed, precision }) },
    });
  } finally {
    ic.dispose();
  }
}

async function trainSteps(run: Run): Promise<FinishedRun> {
  const { folder, coded, labels, options, record, reporter, context } = run;
  const { codes } = coded;
  const { source, table, watched } = await openCodedData(coded, options, reporter);
  const ic = createIcGan(options, labels);
  const { progress } = ic;
  const generatorSteps = (options.constantEpochs + options.decayEpochs) * source.stepsPerEpoch;
  try {
    const latest = await lastCheckpoint(folder, icGanArchitecture(options, labels));
    if (latest !== undefined) {
      restoreIcGan(ic, latest);
      reporter.log(`Resuming after step ${progress.step}.`);
    }
    await keepUsualMetrics(run, progress.step);
    return await trainGanRun({
      ...{ folder, record, reporter, context, progress },
      total: run.plan.updates,
      imagesPerStep: options.batchSize,
      label: 'icgan',
      steps: (loop) => icGanSteps(ic, source, { ...loop, table }),
      checkpoint: () => checkpointOfIcGan(ic),
      sample: () =>
        writeIcSamples(folder, ic, { watched, codes, inverts: progress.step > generatorSteps }),
      saveModels: () => saveNetworks(run, ic),
      note: ({ losses }) => noteOf(losses),
      // A discriminator that cannot tell and knows it; numbers of variance 1, of which nothing is known.
      alarm: await openCodedAlarm(run, { discriminator: Math.LN2, latent: 1, labels: 1 }),
      collapse: { see: () => undefined, end: () => ({}) },
    });
  } finally {
    ic.dispose();
  }
}

function noteOf(losses: Readonly<Record<string, number>>): string {
  const { generatorTotal, discriminator, latent, labels } = losses;
  return generatorTotal === undefined || discriminator === undefined
    ? `latent ${latent?.toFixed(3) ?? '?'}, labels ${labels?.toFixed(3) ?? '?'}`
    : `generator ${generatorTotal.toFixed(2)}, discriminator ${discriminator.toFixed(2)}`;
}

async function saveNetworks({ folder, coded, options }: Run, ic: IcGan): Promise<void> {
  const { Ez, Ey } = ic.networks;
  for (const [name, network] of Object.entries({ G: icGenerator(ic), Ez, Ey })) {
    await saveModel(join(folder, 'model', name), network);
  }
  await describeModel(folder, coded.codes, options);
}
