import { join, resolve } from 'node:path';
import { OptionsError } from '@janus/core';
import { classesOf, datasetOfFold, openDataset } from '@janus/data';
import { resolvePrecision, useEngine, type EngineName, type Precision } from '@janus/engine';
import type { Augmentation } from '@janus/images';
import { BACKBONES, parseHead, POOLINGS, type BackboneName, type Pooling } from '@janus/models';
import { closeRun, openRun, runClassifier, type ClassifierOptions } from '@janus/runs';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { augmentFlag } from '../augment-flag.js';
import { engineFlag, jsonFlag, numberBetween, precisionFlag, wholeNumber } from '../flags.js';
import { INTERRUPTED, interruptSignal } from '../interrupt.js';
import { createTerminal, type Terminal } from '../terminal.js';

/** What the command was told. */
export interface TrainClassifierFlags {
  readonly data: string;
  readonly target: string;
  readonly fold?: number;
  readonly backbone: BackboneName;
  readonly weights?: string;
  readonly head: string;
  readonly pooling: Pooling;
  readonly dropout: number;
  readonly unfreeze: string;
  readonly size: number;
  readonly batchSize: number;
  readonly epochs: number;
  readonly fineTuneEpochs: number;
  readonly learningRate: number;
  readonly fineTuneLearningRate: number;
  readonly balanced: boolean;
  readonly precision: Precision;
  readonly seed: number;
  readonly augment?: readonly Augmentation[];
  readonly run?: string;
  readonly resume?: boolean;
  readonly overwrite?: boolean;
  readonly engine: EngineName | 'auto';
  readonly json?: boolean;
}

