import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { resolvePrecision, useEngine, type EngineName, type Precision } from '@janus/engine';
import type { Augmentation } from '@janus/images';
import {
  CYCLEGAN_PAPER,
  GENERATOR_SKIPS,
  type CycleGanOptions,
  type GeneratorSkip,
} from '@janus/models';
import { closeRun, openDomain, openRun, runCycleGan } from '@janus/runs';
import { Option, type Command } from 'commander';
import { augmentFlag } from '../augment-flag.js';
import { engineFlag, jsonFlag, numberBetween, precisionFlag, wholeNumber } from '../flags.js';
import { INTERRUPTED, interruptSignal } from '../interrupt.js';
import { createTerminal, type Terminal } from '../terminal.js';
import type { TrainResult } from './train-classifier.js';

/** What the command was told; options without a flag come from the paper's preset. */
export interface TrainCycleGanFlags {
  readonly x: string;
  readonly y: string;
  readonly size: number;
  /** Without a form: `pre-tanh`, the published one. */
  readonly skip?: true | Exclude<GeneratorSkip, false>;
  readonly batchSize: number;
  readonly filters: number;
  readonly discriminatorFilters: number;
  readonly blocks: number;
  readonly epochs: number;
  readonly decayEpochs: number;
  readonly maxSteps: number;
  readonly learningRate: number;
  readonly discriminatorRate: number;
  readonly lambdaCycle: number;
  readonly lambdaIdentity: number;
  readonly adversarial: CycleGanOptions['adversarial'];
  readonly averageDecay: number;
  readonly precision: Precision;
  readonly seed: number;
  readonly augment?: readonly Augmentation[];
  readonly run?: string;
  readonly resume?: boolean;
  readonly overwrite?: boolean;
  readonly engine: EngineName | 'auto';
  readonly json?: boolean;
}

/** `janus train cyclegan`. */
export function addTrainCycleGan(train: Command): void {
  const paper = CYCLEGAN_PAPER;
  train
    .command('cyclegan')
    .description('train translations between two unpaired sets')
    .requiredOption('--x <dir|data:filter>', 'domain X: a folder, or <data folder>:column=value')
    .requiredOption('--y <dir|data:filter>', 'domain Y')
    .option('--size <px>', 'side of the images, a multiple of 8', wholeNumber(16), paper.imageSize)
    .addOption(
      new Option(
        '--skip [form]',
        'add the input to the output: before its tanh (pre-tanh, when no form is given), or residual: the network makes the change alone',
      ).choices(GENERATOR_SKIPS),
    )
    .option('--batch-size <n>', 'images of each domain a step', wholeNumber(1), paper.batchSize)
    .option(
      '--filters <n>',
      'of the first convolution of a generator',
      wholeNumber(1),
      paper.generatorFilters,
    )
    .option(
      '--discriminator-filters <n>',
      'of a discriminator',
      wholeNumber(1),
      paper.discriminatorFilters,
    )
    .option('--blocks <n>', 'residual blocks of a generator', wholeNumber(1), paper.generatorBlocks)
    .option('--epochs <n>', 'at the full learning rate', wholeNumber(1), paper.constantEpochs)
    .option('--decay-epochs <n>', 'over which it falls to 0', wholeNumber(0), paper.decayEpochs)
    .option(
      '--max-steps <n>',
      'end after so many updates; 0: when the epochs are over',
      wholeNumber(0),
      0,
    )
    .option('--learning-rate <rate>', 'of Adam', numberBetween(0, 1), paper.learningRate)
    .option(
      '--discriminator-rate <factor>',
      "the discriminators' learning rate over the generators'",
      numberBetween(0.01, 100),
      paper.discriminatorRate,
    )
    .option(
      '--lambda-cycle <weight>',
      'of the cycle term',
      numberBetween(0, 1000),
      paper.lambdaCycle,
    )
    .option(
      '--lambda-identity <weight>',
      'of the identity term, times the cycle weight',
      numberBetween(0, 100),
      paper.lambdaIdentity,
    )
    .addOption(
      new Option('--adversarial <loss>', 'form of the adversarial loss')
        .choices(['least-squares', 'log'])
        .default(paper.adversarial),
    )
    .option(
      '--average-decay <rate>',
      'running average of the generators that makes the samples; 0: none',
      numberBetween(0, 0.9999),
      paper.averageDecay,
    )
    .addOption(augmentFlag('change images', 'left out: flip; its authors: jitter,flip'))
    .addOption(precisionFlag())
    .option('--seed <n>', 'of weights, order and pools', wholeNumber(0), paper.seed)
    .option('--run <dir>', 'run folder (default: runs/cyclegan-<x>-<y>)')
    .option('--resume', 'go on with the run where it stopped')
    .option('--overwrite', 'replace the run that is there')
    .addOption(engineFlag())
    .addOption(jsonFlag())
    .addHelpText(
      'after',
      '\nExample:\n  $ npx janus train cyclegan --x data/faces:presentation=feminine --y data/faces:presentation=masculine --size 64 --skip --filters 16 --blocks 3 --batch-size 4 --epochs 4 --decay-epochs 4\n  $ npx janus train cyclegan --x horse2zebra/trainA --y horse2zebra/trainB --augment jitter,flip',
    )
    .action(async (flags: TrainCycleGanFlags) => {
      const terminal = createTerminal(flags.json === true);
      const result = await trainCycleGanCommand(flags, terminal, interruptSignal());
      terminal.result(result, [
        result.finished
          ? `Trained ${result.run}: ${result.steps} steps in ${result.seconds.toFixed(0)} s. Next: npx janus evaluate ${result.run} --judge <classifier run>`
          : `Stopped after step ${result.steps}. Go on: repeat the command with --resume`,
      ]);
      if (!result.finished) process.exitCode = INTERRUPTED;
    });
}

