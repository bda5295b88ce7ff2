import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { aboutText, durationText, JanusError } from '@janus/core';
import { keptRows, openDataset } from '@janus/data';
import { installEngine, measureSpeed, useEngine, type Engine } from '@janus/engine';
import {
  CLASSIFIER_DEFAULTS,
  CLASSIFIER_SMALL,
  CYCLEGAN_RUN_ATTRIBUTE,
  evaluateRun,
  fallingSchedule,
  getWeights,
  prepareFaces,
  trainClassifier,
  trainCycleGan,
  writeDataSheets,
  writeDataSummary,
  type ClassifierPreset,
  type RunContext,
} from '@janus/runs';
import type { Command } from 'commander';
import { demoSeconds, stepsWithin } from '../demo-time.js';
import { evaluationLines } from '../evaluation-lines.js';
import { wholeNumber } from '../flags.js';
import { untilInterrupted } from '../interrupt.js';
import { createTerminal, type Terminal } from '../terminal.js';
import { runReport } from './report.js';

/** How much the demo does on one engine: the same steps, scaled to take minutes. */
interface DemoSize {
  /**
   * Of 4,000 instead of 2,000, drawn in half a minute, the discriminators know fewer by heart: the fakes come closer to
   * real images, and are less smeared (docs/translation-measured.md).
   */
  readonly faces: number;
  /** Epochs of the small network, which stands in where there are no pretrained weights. */
  readonly epochs: number;
  readonly cycleganSteps: number;
}

/** Faces of the data set are drawn at this size, then cropped to their boxes. */
const FACE_SIZE = 128;
/** Side of the crops in pixels: what both networks see. */
const CROP_SIZE = 64;
const TARGET = 'presentation';
const VALUES = ['feminine', 'masculine'] as const;

/** About how long the CycleGAN may train, so that the demo ends in 6 minutes on 2 cores with AVX2. */
const CYCLEGAN_SECONDS = 210;

const DEMO: Record<Engine['name'], DemoSize> = {
  tensorflow: { faces: 4000, epochs: 15, cycleganSteps: 1200 },
  wasm: { faces: 1000, epochs: 15, cycleganSteps: 500 },
  js: { faces: 120, epochs: 4, cycleganSteps: 4 },
};

interface Flags {
  readonly out: string;
  readonly report: string;
  readonly faces?: number;
  readonly steps?: number;
}

/** `janus demo`: what `npm run demo` does. */
export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('everything once, on generated faces: data, classifier, CycleGAN, report')
    .option('--out <dir>', 'folder for data and runs', 'demo')
    .option('--report <dir>', 'folder for the page', 'report')
    .option('--faces <n>', 'number of faces (default: by engine)', wholeNumber(60))
    .option('--steps <n>', 'updates of the CycleGAN (default: by engine)', wholeNumber(1))
    .addHelpText('after', '\nExample:\n  $ npm run demo')
    .action(async (flags: Flags) => {
      const terminal = createTerminal(false);
      await untilInterrupted(terminal, STOPPED, async (signal) => {
        process.exitCode = await demo(flags, terminal, signal);
      });
    });
}

const STOPPED = 'Stopped. Repeat the command to start over.';

