import { join } from 'node:path';
import {
  checkpointOfCut,
  createCut,
  cutArchitecture,
  cutGenerator,
  cutSteps,
  restoreCut,
  saveModel,
  translate,
  type Cut,
} from '@janus/models';
import type { FinishedRun, RunContext } from '../context.js';
import {
  keepUsualMetrics,
  lastCheckpoint,
  openTranslationData,
  runTranslation,
  type OpenTranslation,
} from '../cyclegan/open-translation.js';
import { alarmsOf, writeSamples } from '../cyclegan/samples.js';
import { writeSampleStrips } from '../cyclegan/sample-strips.js';
import { writeTranslationDescription } from '../cyclegan/translation-description.js';
import { openCollapseAlarm, openDiscriminatorAlarm } from '../cyclegan/watch.js';
import { trainGanRun } from '../gan/train-loop.js';
import type { CutRunOptions } from './options.js';
import { cutSeconds } from './seconds.js';

type Run = OpenTranslation<CutRunOptions>;

/**
 * Trains a translation of one direction between two unpaired sets: writes the run's folder with its record, metrics,
 * checkpoints, samples and the generator. An interrupted run that is resumed equals one that was not, bit for bit.
 *
 * @throws OptionsError when an option is out of range or the folder holds a run that may not be replaced;
 * DataError when a domain has no images or one cannot be decoded; NumericalError when a loss is not finite;
 * EnvironmentError when another process writes into the folder
 */
export async function trainCut(
  options: CutRunOptions,
  context: RunContext = {},
): Promise<FinishedRun> {
  return await runTranslation(options, context, {
    kind: 'cut',
    architecture: cutArchitecture,
    absent: { localView: false },
    seconds: cutSeconds,
    train: trainSteps,
  });
}

async function trainSteps(run: Run): Promise<FinishedRun> {
  const { folder, options, record, reporter, context } = run;
  const { source, watch, titles } = await openTranslationData(run);
  const cut = createCut(options);
  const { progress } = cut;
  try {
    const latest = await lastCheckpoint(folder, cutArchitecture(options));
    if (latest !== undefined) {
      restoreCut(cut, latest);
      reporter.log(`Resuming after step ${progress.step}.`);
    }
    await keepUsualMetrics(run, progress.step);
    const collapse = await openCollapseAlarm(run, watch, progress.step);
    const result = await trainGanRun({
      ...{ folder, record, reporter, context, progress, collapse },
      total: run.plan.updates,
      imagesPerStep: 2 * options.batchSize,
      label: 'cut',
      steps: (loop) => cutSteps(cut, source, { ...loop, watch }),
      checkpoint: () => checkpointOfCut(cut),
      sample: async () => {
        const { size, imagesX } = watch;
        const images = { images: imagesX, height: size, width: size };
        const { precision } = options;
        const fakeY = await translate(cutGenerator(cut), images, { precision });
        const sample = { step: progress.step, fakeY };
        await writeSamples(folder, sample, { ...watch, titles });
        collapse.seeSamples(sample.step, alarmsOf(sample, watch));
      },
      saveModels: () => saveGenerator(run, cut),
      note: ({ losses: { nce, discriminatorY = NaN } }) =>
        nce === undefined ? `discriminator ${discriminatorY.toFixed(3)}` : `nce ${nce.toFixed(3)}`,
      alarm: await openDiscriminatorAlarm(run, ['discriminatorY']),
    });
    await writeSampleStrips(folder, { ...watch, titles }, progress.step);
    return result;
  } finally {
    cut.dispose();
  }
}

async function saveGenerator({ folder, x, y, options }: Run, cut: Cut): Promise<void> {
  await saveModel(join(folder, 'model', 'G'), cutGenerator(cut));
  const { imageSize } = options;
  await writeTranslationDescription(folder, { x: x.title, y: y.title, imageSize });
}
