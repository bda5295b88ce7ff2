import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { durationText, JanusError, readRun } from '@janus/core';
import { cleanDataset, openDataset, splitDataset } from '@janus/data';
import { computesBfloat16, installEngine, useEngine, type Engine } from '@janus/engine';
import { CYCLEGAN_SMALL, getWeights } from '@janus/models';
import {
  evaluateClassifierRun,
  evaluateCycleGanRun,
  generateFaces,
  writeDataSummary,
  writeSheet,
} from '@janus/runs';
import type { Command } from 'commander';
import { wholeNumber } from '../flags.js';
import { INTERRUPTED, interruptSignal } from '../interrupt.js';
import { createTerminal, type Terminal } from '../terminal.js';
import { runReport } from './report.js';
import { trainClassifier } from './train-classifier.js';
import { trainCycleGanCommand } from './train-cyclegan.js';

/** What the demo does on one engine: the same steps, as many as fit its minutes. */
interface DemoSize {
  readonly faces: number;
  /** Side of the classifier's images in pixels. */
  readonly size: number;
  readonly epochs: number;
  readonly fineTuneEpochs: number;
  readonly cycleganSteps: number;
}

/** Faces of the data set are drawn at this size. */
const FACE_SIZE = 128;
const TARGET = 'presentation';
const VALUES = ['feminine', 'masculine'] as const;

const DEMO: Record<Engine['name'], DemoSize> = {
  tensorflow: { faces: 2000, size: 128, epochs: 15, fineTuneEpochs: 1, cycleganSteps: 1200 },
  wasm: { faces: 1000, size: 128, epochs: 15, fineTuneEpochs: 1, cycleganSteps: 600 },
  js: { faces: 120, size: 32, epochs: 4, fineTuneEpochs: 0, cycleganSteps: 4 },
};

/** `janus demo`: what `npm run demo` does. */
export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('everything once, on generated faces: data, classifier, CycleGAN, report')
    .option('--out <dir>', 'where data and runs go', 'demo')
    .option('--report <dir>', 'where the page goes', 'report')
    .option('--faces <n>', 'how many faces (default: what the engine manages)', wholeNumber(60))
    .option('--steps <n>', 'updates of the CycleGAN', wholeNumber(1))
    .addHelpText('after', '\nExample:\n  $ npm run demo')
    .action(async (flags: { out: string; report: string; faces?: number; steps?: number }) => {
      const terminal = createTerminal(false);
      process.exitCode = await demo(flags, terminal);
    });
}

async function demo(
  flags: { out: string; report: string; faces?: number; steps?: number },
  terminal: Terminal,
): Promise<number> {
  const began = performance.now();
  const signal = interruptSignal();
  const heading = (text: string): void => {
    terminal.log(`\n== ${text} (${durationText((performance.now() - began) / 1000)})`);
  };
  heading('Engine and weights');
  const engine = await demoEngine(terminal);
  const pretrained = await haveWeights(terminal);
  const size = DEMO[engine.name];
  const data = join(flags.out, 'faces');
  const runs = join(flags.out, 'runs');
  await rm(runs, { recursive: true, force: true });

  heading('Data: generated faces, some of them spoilt on purpose');
  const faces = flags.faces ?? size.faces;
  await makeData(data, faces, terminal);
  await writeSheets(data, runs, terminal);

  heading(`Classifier: ${TARGET}`);
  const classifier = join(runs, 'classifier');
  const common = { seed: 1, engine: engine.name, overwrite: true } as const;
  const trained = await trainClassifier(
    {
      ...common,
      data,
      target: TARGET,
      backbone: pretrained ? 'vgg16' : 'small-vgg',
      head: pretrained ? '1x1024' : '1x128',
      pooling: 'flatten',
      dropout: 0.5,
      unfreeze: pretrained ? 'block5' : 'all',
      size: pretrained ? size.size : 64,
      batchSize: 20,
      epochs: size.epochs,
      fineTuneEpochs: size.fineTuneEpochs,
      learningRate: pretrained ? 1e-4 : 1e-3,
      fineTuneLearningRate: 2e-6,
      balanced: true,
      precision: 'float32',
      run: classifier,
    },
    terminal,
    signal,
  );
  if (!trained.finished) return INTERRUPTED;
  await printEvaluation(classifier, terminal);

  heading(`CycleGAN: ${VALUES.join(' and ')}, 64 px`);
  const translation = join(runs, 'cyclegan');
  const small = CYCLEGAN_SMALL;
  const translated = await trainCycleGanCommand(
    {
      ...common,
      x: `${data}:${TARGET}=${VALUES[0]}`,
      y: `${data}:${TARGET}=${VALUES[1]}`,
      size: small.imageSize,
      ...(small.skip === false ? {} : { skip: small.skip }),
      batchSize: small.batchSize,
      filters: small.generatorFilters,
      discriminatorFilters: small.discriminatorFilters,
      blocks: small.generatorBlocks,
      epochs: small.constantEpochs,
      decayEpochs: small.decayEpochs,
      maxSteps: flags.steps ?? size.cycleganSteps,
      learningRate: small.learningRate,
      discriminatorRate: small.discriminatorRate,
      lambdaCycle: small.lambdaCycle,
      lambdaIdentity: small.lambdaIdentity,
      adversarial: small.adversarial,
      averageDecay: small.averageDecay,
      precision: computesBfloat16() ? 'bfloat16' : small.precision,
      run: translation,
    },
    terminal,
    signal,
  );
  if (!translated.finished) return INTERRUPTED;
  const { lines } = await evaluateCycleGanRun({
    folder: translation,
    record: await readRun(translation),
    split: 'test',
    reporter: terminal,
    judge: classifier,
  });
  for (const line of lines) terminal.log(line);

  heading('Report');
  const status = await runReport(['--runs', runs, '--out', flags.report, '--title', 'Janus demo']);
  if (status !== 0) return status;
  terminal.log(`
Done in ${durationText((performance.now() - began) / 1000)}. Open ${join(flags.report, 'index.html')}.
Try next:
  npx janus predict ${classifier} ${join(data, 'images', 'face-00001.jpg')}
  npx janus data show ${data} --by smile
  npx janus train classifier --data ${data} --target smile`);
  return 0;
}

