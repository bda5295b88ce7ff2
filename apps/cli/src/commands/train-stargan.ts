import {
  STARGAN_ADVERSARIALS,
  STARGAN_ATTRIBUTE_UPDATES,
  STARGAN_PRESETS,
  STARGAN_RUN_PAPER,
  trainStarGan,
  type StarGanRunOptions,
} from '@janus/runs';
import { Option, type Command } from 'commander';
import { listOf, numberBetween, wholeNumber } from '../flags.js';
import { addOptionFlags, givenOptions, presetOptions, type OptionFlag } from '../option-flags.js';
import { addRunFlags, runTraining, type RunFlags } from '../run-flags.js';
import { CYCLEGAN_FLAGS } from './cyclegan-flags.js';

/** Whether StarGAN has an option of CycleGAN too. */
const isShared = (option: string): option is keyof StarGanRunOptions =>
  option in STARGAN_RUN_PAPER || option === 'augment';

/** Options whose help is StarGAN's own. */
const OWN: readonly OptionFlag<StarGanRunOptions>[] = [
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
    help: 'weight of what the discriminator tells of the labels',
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
  ...CYCLEGAN_FLAGS.flatMap((flag) =>
    isShared(flag.option) && !OWN.some(({ option }) => option === flag.option)
      ? [{ ...flag, option: flag.option }]
      : [],
  ),
  ...OWN,
];

type Flags = RunFlags &
  Readonly<Record<string, unknown>> & { readonly data: string; readonly attributes: string[] };

/** `janus train stargan`. */
export function addTrainStarGan(train: Command): void {
  const command = train
    .command('stargan')
    .description('train one generator that sets several attributes')
    .requiredOption('--data <dir>', 'data folder')
    .requiredOption(
      '--attributes <columns>',
      'label columns that the generator learns to set, such as glasses,beard; a column that knows the value none has two classes, none and any other',
      listOf,
    );
  addOptionFlags(command, STARGAN_FLAGS, STARGAN_RUN_PAPER);
  command.addOption(
    new Option(
      '--preset <name>',
      `what is meant by flags that are left out. paper: days at 128 px; attribute: small local changes at 64 px in ${STARGAN_ATTRIBUTE_UPDATES} updates, minutes`,
    )
      .choices(Object.keys(STARGAN_PRESETS))
      .default('paper'),
  );
  addRunFlags(command, 'runs/stargan-<attributes>');
  command
    .addHelpText(
      'after',
      '\nExample:\n  $ npx janus train stargan --data data/faces --attributes glasses,beard --preset attribute\n  $ npx janus translate runs/stargan-glasses-beard photo.jpg --out fakes --set glasses=1,beard=0',
    )
    .action(async (flags: Flags) => {
      const { data, attributes } = flags;
      const given = givenOptions(command, STARGAN_FLAGS);
      const name = (flags['preset'] ?? 'paper') as keyof typeof STARGAN_PRESETS;
      const options = presetOptions(STARGAN_PRESETS[name], STARGAN_FLAGS, { flags, given });
      await runTraining(flags, {
        train: (context) => trainStarGan({ ...options, data, attributes }, context),
        given,
        next: (folder) => `npx janus evaluate ${folder} --judge <classifier run>`,
      });
    });
}
