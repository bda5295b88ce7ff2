import {
  ADVERSARIAL_MODES,
  ATTRIBUTE_UPDATES,
  DISCRIMINATOR_ARCHITECTURES,
  GENERATOR_ARCHITECTURES,
  INITIALISATIONS,
  NORMS,
  CYCLEGAN_PRESETS,
  CYCLEGAN_RUN_PAPER,
  EPOCH_SCHEDULES,
  fallingSchedule,
  GENERATOR_SKIPS,
  halvedSchedule,
  trainCycleGan,
  UPSAMPLINGS,
  type CycleGanPreset,
  type CycleGanRunOptions,
} from '@janus/runs';
import { Option, type Command } from 'commander';
import { augmentations } from '../augment-flag.js';
import { acceptOldName, numberBetween, PRECISIONS, wholeNumber } from '../flags.js';
import { addOptionFlags, givenOptions, presetOptions, type OptionFlag } from '../option-flags.js';
import { addRunFlags, runTraining, type RunFlags } from '../run-flags.js';

/** The flags of `janus train cyclegan` that set an option. */
export const CYCLEGAN_FLAGS: readonly OptionFlag<CycleGanRunOptions>[] = [
  {
    option: 'imageSize',
    flags: '--size <px>',
    help: 'side of the square images, a multiple of 8',
    parse: wholeNumber(16),
  },
  {
    option: 'channels',
    flags: '--channels <n>',
    help: 'channels that the networks see and make: 3, RGB, or 1, lightness',
    parse: wholeNumber(1),
  },
  {
    option: 'skip',
    flags: '--skip [form]',
    help: 'add the input to the output: before its tanh (pre-tanh, the default form), or residual: the network outputs the change alone',
    choices: GENERATOR_SKIPS,
    convert: (given) => (given === true ? 'pre-tanh' : given),
  },
  {
    option: 'bend',
    flags: '--bend <share>',
    help: "how far a generator of the residual skip may bend its input, as a share of half the image's side; 0: not",
    parse: numberBetween(0, 1),
  },
  {
    option: 'upsampling',
    flags: '--upsampling <kind>',
    help: 'how a generator doubles the sides of its features; resize leaves no hatching',
    choices: UPSAMPLINGS,
  },
  {
    option: 'globalView',
    flags: '--global-view',
    help: 'the discriminators judge each image as a whole too',
  },
  {
    option: 'shift',
    flags: '--shift <px>',
    help: 'largest shift of an image, drawn each time before a discriminator sees it',
    parse: wholeNumber(0),
  },
  {
    option: 'discriminatorWarmup',
    flags: '--discriminator-warmup <n>',
    help: 'updates at the start in which only the discriminators learn; needs the residual skip',
    parse: wholeNumber(0),
  },
  {
    option: 'from',
    flags: '--from <run>',
    help: 'start from the networks of another CycleGAN run: same filters, blocks and skip; its size may differ',
  },
  {
    option: 'batchSize',
    flags: '--batch-size <n>',
    help: 'images of each domain per step',
    parse: wholeNumber(1),
  },
  {
    option: 'generator',
    flags: '--generator <kind>',
    help: "what the generators are: resnet, the paper's; unet-256 and unet-128, pix2pix's, which halve images 8 or 7 times; unet: as often as the size allows",
    choices: GENERATOR_ARCHITECTURES,
  },
  {
    option: 'norm',
    flags: '--norm <kind>',
    help: 'what normalises the features of all networks',
    choices: NORMS,
  },
  {
    option: 'initialisation',
    flags: '--initialisation <kind>',
    help: 'how the kernels of all networks begin',
    choices: INITIALISATIONS,
  },
  {
    option: 'discriminator',
    flags: '--discriminator <kind>',
    help: 'what the discriminators look at: patches of pixels, or each pixel alone',
    choices: DISCRIMINATOR_ARCHITECTURES,
  },
  {
    option: 'discriminatorScales',
    flags: '--discriminator-scales <n>',
    help: 'sizes of an image that a discriminator judges: 1, its own; 2, half of it too; 3, a quarter too',
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
    option: 'discriminatorLayers',
    flags: '--discriminator-layers <n>',
    help: 'convolutions of stride 2 in a discriminator: 1, 2, 3 or 4 see patches of 16, 34, 70 or 142 px',
    parse: wholeNumber(1),
  },
  {
    option: 'poolSize',
    flags: '--pool-size <n>',
    help: 'earlier fakes that are kept a domain and shown to its discriminator again',
    parse: wholeNumber(0),
  },
  {
    option: 'beta1',
    flags: '--beta1 <number>',
    help: "Adam's memory of the mean gradient",
    parse: numberBetween(0, 0.999),
  },
  {
    option: 'generatorBlocks',
    flags: '--blocks <n>',
    help: 'residual blocks of a resnet: 9 at 256 px, 6 at 128 px in the paper',
    parse: wholeNumber(1),
  },
  {
    option: 'constantEpochs',
    flags: '--constant-epochs <n>',
    help: 'epochs at the full learning rate, instead of --epochs',
    parse: wholeNumber(0),
  },
  {
    option: 'decayEpochs',
    flags: '--decay-epochs <n>',
    help: 'epochs after them, over which the learning rate falls to 0',
    parse: wholeNumber(0),
  },
  {
    option: 'maxSteps',
    flags: '--max-steps <n>',
    help: 'stop after this many updates; 0: no limit (of the preset attribute: 1200, over which the rate falls)',
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
    help: 'weight of the cycle term; 0 leaves it out, and half the work of a step',
    parse: numberBetween(0, 1000),
  },
  {
    option: 'lambdaCycleX',
    flags: '--lambda-cycle-x <weight>',
    help: 'weight of the cycle X to Y to X (default: that of --lambda-cycle)',
    parse: numberBetween(0, 1000),
  },
  {
    option: 'lambdaCycleY',
    flags: '--lambda-cycle-y <weight>',
    help: 'weight of the cycle Y to X to Y (default: that of --lambda-cycle)',
    parse: numberBetween(0, 1000),
  },
  {
    option: 'lambdaIdentity',
    flags: '--lambda-identity <weight>',
    help: 'weight of the identity term, times the cycle weight',
    parse: numberBetween(0, 100),
  },
  {
    option: 'lambdaChange',
    flags: '--lambda-change <weight>',
    help: 'weight of the mean absolute change of an image, which pulls a fake to its original',
    parse: numberBetween(0, 1000),
  },
  {
    option: 'pairs',
    flags: '--pairs <list|column>',
    help: 'which images of X and Y are pairs: a label column, name (files of one name), or a .csv list with the columns x and y; for --preset pix2pix',
  },
  {
    option: 'lambdaPair',
    flags: '--lambda-pair <weight>',
    help: "weight of the mean absolute difference from the original's pair; needs --pairs",
    parse: numberBetween(0, 1000),
  },
  {
    option: 'adversarial',
    flags: '--adversarial <loss>',
    help: 'form of the adversarial loss',
    choices: ADVERSARIAL_MODES,
  },
  {
    option: 'labelSmoothing',
    flags: '--label-smoothing <share>',
    help: "how far below 1 the discriminators' label of real images is, 0 to 0.5; not with hinge",
    parse: numberBetween(0, 0.5),
  },
  {
    option: 'freezeDiscriminators',
    flags: '--freeze-discriminators',
    help: 'the discriminators keep their first weights, or those after --discriminator-warmup',
  },
  {
    option: 'schedule',
    flags: '--schedule <name>',
    help: 'how the learning rate goes from epoch to epoch; step: a tenth each --step-epochs; plateau: a fifth when the loss no longer falls',
    choices: EPOCH_SCHEDULES,
  },
  {
    option: 'stepEpochs',
    flags: '--step-epochs <n>',
    help: 'epochs from one tenth of the rate to the next with --schedule step',
    parse: wholeNumber(1),
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
    option: 'trainImages',
    flags: '--train-images <n>',
    help: 'training images of each domain, drawn with the seed (default: all)',
    parse: wholeNumber(1),
  },
  {
    option: 'precision',
    flags: '--precision <type>',
    help: 'what the tensorflow engine computes in; auto: bfloat16 where it is faster on this machine, else float32; a resumed run keeps its own',
    choices: PRECISIONS,
  },
  {
    option: 'seed',
    flags: '--seed <n>',
    help: 'seed of weights, order, image changes and pools',
    parse: wholeNumber(0),
  },
];

