import {
  STARGAN_ADVERSARIALS,
  STARGAN_ATTRIBUTE_UPDATES,
  STARGAN_PRESETS,
  STARGAN_RUN_PAPER,
  starGanSchedule,
  trainStarGan,
  type StarGanRunOptions,
} from '@janus/runs';
import type { Command } from 'commander';
import { numberBetween, wholeNumber } from '../flags.js';
import type { OptionFlag } from '../option-flags.js';
import { addCodedTraining, BATCH_SIZE_FLAG } from './coded-training.js';
import { SHARED_FLAGS } from './cyclegan-flags.js';

/** Whether StarGAN has an option of CycleGAN too. */
const isShared = (option: string): option is keyof StarGanRunOptions =>
  option in STARGAN_RUN_PAPER || option === 'augment';

/** Options whose help is StarGAN's own. */
const OWN: readonly OptionFlag<StarGanRunOptions>[] = [
  BATCH_SIZE_FLAG,
  {
    option: 'constantEpochs',
    flags: '--constant-epochs <n>',
    help: 'epochs at the full learning rate',
    parse: wholeNumber(0),
  },
  {
    option: 'maxSteps',
    flags: '--max-steps <n>',
    help: `stop after this many updates; 0: no limit (of the preset attribute: ${STARGAN_ATTRIBUTE_UPDATES}, over which the rate falls)`,
    parse: wholeNumber(0),
  },
  {
    option: 'residual',
    flags: '--residual',
    help: 'the generator adds what it makes to its input, and so begins by returning it',
  },
  {
    option: 'entry',
    flags: '--entry <where>',
    help: 'where labels enter the generator: as channels of the input alone, or at every normalisation too',
    choices: ['input', 'norms'],
  },
  {
    option: 'adversarial',
    flags: '--adversarial <loss>',
    help: "form of the adversarial loss; wgan-gp: the paper's critic with a gradient penalty",
    choices: STARGAN_ADVERSARIALS,
  },
  {
    option: 'criticSteps',
    flags: '--critic-steps <n>',
    help: 'updates of the discriminator for one of the generator',
    parse: wholeNumber(1),
  },
  {
    option: 'discriminatorLayers',
    flags: '--discriminator-layers <n>',
    help: 'convolutions that halve the sides in the discriminator',
    parse: wholeNumber(1),
  },
  {
    option: 'lambdaClassification',
    flags: '--lambda-classification <weight>',
    help: 'weight of the loss by which the discriminator classifies the labels',
    parse: numberBetween(0, 1000),
  },
  {
    option: 'lambdaFakeLabels',
    flags: '--lambda-fake-labels <weight>',
    help: 'weight of teaching the discriminator that fakes have the labels of their originals, so that patterns which only it sees do not pay',
    parse: numberBetween(0, 1000),
  },
  {
    option: 'lambdaReconstruction',
    flags: '--lambda-reconstruction <weight>',
    help: 'weight of the difference to the original after a way there and back; 0 leaves it out',
    parse: numberBetween(0, 1000),
  },
];

/** The flags of `janus train stargan` that set an option. */
export const STARGAN_FLAGS: readonly OptionFlag<StarGanRunOptions>[] = [
  ...SHARED_FLAGS.flatMap((flag) =>
    isShared(flag.option) && !OWN.some(({ option }) => option === flag.option)
      ? [{ ...flag, option: flag.option }]
      : [],
  ),
  ...OWN,
];

/** `janus train stargan`. */
export function addTrainStarGan(train: Command): void {
  addCodedTraining(train, {
    kind: 'stargan',
    description: 'train one generator that sets several attributes',
    columns: 'glasses,beard',
    flags: STARGAN_FLAGS,
    presets: STARGAN_PRESETS,
    presetHelp: `paper: days at 128 px; attribute: small local changes at 64 px in ${STARGAN_ATTRIBUTE_UPDATES} updates, minutes`,
    example:
      '  $ npx janus train stargan --data data/faces --attributes glasses,beard --preset attribute\n  $ npx janus translate runs/stargan-glasses-beard photo.jpg --out fakes --set glasses=1,beard=0',
    schedule: async (preset, options) => {
      if (preset !== 'attribute') return undefined;
      const { maxSteps } = options;
      return await starGanSchedule(options, maxSteps > 0 ? maxSteps : STARGAN_ATTRIBUTE_UPDATES);
    },
    train: trainStarGan,
  });
}
