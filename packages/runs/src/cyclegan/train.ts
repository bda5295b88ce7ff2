import { join } from 'node:path';
import {
  appendMetrics,
  writeFileAtomic,
  writeJson,
  type Reporter,
  type RunRecord,
} from '@janus/core';
import { figureSix } from '@janus/figures';
import {
  firstOf,
  pixelsOf,
  unpairedBatches,
  type Augmentation,
  type ImageSet,
} from '@janus/images';
import {
  checkpointOfCycleGan,
  createCycleGan,
  cycleGanArchitecture,
  latestCheckpoint,
  loadCheckpoint,
  restoreCycleGan,
  sampleTranslations,
  samplingGenerators,
  saveCheckpoint,
  saveModel,
  trainCycleGan,
  type CycleGan,
  type CycleGanOptions,
  type SampleOptions,
} from '@janus/models';
import { keepMetricsUpTo } from '../run-folder.js';
import type { Domain } from './domains.js';
import { openItems } from '../classifier/inputs.js';

/** What a CycleGAN run works with. */
export interface CycleGanRun {
  readonly folder: string;
  readonly record: RunRecord;
  readonly x: Domain;
  readonly y: Domain;
  readonly options: CycleGanOptions;
  /** Updates after which the run is finished, whatever the epochs say; 0 for all epochs. */
  readonly maxSteps: number;
  /** How images are changed; absent: half of them are mirrored. */
  readonly augment?: readonly Augmentation[];
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
}

/** How a run ended. */
export interface CycleGanRunResult {
  readonly finished: boolean;
  readonly steps: number;
  readonly seconds: number;
  readonly imagesPerSecond: number;
  readonly peakRssMb: number;
}

/** Steps between checkpoints, and between sample sheets. */
const CHECKPOINT_STEPS = 100;
/** Images of each domain on a sample sheet. */
const SAMPLES = 8;
/** A record is a look at the losses, and so a wait for them. */
const RECORD_EVERY = 10;