/** Returns the exit status; an interrupt ends it at the next step of a training, batch of an evaluation, or stage. */
async function demo(flags: Flags, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const began = performance.now();
  const elapsed = (): string => durationText((performance.now() - began) / 1000);
  const heading = (text: string): void => {
    signal.throwIfAborted();
    terminal.log(`\n== ${text} (${elapsed()})`);
  };
  heading('Engine and weights');
  const engine = await demoEngine(terminal);
  const pretrained = await haveWeights(terminal);
  const size = DEMO[engine.name];
  const faces = flags.faces ?? size.faces;
  const classifierPreset: ClassifierPreset = pretrained
    ? { ...CLASSIFIER_DEFAULTS, size: CROP_SIZE }
    : { ...CLASSIFIER_SMALL, epochs: size.epochs };
  const speed = await measureSpeed();
  const steps = flags.steps ?? stepsWithin(CYCLEGAN_SECONDS, size.cycleganSteps, speed);
  const seconds = demoSeconds({ faces, classifier: classifierPreset, steps }, speed);
  terminal.log(
    `The rest takes ${aboutText(seconds)} here if nothing else runs (${Math.round(Math.max(speed.float32, speed.bfloat16 ?? 0))} GFLOP/s measured).`,
  );
  const data = join(flags.out, 'faces');
  const runs = join(flags.out, 'runs');
  await rm(runs, { recursive: true, force: true });

  heading('Data: generated faces, some of them spoiled on purpose');
  const asked = { count: faces, target: TARGET, size: FACE_SIZE, cropSize: CROP_SIZE };
  await prepareFaces(data, asked, { reporter: terminal, reuse: false, signal });
  await writeSheets(data, runs, terminal);

  const contextOf = (name: string): RunContext & { readonly folder: string } => ({
    folder: join(runs, name),
    existing: 'overwrite',
    engine: engine.name,
    signal,
    reporter: terminal,
  });
  heading(`Classifier: ${TARGET}`);
  const trained = await trainClassifier(
    { ...classifierPreset, data, target: TARGET },
    contextOf('classifier'),
  );
  signal.throwIfAborted();
  const classifier = trained.folder;
  await printEvaluation(classifier, { terminal, signal });

  heading(`CycleGAN: ${VALUES.join(' and ')}, ${CROP_SIZE} px`);
  const [x, y] = VALUES.map((value) => `${data}:${TARGET}=${value}`) as [string, string];
  const { discriminatorWarmup } = CYCLEGAN_RUN_ATTRIBUTE;
  const schedule = await fallingSchedule({ ...CYCLEGAN_RUN_ATTRIBUTE, x, y }, steps);
  const warmup = { discriminatorWarmup: Math.min(discriminatorWarmup, Math.floor(steps / 4)) };
  const translated = await trainCycleGan(
    { ...CYCLEGAN_RUN_ATTRIBUTE, ...schedule, ...warmup, x, y },
    contextOf('cyclegan'),
  );
  signal.throwIfAborted();
  await printEvaluation(translated.folder, { terminal, signal, judge: classifier });

  heading('Report');
  const status = await runReport(['--runs', runs, '--out', flags.report, '--title', 'Janus demo']);
  signal.throwIfAborted();
  if (status !== 0) return status;
  terminal.log(`
Done in ${elapsed()}. Open ${join(flags.report, 'index.html')}.
Try next:
  npx janus predict ${classifier} ${await exampleImage(data)}
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
      terminal.log(`Continuing without the native engine: ${error.message}`);
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
    terminal.log(`Continuing with the small VGG: ${error.message}`);
    return false;
  }
}

/** Returns an image that neither network was trained on. */
async function exampleImage(data: string): Promise<string> {
  const [row] = keptRows(await openDataset(data), { split: 'test' });
  return join(data, row?.path ?? '');
}

/** Images on a sheet. */
const SHEET_IMAGES = 30;

async function writeSheets(data: string, runs: string, terminal: Terminal): Promise<void> {
  const sheets = await writeDataSheets(data, { out: runs, count: SHEET_IMAGES });
  const all = sheets.filter(({ reason }) => reason === null);
  await writeDataSummary(
    runs,
    data,
    all.map(({ file }) => {
      const name = file.slice(runs.length + 1);
      return { title: name === 'kept.png' ? 'Kept' : 'Removed', file: name };
    }),
  );
  terminal.log(`Sheets: ${sheets.map(({ file }) => file).join(', ')}`);
}

async function printEvaluation(
  run: string,
  context: {
    readonly terminal: Terminal;
    readonly signal: AbortSignal;
    readonly judge?: string;
  },
): Promise<void> {
  const { terminal, ...rest } = context;
  const evaluation = await evaluateRun(run, { ...rest, reporter: terminal });
  for (const line of evaluationLines(evaluation)) terminal.log(line);
}