async function demoEngine(terminal: Terminal): Promise<Engine> {
  if (process.env['JANUS_ENGINE'] === undefined) {
    try {
      await installEngine({ report: terminal.log });
    } catch (error) {
      if (!(error instanceof JanusError)) throw error;
      terminal.log(`Going on without the native engine: ${error.message}`);
    }
  }
  const engine = await useEngine();
  terminal.log(engine.line);
  return engine;
}

async function haveWeights(terminal: Terminal): Promise<boolean> {
  try {
    const { source } = await getWeights('vgg16', {
      line: terminal.log,
      report: terminal.progress,
    });
    terminal.log(`VGG-16's ImageNet weights: ${source}`);
    return true;
  } catch (error) {
    if (!(error instanceof JanusError)) throw error;
    terminal.log(`Going on with the small VGG: ${error.message}`);
    return false;
  }
}

async function makeData(data: string, faces: number, terminal: Terminal): Promise<void> {
  const imported = await generateFaces(faces, {
    out: data,
    force: true,
    size: FACE_SIZE,
    labelNoise: { column: TARGET, rate: 0.02 },
    blankRate: 0.02,
    corruptRate: 0.01,
    duplicateRate: 0.02,
    report: terminal.progress,
  });
  terminal.log(`Drew ${imported.rows} faces, 2 % of them labelled wrongly.`);
  const cleaned = await cleanDataset(data, { labels: [TARGET], report: terminal.progress });
  const reasons = Object.entries(cleaned.reasons).map(([reason, count]) => `${count} ${reason}`);
  terminal.log(
    `Cleaned: ${cleaned.rows} kept, ${cleaned.rejected} removed (${reasons.join(', ')})`,
  );
  const { splits } = await splitDataset(data, { stratify: [TARGET] });
  const { train, validation, test } = splits;
  terminal.log(`Split: ${train} train, ${validation} validation, ${test} test`);
}

async function writeSheets(data: string, runs: string, terminal: Terminal): Promise<void> {
  const dataset = await openDataset(data);
  const sheets = [
    { title: 'Kept', file: join(runs, 'kept.png'), status: 'kept' },
    { title: 'Removed', file: join(runs, 'removed.png'), status: 'removed' },
  ] as const;
  for (const { file, status } of sheets) {
    await writeSheet(dataset, file, {
      status,
      count: 30,
      ...(status === 'kept' ? { by: TARGET } : {}),
    });
  }
  await writeDataSummary(
    runs,
    data,
    sheets.map(({ title, file }) => ({ title, file: file.slice(runs.length + 1) })),
  );
  terminal.log(`Sheets: ${sheets.map(({ file }) => file).join(', ')}`);
}

async function printEvaluation(folder: string, terminal: Terminal): Promise<void> {
  const { lines } = await evaluateClassifierRun({
    folder,
    record: await readRun(folder),
    split: 'test',
    reporter: terminal,
  });
  for (const line of lines) terminal.log(line);
}
