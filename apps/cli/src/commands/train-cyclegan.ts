import {
  ADVERSARIAL_MODES,
  CYCLEGAN_RUN_PAPER,
  GENERATOR_SKIPS,
  trainCycleGan,
  type CycleGanRunOptions,
} from '@janus/runs';
import type { Command } from 'commander';
import { augmentations } from '../augment-flag.js';
import { acceptOldName, numberBetween, PRECISIONS, wholeNumber } from '../flags.js';
import { addOptionFlags, optionsOfFlags, type OptionFlag } from '../option-flags.js';
import { addRunFlags, runTraining, type RunFlags } from '../run-flags.js';

/** The flags of `janus train cyclegan` that set an option; the others are the paper's. */
export const CYCLEGAN_FLAGS: readonly OptionFlag<CycleGanRunOptions>[] = [
  {
    option: 'imageSize',
    flags: '--size <px>',
    help: 'side of the square images, a multiple of 8',
    parse: wholeNumber(16),
  },
  {
    option: 'skip',
    flags: '--skip [form]',
    help: 'add the input to the output: before its tanh (pre-tanh, the default form), or residual: the network outputs the change alone',
    choices: GENERATOR_SKIPS,
    convert: (given) => (given === true ? 'pre-tanh' : given),
  },
  {
    option: 'batchSize',
    flags: '--batch-size <n>',
    help: 'images of each domain per step',
    parse: wholeNumber(1),
  },
  {
    option: 'generatorFilters',
    flags: '--filters <n>',
    help: "filters of a generator's first convolution",
    parse: wholeNumber(1),
  },
  {
    option: 'discriminatorFilters',
    flags: '--discriminator-filters <n>',
    help: "filters of a discriminator's first convolution",
    parse: wholeNumber(1),
  },
  {
    option: 'generatorBlocks',
    flags: '--blocks <n>',
    help: 'residual blocks of a generator',
    parse: wholeNumber(1),
  },
  {
    option: 'constantEpochs',
    flags: '--epochs <n>',
    help: 'epochs at the full learning rate',
    parse: wholeNumber(1),
  },
  {
    option: 'decayEpochs',
    flags: '--decay-epochs <n>',
    help: 'epochs over which the learning rate falls to 0',
    parse: wholeNumber(0),
  },
  {
    option: 'maxSteps',
    flags: '--max-steps <n>',
    help: 'stop after this many updates; 0: no limit',
    parse: wholeNumber(0),
  },
  {
    option: 'learningRate',
    flags: '--learning-rate <rate>',
    help: "Adam's step size",
    parse: numberBetween(0, 1),
  },
  {
    option: 'discriminatorLrFactor',
    flags: '--discriminator-lr-factor <factor>',
    help: "the discriminators' learning rate over the generators'",
    parse: numberBetween(0.01, 100),
  },
  {
    option: 'lambdaCycle',
    flags: '--lambda-cycle <weight>',
    help: 'weight of the cycle term',
    parse: numberBetween(0, 1000),
  },
  {
    option: 'lambdaIdentity',
    flags: '--lambda-identity <weight>',
    help: 'weight of the identity term, times the cycle weight',
    parse: numberBetween(0, 100),
  },
  {
    option: 'adversarial',
    flags: '--adversarial <loss>',
    help: 'form of the adversarial loss',
    choices: ADVERSARIAL_MODES,
  },
  {
    option: 'averageDecay',
    flags: '--average-decay <rate>',
    help: "decay of the generators' moving average (EMA), used for samples and export; 0: off",
    parse: numberBetween(0, 0.9999),
  },
  {
    option: 'augment',
    flags: '--augment <list>',
    help: "how images are changed, drawn again in each epoch (default: flip; the authors': jitter,flip)",
    parse: augmentations,
  },
  {
    option: 'precision',
    flags: '--precision <type>',
    help: 'what the tensorflow engine computes in; bfloat16 needs a processor with it, and is faster there',
    choices: PRECISIONS,
  },
  {
    option: 'seed',
    flags: '--seed <n>',
    help: 'seed of weights, order, image changes and pools',
    parse: wholeNumber(0),
  },
];

type Flags = RunFlags & Readonly<Record<string, unknown>> & { x: string; y: string };

/** `janus train cyclegan`. */
export function addTrainCycleGan(train: Command): void {
  const command = train
    .command('cyclegan')
    .description('train translations between two unpaired sets')
    .requiredOption('--x <dir|data:filter>', 'domain X: a folder, or <data folder>:column=value')
    .requiredOption('--y <dir|data:filter>', 'domain Y');
  addOptionFlags(command, CYCLEGAN_FLAGS, CYCLEGAN_RUN_PAPER);
  const replacedBy = '--discriminator-lr-factor';
  acceptOldName(command, { flags: '--discriminator-rate <factor>', replacedBy });
  addRunFlags(command, 'runs/cyclegan-<x>-<y>');
  command
    .addHelpText(
      'after',
      '\nExample:\n  $ npx janus train cyclegan --x data/faces:presentation=feminine --y data/faces:presentation=masculine --size 64 --skip --filters 16 --blocks 3 --batch-size 4 --epochs 4 --decay-epochs 4\n  $ npx janus train cyclegan --x horse2zebra/trainA --y horse2zebra/trainB --augment jitter,flip',
    )
    .action(async (flags: Flags) => {
      const { x, y } = flags;
      const options = { ...CYCLEGAN_RUN_PAPER, ...optionsOfFlags(flags, CYCLEGAN_FLAGS) };
      await runTraining(
        flags,
        (context) => trainCycleGan({ ...options, x, y }, context),
        (folder) => `npx janus evaluate ${folder} --judge <classifier run>`,
      );
    });
}