function headText(text: string): string {
  try {
    parseHead(text);
    return text;
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}

/** `janus train classifier`. */
export function addTrainClassifier(train: Command): void {
  train
    .command('classifier')
    .description('train a head on a frozen backbone, then its last blocks if asked')
    .requiredOption('--data <dir>', 'data folder that was cleaned and split')
    .requiredOption('--target <column>', 'label column to learn')
    .option(
      '--fold <i>',
      'of data split with --folds: test on fold i, validate on the next, train on the others',
      wholeNumber(0),
    )
    .addOption(
      new Option('--backbone <name>', 'convolutional base').choices(BACKBONES).default('vgg16'),
    )
    .option('--weights <file>', 'pretrained weights: Keras .h5, or .safetensors')
    .option('--head <layers>x<units>', 'hidden layers of the head; 0 for none', headText, '1x1024')
    .addOption(
      new Option('--pooling <how>', 'between feature maps and head')
        .choices(POOLINGS)
        .default('average+max'),
    )
    .option('--dropout <rate>', 'after each hidden layer', numberBetween(0, 0.95), 0.5)
    .option(
      '--unfreeze <block>',
      'none, a block such as block5 (it and all after it), or all',
      'none',
    )
    .option('--size <px>', 'side of the images', wholeNumber(32), 224)
    .option('--batch-size <n>', 'images a step', wholeNumber(1), 20)
    .option(
      '--epochs <n>',
      'of the head (of everything, without pretrained weights)',
      wholeNumber(1),
      20,
    )
    .option('--fine-tune-epochs <n>', 'of the unfrozen blocks, after the head', wholeNumber(0), 3)
    .option('--learning-rate <rate>', 'of the head', numberBetween(0, 1), 1e-4)
    .option('--fine-tune-learning-rate <rate>', 'of the unfrozen blocks', numberBetween(0, 1), 1e-5)
    .option('--no-balanced', 'weigh every image alike, however rare its class')
    .addOption(augmentFlag('change images while all layers train', 'left out: flip'))
    .addOption(precisionFlag())
    .option('--seed <n>', 'of weights, order and dropout', wholeNumber(0), 1)
    .option('--run <dir>', 'run folder (default: runs/<data>-<target>-<backbone>[-fold<i>])')
    .option('--resume', 'go on with the run where it stopped')
    .option('--overwrite', 'replace the run that is there')
    .addOption(engineFlag())
    .addOption(jsonFlag())
    .addHelpText(
      'after',
      '\nExample:\n  $ npx janus train classifier --data data/faces --target presentation --unfreeze block5\n  $ npx janus train classifier --data data/faces --target presentation --precision bfloat16 --run runs/faces-bfloat16\n  $ npx janus train classifier --data data/faces --target presentation --backbone small-vgg --augment flip,crop,colour',
    )
    .action(async (flags: TrainClassifierFlags) => {
      const terminal = createTerminal(flags.json === true);
      const result = await trainClassifier(flags, terminal, interruptSignal());
      terminal.result(result, [
        result.finished
          ? `Trained ${result.run}: ${result.steps} steps in ${result.seconds.toFixed(0)} s. Next: npx janus evaluate ${result.run}`
          : `Stopped after step ${result.steps}. Go on: repeat the command with --resume`,
      ]);
      if (!result.finished) process.exitCode = INTERRUPTED;
    });
}

/** What the command prints. */
export interface TrainResult {
  readonly run: string;
  readonly finished: boolean;
  readonly steps: number;
  readonly seconds: number;
  readonly imagesPerSecond: number;
  readonly peakRssMb: number;
}

/** Features of frozen layers are kept from one epoch to the next: of images as they are. */
function checkAugment({ augment = [], backbone, unfreeze }: TrainClassifierFlags): void {
  if (augment.length === 0 || backbone === 'small-vgg' || unfreeze === 'all') return;
  throw new OptionsError(
    `--augment: images can be changed only where all layers train, but ${backbone} with --unfreeze ${unfreeze} trains on kept features. Add --unfreeze all, take --backbone small-vgg, or leave --augment out.`,
  );
}

/** Trains a classifier as the flags say; the demo calls it too. */
export async function trainClassifier(
  flags: TrainClassifierFlags,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<TrainResult> {
  const { fold, augment } = flags;
  checkAugment(flags);
  const opened = await openDataset(flags.data);
  const dataset = fold === undefined ? opened : datasetOfFold(opened, fold);
  classesOf(dataset, flags.target);
  if (!dataset.rows.some((row) => row.split === 'train')) {
    throw new OptionsError(
      `${flags.data}: must be split before training, but no row has a split. Run \`npx janus data split ${flags.data} --stratify ${flags.target}\`.`,
    );
  }
  const engine = await useEngine({ engine: flags.engine });
  terminal.log(engine.line);
  resolvePrecision(flags.precision); // refused before there is a run
  const suffix = fold === undefined ? '' : `-fold${fold}`;
  const folder =
    flags.run ?? join('runs', `${dataset.name}-${flags.target}-${flags.backbone}${suffix}`);
  const options: ClassifierOptions = {
    data: resolve(flags.data),
    target: flags.target,
    ...(fold === undefined ? {} : { fold }),
    ...(augment === undefined ? {} : { augment }),
    backbone: flags.backbone,
    weights: flags.weights ?? null,
    head: flags.head,
    pooling: flags.pooling,
    dropout: flags.dropout,
    unfreeze: flags.unfreeze,
    size: flags.size,
    batchSize: flags.batchSize,
    epochs: flags.epochs,
    fineTuneEpochs: flags.fineTuneEpochs,
    learningRate: flags.learningRate,
    fineTuneLearningRate: flags.fineTuneLearningRate,
    balanced: flags.balanced,
    precision: flags.precision,
    seed: flags.seed,
  };
  const record = await openRun({
    kind: 'classifier',
    folder,
    name: `${flags.target} (${dataset.name})`,
    options: { ...options },
    seed: flags.seed,
    dataHash: dataset.hash,
    engine,
    resume: flags.resume === true,
    overwrite: flags.overwrite === true,
  });
  const result = await runClassifier({
    folder,
    record,
    dataset,
    options,
    reporter: terminal,
    signal,
  });
  await closeRun(folder, record, result);
  return { run: folder, ...result };
}
