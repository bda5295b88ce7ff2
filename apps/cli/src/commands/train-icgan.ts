import { ICGAN_PRESETS, ICGAN_RUN_PAPER, trainIcGan, type IcGanRunOptions } from '@janus/runs';
import type { Command } from 'commander';
import { numberBetween, wholeNumber } from '../flags.js';
import type { OptionFlag } from '../option-flags.js';
import { addCodedTraining, BATCH_SIZE_FLAG } from './coded-training.js';
import { SHARED_FLAGS } from './cyclegan-flags.js';

/** Whether IcGAN has an option of CycleGAN too. */
const isShared = (option: string): option is keyof IcGanRunOptions =>
  option in ICGAN_RUN_PAPER || option === 'augment';

/** Options whose help is IcGAN's own. */
const OWN: readonly OptionFlag<IcGanRunOptions>[] = [
  BATCH_SIZE_FLAG,
  {
    option: 'constantEpochs',
    flags: '--constant-epochs <n>',
    help: 'epochs of the generator at the full learning rate',
    parse: wholeNumber(0),
  },
  {
    option: 'imageSize',
    flags: '--size <px>',
    help: 'side of the images: 8, 16, 32, 64 or another power of 2',
    parse: wholeNumber(8),
  },
  {
    option: 'generatorFilters',
    flags: '--filters <n>',
    help: "filters before the generator's last convolution; twice as many with each halving of the side",
    parse: wholeNumber(1),
  },
  {
    option: 'latent',
    flags: '--latent <n>',
    help: 'numbers that say of a face all that its labels do not',
    parse: wholeNumber(1),
  },
  {
    option: 'encoderFilters',
    flags: '--encoder-filters <n>',
    help: "filters of both encoders' first convolution",
    parse: wholeNumber(1),
  },
  {
    option: 'latentUnits',
    flags: '--latent-units <n>',
    help: "units of the latent encoder's dense layer",
    parse: wholeNumber(1),
  },
  {
    option: 'labelUnits',
    flags: '--label-units <n>',
    help: "units of the label encoder's dense layer",
    parse: wholeNumber(1),
  },
  {
    option: 'wrongShare',
    flags: '--wrong-share <share>',
    help: 'share of real images with labels of others among what the discriminator is to take for fakes; 0 leaves them out',
    parse: numberBetween(0, 0.99),
  },
  {
    option: 'lambdaReconstruction',
    flags: '--lambda-reconstruction <n>',
    help: 'weight of the difference between real images and their reconstructions, from which generator and latent encoder learn together; 0: as the paper, not at all',
    parse: numberBetween(0, 1000),
  },
  {
    option: 'encoderLearningRate',
    flags: '--encoder-learning-rate <rate>',
    help: "step size of the encoders' Adam",
    parse: numberBetween(0, 1),
  },
  {
    option: 'encoderEpochs',
    flags: '--encoder-epochs <n>',
    help: 'epochs of the encoders, behind those of the generator',
    parse: wholeNumber(1),
  },
];

/** The flags of `janus train icgan` that set an option. */
export const ICGAN_FLAGS: readonly OptionFlag<IcGanRunOptions>[] = [
  ...SHARED_FLAGS.flatMap((flag) =>
    isShared(flag.option) && !OWN.some(({ option }) => option === flag.option)
      ? [{ ...flag, option: flag.option }]
      : [],
  ),
  ...OWN,
];

/** `janus train icgan`. */
export function addTrainIcGan(train: Command): void {
  addCodedTraining(train, {
    kind: 'icgan',
    description: 'train a generator of faces from attributes, and encoders that invert it',
    columns: 'glasses,hair_colour',
    flags: ICGAN_FLAGS,
    presets: ICGAN_PRESETS,
    presetHelp:
      "paper: the authors' networks and epochs; quick: smaller ones, minutes for some thousand images",
    example:
      '  $ npx janus train icgan --data data/faces --attributes glasses,hair_colour --preset quick\n  $ npx janus translate runs/icgan-glasses-hair_colour photo.jpg --out fakes --set glasses=1,hair_colour=blond',
    resumeHelp: 'resume the run; all other flags must be as before: its schedule cannot be longer',
    train: trainIcGan,
  });
}
