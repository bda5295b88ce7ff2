import {
  ADVERSARIAL_MODES,
  DISCRIMINATOR_ARCHITECTURES,
  EPOCH_SCHEDULES,
  GENERATOR_ARCHITECTURES,
  GENERATOR_SKIPS,
  INITIALISATIONS,
  NORMS,
  UPSAMPLINGS,
  type CycleGanRunOptions,
} from '@janus/runs';
import { augmentations } from '../augment-flag.js';
import { numberBetween, PRECISIONS, sidesOfImages, wholeNumber, type SidesFlag } from '../flags.js';
import type { OptionFlag } from '../option-flags.js';

/** Side of the images of the models that take squares alone. */
const SQUARE: OptionFlag<Pick<CycleGanRunOptions, 'imageSize'>> = {
  option: 'imageSize',
  flags: '--size <px>',
  help: 'side of the square images, a multiple of 8',
  parse: wholeNumber(16),
};

/** The flags of `janus train cyclegan` that set an option. */
export const CYCLEGAN_FLAGS: readonly OptionFlag<CycleGanRunOptions>[] = [
  {
    option: 'imageSize',
    flags: '--size <px>',
    help: 'side of the square images, or width x height (64x96), multiples of 8; the middle part of that aspect is taken of each image',
    parse: sidesOfImages(16),
    convert: (given) => (typeof given === 'number' ? given : (given as SidesFlag).height),
    also: (given) => (typeof given === 'number' ? {} : { imageWidth: (given as SidesFlag).width }),
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
    help: 'how far a generator of the residual skip may bend its input, as a share of half of each side of the image; 0: not',
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
    help: 'the discriminators judge each image as a whole too; --no-global-view where a preset does',
  },
  {
    option: 'localView',
    flags: '--local-view',
    help: 'discriminators of patches judge patches of 22 px too; --no-local-view where a preset does',
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
    help: 'stop after this many updates; 0: no limit (of the preset attribute: 1200, of texture: 12000, over which the rate falls)',
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
    option: 'lambdaChangeEnd',
    flags: '--lambda-change-end <weight>',
    help: 'what that weight has become by the end, evenly while the learning rate falls (default: that of --lambda-change)',
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

/** The flags of other translations that set an option of the same name. */
export const SHARED_FLAGS: readonly OptionFlag<CycleGanRunOptions>[] = CYCLEGAN_FLAGS.map((flag) =>
  flag.option === SQUARE.option ? SQUARE : flag,
);