/** Trains a CycleGAN; the run's folder has everything when it returns. */
export async function runCycleGan(run: CycleGanRun): Promise<CycleGanRunResult> {
  const { folder, options, reporter, signal } = run;
  const { imageSize: size } = options;
  const imagesX = await openItems(run.x.items, { ...folderOf(run.x), size, reporter });
  const imagesY = await openItems(run.y.items, { ...folderOf(run.y), size, reporter });
  const source = unpairedBatches({
    imagesX,
    imagesY,
    batchSize: options.batchSize,
    seed: options.seed,
    ...(run.augment === undefined ? {} : { augment: run.augment }),
  });
  const watch = await watchOf(imagesX, imagesY);
  const cyclegan = createCycleGan(options);
  const architecture = cycleGanArchitecture(options);
  const checkpoints = join(folder, 'checkpoints');
  const latest = await latestCheckpoint(checkpoints);
  if (latest !== undefined) {
    restoreCycleGan(cyclegan, await loadCheckpoint(latest, { architecture }));
    reporter.log(`Going on after step ${cyclegan.progress.step}.`);
  }
  await keepMetricsUpTo(folder, cyclegan.progress.step);
  const total = totalSteps(run, source.stepsPerEpoch);
  const firstStep = cyclegan.progress.step;
  const began = performance.now();
  const save = async (): Promise<void> => {
    await saveCheckpoint(checkpoints, await checkpointOfCycleGan(cyclegan));
  };
  let saved = firstStep;
  if (firstStep < total) {
    for await (const record of trainCycleGan(cyclegan, source, {
      recordEvery: RECORD_EVERY,
      watch,
      signal,
    })) {
      await appendMetrics(folder, [record]);
      if (record.kind === 'step') {
        const cycle = (record.losses['cycleX'] ?? 0) + (record.losses['cycleY'] ?? 0);
        reporter.progress({
          done: record.step,
          total,
          unit: 'steps',
          label: 'cyclegan',
          note: `cycle ${cycle.toFixed(3)}`,
        });
      }
      // The record of an epoch follows that of its last step: a checkpoint in between would lose it.
      const epochFollows = record.kind === 'step' && cyclegan.progress.cursor.batch === 0;
      if (record.step - saved >= CHECKPOINT_STEPS && !epochFollows) {
        saved = record.step;
        await save();
        await writeSamples(run, cyclegan, watch);
      }
      if (record.step >= total && !epochFollows) break;
    }
  }
  await save();
  const finished = cyclegan.progress.step >= total;
  if (finished) {
    await writeSamples(run, cyclegan, watch);
    const { G, F } = samplingGenerators(cyclegan);
    await saveModel(join(folder, 'model', 'G'), G);
    await saveModel(join(folder, 'model', 'F'), F);
    await writeJson(join(folder, 'model', 'janus.json'), {
      format: 1,
      domains: { x: run.x.title, y: run.y.title },
      imageSize: options.imageSize,
      preprocessing: 'signed',
    });
  }
  const seconds = (performance.now() - began) / 1000;
  const steps = cyclegan.progress.step;
  cyclegan.dispose();
  return {
    finished,
    steps,
    seconds,
    imagesPerSecond: seconds > 0 ? ((steps - firstStep) * options.batchSize * 2) / seconds : 0,
    peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}

function totalSteps({ options, maxSteps }: CycleGanRun, stepsPerEpoch: number): number {
  const all = (options.constantEpochs + options.decayEpochs) * stepsPerEpoch;
  return maxSteps > 0 ? Math.min(maxSteps, all) : all;
}

const folderOf = ({ folder }: Domain): { readonly folder?: string } =>
  folder === undefined ? {} : { folder };

async function watchOf(imagesX: ImageSet, imagesY: ImageSet): Promise<SampleOptions> {
  const { size } = imagesX;
  const first = async (set: ImageSet): Promise<Uint8Array> => {
    const some = firstOf(set, SAMPLES);
    return (await pixelsOf(some)).slice(0, some.ids.length * size * size * 3);
  };
  return { imagesX: await first(imagesX), imagesY: await first(imagesY), size };
}

async function writeSamples(
  run: CycleGanRun,
  cyclegan: CycleGan,
  watch: SampleOptions,
): Promise<void> {
  const { fakeY, fakeX } = await sampleTranslations(samplingGenerators(cyclegan), watch);
  const step = String(cyclegan.progress.step).padStart(6, '0');
  const folder = join(run.folder, 'samples');
  const there = { size: watch.size, originals: watch.imagesX, fakes: fakeY };
  const back = { size: watch.size, originals: watch.imagesY, fakes: fakeX };
  const { x, y } = { x: run.x.title, y: run.y.title };
  await writeFakes(join(folder, `step-${step}.png`), { ...there, title: `${x} to ${y}` });
  await writeFakes(join(folder, `step-${step}-back.png`), { ...back, title: `${y} to ${x}` });
}

/** What {@link writeFakes} draws: originals above, fakes below. */
export interface Fakes {
  /** Side in pixels. */
  readonly size: number;
  /** uint8 [N, size, size, 3]. */
  readonly originals: Uint8Array;
  readonly fakes: Uint8Array;
  readonly title: string;
  /** Under each column. */
  readonly captions?: readonly string[];
}

/** Draws the paper's Figure 6. */
export async function writeFakes(file: string, options: Fakes): Promise<void> {
  const { size, originals, fakes, title, captions } = options;
  const images = (pixels: Uint8Array): Uint8Array[] =>
    Array.from({ length: pixels.length / (size * size * 3) }, (_, i) =>
      pixels.slice(i * size * size * 3, (i + 1) * size * size * 3),
    );
  await writeFileAtomic(
    file,
    await figureSix({
      originals: images(originals),
      fakes: images(fakes),
      title,
      ...(captions === undefined ? {} : { captions }),
    }),
  );
}