/** Trains a CycleGAN as the flags say; the demo calls it too. */
export async function trainCycleGanCommand(
  flags: TrainCycleGanFlags,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<TrainResult> {
  const x = await openDomain(flags.x, 'train');
  const y = await openDomain(flags.y, 'train');
  const engine = await useEngine({ engine: flags.engine });
  terminal.log(engine.line);
  resolvePrecision(flags.precision); // refused before there is a run
  terminal.log(`X: ${x.items.length} images of ${x.title}; Y: ${y.items.length} of ${y.title}`);
  const options: CycleGanOptions = {
    ...CYCLEGAN_PAPER,
    imageSize: flags.size,
    batchSize: flags.batchSize,
    generatorFilters: flags.filters,
    generatorBlocks: flags.blocks,
    skip: flags.skip === true ? 'pre-tanh' : (flags.skip ?? false),
    discriminatorRate: flags.discriminatorRate,
    discriminatorFilters: flags.discriminatorFilters,
    adversarial: flags.adversarial,
    lambdaCycle: flags.lambdaCycle,
    lambdaIdentity: flags.lambdaIdentity,
    learningRate: flags.learningRate,
    constantEpochs: flags.epochs,
    decayEpochs: flags.decayEpochs,
    averageDecay: flags.averageDecay,
    precision: flags.precision,
    seed: flags.seed,
  };
  const changes = flags.augment === undefined ? {} : { augment: flags.augment };
  const folder = flags.run ?? join('runs', `cyclegan-${fileName(x.title)}-${fileName(y.title)}`);
  const record = await openRun({
    kind: 'cyclegan',
    folder,
    name: `${x.title} to ${y.title}`,
    options: {
      ...{ ...options, ...changes, maxSteps: flags.maxSteps },
      ...{ x: absolute(flags.x), y: absolute(flags.y) },
    },
    seed: flags.seed,
    dataHash: createHash('sha256').update(`${x.hash}/${y.hash}`).digest('hex'),
    engine,
    resume: flags.resume === true,
    overwrite: flags.overwrite === true,
  });
  const result = await runCycleGan({
    ...{ folder, record, x, y, options, ...changes },
    ...{ maxSteps: flags.maxSteps, reporter: terminal, signal },
  });
  await closeRun(folder, record, result);
  return { run: folder, ...result };
}

const fileName = (text: string): string => text.replace(/[^A-Za-z0-9_.-]+/g, '-');

/** A source that means the same from any folder. */
function absolute(source: string): string {
  const at = source.indexOf(':');
  return at < 0 ? resolve(source) : `${resolve(source.slice(0, at))}${source.slice(at)}`;
}
