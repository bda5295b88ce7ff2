import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { appendMetrics, peakRssMb, SILENT, writeJson, type Reporter } from '@janus/core';
import { resolvePrecision } from '@janus/engine';
import { unpairedBatches } from '@janus/images';
import {
  checkpointOfCycleGan,
  createCycleGan,
  cycleGanArchitecture,
  cycleGanSteps,
  latestCheckpoint,
  loadCheckpoint,
  restoreCycleGan,
  samplingGenerators,
  saveCheckpoint,
  saveModel,
  type CycleGan,
} from '@janus/models';
import { startEngine, type FinishedRun, type RunContext } from '../context.js';
import { openItems } from '../item-images.js';
import { closeRun, folderName, keepMetricsUpTo, openRun } from '../run-folder.js';
import { openDomain, type Domain } from './domains.js';
import type { CycleGanRunOptions } from './options.js';
import { sampleImages, writeSamples } from './samples.js';

/** Steps between checkpoints, and between sample sheets. */
const CHECKPOINT_STEPS = 100;
/** A record reads the losses back, and so waits for them. */
const RECORD_EVERY = 10;

/** A run that is under way. */
interface Run {
  readonly folder: string;
  readonly x: Domain;
  readonly y: Domain;
  readonly options: CycleGanRunOptions;
  readonly reporter: Reporter;
  readonly context: RunContext;
}

/**
 * Trains translations between two unpaired sets: writes the run's folder with its record, metrics,
 * checkpoints, samples and both generators. An interrupted run that is resumed equals one that was not, bit
 * for bit.
 *
 * @throws OptionsError when an option is out of range or the folder holds a run that may not be replaced;
 * DataError when a domain has no images or one cannot be decoded; NumericalError when a loss is not finite
 */
export async function trainCycleGan(
  options: CycleGanRunOptions,
  context: RunContext = {},
): Promise<FinishedRun> {
  const { reporter = SILENT, existing = 'refuse' } = context;
  const x = await openDomain(options.x, 'train');
  const y = await openDomain(options.y, 'train');
  const engine = await startEngine(context);
  resolvePrecision(options.precision); // refused before there is a run
  reporter.log(`X: ${x.items.length} images of ${x.title}; Y: ${y.items.length} of ${y.title}`);
  const { folder = join('runs', folderName(`cyclegan-${x.title}-${y.title}`)) } = context;
  const resolved = { ...options, x: absolute(options.x), y: absolute(options.y) };
  const record = await openRun({
    kind: 'cyclegan',
    folder,
    name: `${x.title} to ${y.title}`,
    options: resolved,
    dataHash: createHash('sha256').update(`${x.hash}/${y.hash}`).digest('hex'),
    engine,
    existing,
  });
  const result = await trainSteps({ folder, x, y, options: resolved, reporter, context });
  await closeRun(record, result);
  return result;
}

/** Returns a source that means the same from any folder. */
function absolute(source: string): string {
  const at = source.indexOf(':');
  return at < 0 ? resolve(source) : `${resolve(source.slice(0, at))}${source.slice(at)}`;
}

async function trainSteps(run: Run): Promise<FinishedRun> {
  const { folder, options, reporter, context } = run;
  const { imageSize: size, batchSize, seed, augment } = options;
  const imagesX = await openItems(run.x.items, { size, folder: run.x.folder, reporter });
  const imagesY = await openItems(run.y.items, { size, folder: run.y.folder, reporter });
  const changes = augment === undefined ? {} : { augment };
  const source = unpairedBatches({ imagesX, imagesY, batchSize, seed, ...changes });
  const watch = await sampleImages(imagesX, imagesY);
  const titles = { x: run.x.title, y: run.y.title };
  const cyclegan = createCycleGan(options);
  try {
    await resumeFrom(run, cyclegan);
    const total = totalSteps(options, source.stepsPerEpoch);
    const firstStep = cyclegan.progress.step;
    const began = performance.now();
    const save = async (): Promise<void> => {
      await saveCheckpoint(join(folder, 'checkpoints'), await checkpointOfCycleGan(cyclegan));
    };
    let saved = firstStep;
    const { signal } = context;
    const loop = {
      ...{ recordEvery: RECORD_EVERY, maxSteps: total, watch },
      ...(signal === undefined ? {} : { signal }),
    };
    if (firstStep < total) {
      for await (const record of cycleGanSteps(cyclegan, source, loop)) {
        await appendMetrics(folder, [record]);
        if (record.kind === 'step') {
          const cycle = (record.losses['cycleX'] ?? 0) + (record.losses['cycleY'] ?? 0);
          reporter.progress({
            ...{ done: record.step, total, unit: 'steps', label: 'cyclegan' },
            note: `cycle ${cycle.toFixed(3)}`,
          });
        }
        await context.onRecord?.(record);
        // The record of an epoch follows that of its last step: a checkpoint in between would lose it.
        const epochFollows = record.kind === 'step' && cyclegan.progress.cursor.batch === 0;
        if (record.step - saved >= CHECKPOINT_STEPS && !epochFollows) {
          saved = record.step;
          await save();
          await writeSamples(folder, cyclegan, { ...watch, titles });
        }
      }
    }
    await save();
    const finished = cyclegan.progress.step >= total;
    if (finished) {
      await writeSamples(folder, cyclegan, { ...watch, titles });
      await saveGenerators(run, cyclegan);
    }
    const seconds = (performance.now() - began) / 1000;
    const steps = cyclegan.progress.step;
    const imagesPerSecond = seconds > 0 ? ((steps - firstStep) * batchSize * 2) / seconds : 0;
    return { folder, finished, steps, seconds, imagesPerSecond, peakRssMb: peakRssMb() };
  } finally {
    cyclegan.dispose();
  }
}

async function resumeFrom({ folder, options, reporter }: Run, cyclegan: CycleGan): Promise<void> {
  const latest = await latestCheckpoint(join(folder, 'checkpoints'));
  if (latest !== undefined) {
    const architecture = cycleGanArchitecture(options);
    restoreCycleGan(cyclegan, await loadCheckpoint(latest, { architecture }));
    reporter.log(`Resuming after step ${cyclegan.progress.step}.`);
  }
  await keepMetricsUpTo(folder, cyclegan.progress.step);
}

async function saveGenerators({ folder, x, y, options }: Run, cyclegan: CycleGan): Promise<void> {
  const { G, F } = samplingGenerators(cyclegan);
  await saveModel(join(folder, 'model', 'G'), G);
  await saveModel(join(folder, 'model', 'F'), F);
  await writeJson(join(folder, 'model', 'janus.json'), {
    format: 1,
    domains: { x: x.title, y: y.title },
    imageSize: options.imageSize,
    preprocessing: 'signed',
  });
}

function totalSteps(options: CycleGanRunOptions, stepsPerEpoch: number): number {
  const { constantEpochs, decayEpochs, maxSteps } = options;
  const all = (constantEpochs + decayEpochs) * stepsPerEpoch;
  return maxSteps > 0 ? Math.min(maxSteps, all) : all;
}