/** Flags of a command that trains a translation between two sets. */
export type TranslationFlags = RunFlags &
  Readonly<Record<string, unknown>> & { x: string; y: string };

/** Adds the flags that say what a translation is trained on, and for how many epochs. */
export function addDomainFlags(command: Command): void {
  command
    .requiredOption('--x <dir|data:filter>', 'domain X: a folder, or <data folder>:column=value')
    .requiredOption('--y <dir|data:filter>', 'domain Y')
    .option(
      '--epochs <n>',
      'epochs in all: the first half at the full learning rate (of an odd number, one more), the second half falling',
      wholeNumber(1),
    );
}

/** `janus train cyclegan`. */
export function addTrainCycleGan(train: Command): void {
  const command = train
    .command('cyclegan')
    .description('train translations between two unpaired sets');
  addDomainFlags(command);
  addOptionFlags(command, CYCLEGAN_FLAGS, CYCLEGAN_RUN_PAPER);
  command.addOption(
    new Option(
      '--preset <name>',
      'what is meant by flags that are left out. attribute: a small local change, such as lips or a smile, at 64 px in 1,200 updates, minutes; paper: any translation, and textures such as zebra stripes, in hours at 256 px; pix2pix: pairs of images (--pairs)',
    )
      .choices(Object.keys(CYCLEGAN_PRESETS))
      .default('paper'),
  );
  const replacedBy = '--discriminator-lr-factor';
  acceptOldName(command, { flags: '--discriminator-rate <factor>', replacedBy });
  addRunFlags(command, 'runs/cyclegan-<x>-<y>');
  command
    .addHelpText(
      'after',
      '\nExample:\n  $ npx janus train cyclegan --x data/faces:presentation=feminine --y data/faces:presentation=masculine --preset attribute\n  $ npx janus train cyclegan --x horse2zebra/trainA --y horse2zebra/trainB --augment jitter,flip\n  $ npx janus train cyclegan --x horse2zebra/trainA --y horse2zebra/trainB --augment jitter,flip --resume --constant-epochs 200 --decay-epochs 100',
    )
    .action(async (flags: TranslationFlags) => {
      const { x, y } = flags;
      const given = givenOptions(command, CYCLEGAN_FLAGS);
      const chosen = { ...cycleGanOptionsOf(flags, given), ...scheduleOf(command) };
      const schedule = await attributeSchedule(flags, command, chosen);
      const paired = given.includes('pairs') ? { paired: true } : {};
      const options = { ...chosen, ...schedule, ...paired };
      await runTraining(flags, {
        train: (context) => trainCycleGan({ ...options, x, y }, context),
        given: [...given, ...Object.keys(scheduleOf(command)), ...Object.keys(schedule)],
        next: (folder) => `npx janus evaluate ${folder} --judge <classifier run>`,
      });
    });
  command.hook('preAction', () => {
    checkSchedule(command);
  });
}

