import { join, resolve } from 'node:path';
import {
  countText,
  DataError,
  SILENT,
  stepsPerEpochOf,
  writeJson,
  type Reporter,
  type RunRecord,
} from '@janus/core';
import { measureSpeed, type MeasuredSpeed } from '@janus/engine';
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
import { startEngine, type FinishedRun, type RunContext } from '../context.js';
import { translationExtension } from '../cyclegan/extension.js';
import { keepUsualMetrics, lastCheckpoint } from '../cyclegan/open-translation.js';
import { openDivergenceAlarm } from '../divergence.js';
import { trainGanRun } from '../gan/train-loop.js';
import { keepParts } from '../parts.js';
import { decidePrecision } from '../precision.js';
import { onlyNamed } from '../run-extension.js';
import { closeRun, folderName, openRun } from '../run-folder.js';
import { whileTraining } from '../run-stop.js';
import { trainingPlan, type TrainingPlan } from '../training-plan.js';
import { secondsOfWork } from '../training-time.js';
import { labelsOf } from './attribute-codes.js';
import {
  codedImages,
  openCoded,
  openStarGanData,
  starGanParts,
  type CodedDataset,
} from './data.js';
import type { ResolvedStarGanOptions, StarGanRunOptions } from './options.js';
import { writeStarSamples } from './samples.js';

/** Records in a row in which a loss is far above its start: 50 updates at most. */
const DIVERGED_RECORDS = 5;

/** A run that is under way. */
interface Run {
  readonly folder: string;
  readonly coded: CodedDataset;
  readonly options: ResolvedStarGanOptions;
  readonly record: RunRecord<ResolvedStarGanOptions>;
  readonly plan: TrainingPlan;
  readonly reporter: Reporter;
  readonly context: RunContext;
}

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
  const { reporter = SILENT, existing = 'refuse' } = context;
  const coded = await openCoded(options.data, options.attributes);
  const count = codedImages(coded, 'train').length;
  if (count === 0) {
    throw new DataError(
      `${options.data}: a training needs images with a value of ${options.attributes.join(' and ')}, but its train part has none. Name other attributes, or split the data set.`,
      { path: options.data },
    );
  }
  const labels = labelsOf(coded.codes);
  const stepsPerEpoch = stepsPerEpochOf({ count, batchSize: options.batchSize });
  const engine = await startEngine({ ...context, reporter: SILENT });
  const plan = planOf(options, { count, labels, stepsPerEpoch, speed: await measureSpeed() });
  reporter.log(plan.text);
  reporter.log(engine.line);
  const title = options.attributes.join('-');
  const { folder = join('runs', folderName(`stargan-${title}`)) } = context;
  return await whileTraining({ folder, context, reporter }, async (stoppable) => {
    const resolved = await decidePrecision(
      { ...options, data: resolve(options.data) },
      { folder, existing, reporter },
    );
    const extension = translationExtension<ResolvedStarGanOptions>(folder, {
      stepsPerEpoch,
      architecture: (of) => starGanArchitecture(of, labels),
    });
    const record = await openRun<ResolvedStarGanOptions>({
      ...{ kind: 'stargan', folder, engine, existing, reporter, options: resolved },
      name: options.attributes.join(', '),
      updates: plan.updates,
      dataHash: coded.dataset.hash,
      extendable: onlyNamed(extension, context.extend),
    });
    await keepParts(folder, () => starGanParts(coded, reporter.progress));
    const opened = { folder, coded, options: resolved, record, plan };
    const run = { ...opened, reporter, context: stoppable };
    const result = await trainSteps(run);
    await closeRun(record, result);
    return result;
  });
}

/** Returns what the options will train. */
function planOf(
  options: StarGanRunOptions,
  given: {
    readonly count: number;
    readonly labels: number;
    readonly stepsPerEpoch: number;
    readonly speed: MeasuredSpeed;
  },
): TrainingPlan {
  const { count, labels, stepsPerEpoch, speed } = given;
  const { constantEpochs, decayEpochs, maxSteps, precision } = options;
  const plan = {
    images: `${countText(count)} images with ${options.attributes.join(', ')}`,
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
  const { folder, coded, options, record, reporter, context } = run;
  const { codes } = coded;
  const labels = labelsOf(codes);
  const { source, table, watched } = await openStarGanData(coded, options, reporter);
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
      alarm: await openDivergenceAlarm(folder, {
        // What knows nothing of L labels loses ln 2 for each.
        starts: { discriminatorClassification: labels * Math.LN2 },
        inARow: DIVERGED_RECORDS,
        reporter,
        wayOut: `Lower --learning-rate (${options.learningRate}) and start over with --overwrite.`,
      }),
      collapse: { see: () => undefined, end: () => ({}) },
    });
  } finally {
    star.dispose();
  }
}

async function saveNetworks({ folder, coded, options }: Run, star: StarGan): Promise<void> {
  await saveModel(join(folder, 'model', 'G'), starGenerator(star));
  await saveModel(join(folder, 'model', 'D'), star.networks.D);
  await writeJson(join(folder, 'model', 'janus.json'), {
    format: 1,
    attributes: coded.codes,
    imageSize: options.imageSize,
    preprocessing: 'signed',
  });
}