/** Returns the options of a preset, with those that were given instead. */
export function cycleGanOptionsOf(
  flags: Readonly<Record<string, unknown>>,
  given: readonly string[],
): CycleGanPreset {
  const preset = (flags['preset'] ?? 'paper') as keyof typeof CYCLEGAN_PRESETS;
  return presetOptions(CYCLEGAN_PRESETS[preset], CYCLEGAN_FLAGS, { flags, given });
}

/** Returns the schedule of the presets named `attribute`, which count updates, where no flag sets another. */
export async function attributeSchedule(
  { preset, x, y }: TranslationFlags,
  command: Command,
  options: Pick<CycleGanPreset, 'maxSteps' | 'batchSize'>,
): Promise<Partial<Pick<CycleGanRunOptions, 'constantEpochs' | 'decayEpochs' | 'maxSteps'>>> {
  const isSet = ['epochs', 'constantEpochs', 'decayEpochs'].some(
    (name) => command.getOptionValueSource(name) === 'cli',
  );
  if (preset !== 'attribute' || isSet) return {};
  const { maxSteps } = options;
  return await fallingSchedule({ ...options, x, y }, maxSteps > 0 ? maxSteps : ATTRIBUTE_UPDATES);
}

/** Returns the schedule that `--epochs` sets; with `--decay-epochs`, which it once went with, as it did then. */
export function scheduleOf(
  command: Command,
): Partial<Pick<CycleGanRunOptions, 'constantEpochs' | 'decayEpochs'>> {
  const { epochs, decayEpochs } = command.opts<{ epochs?: number; decayEpochs: number }>();
  if (epochs === undefined) return {};
  const isPair = command.getOptionValueSource('decayEpochs') === 'cli';
  return isPair ? { constantEpochs: epochs, decayEpochs } : halvedSchedule(epochs);
}

/** Refuses `--epochs` with `--constant-epochs`, and tells what is new about it with `--decay-epochs`. */
export function checkSchedule(command: Command): void {
  const isGiven = (name: string): boolean => command.getOptionValueSource(name) === 'cli';
  if (!isGiven('epochs')) return;
  if (isGiven('constantEpochs')) {
    command.error(
      'error: --epochs is the number of all epochs, of which half are constant: give it alone, or --constant-epochs and --decay-epochs',
      { exitCode: 2 },
    );
  }
  if (isGiven('decayEpochs')) {
    command
      .configureOutput()
      .writeErr?.(
        '--epochs with --decay-epochs is now --constant-epochs with --decay-epochs; the old form will be removed in the next release\n',
      );
  }
}
