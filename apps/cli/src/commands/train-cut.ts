import { CUT_PRESETS, CUT_RUN_PAPER, trainCut, type CutRunOptions } from '@janus/runs';
import { Option, type Command } from 'commander';
import { numberBetween, wholeNumber } from '../flags.js';
import { addOptionFlags, givenOptions, presetOptions, type OptionFlag } from '../option-flags.js';
import { addRunFlags, runTraining } from '../run-flags.js';
import { SHARED_FLAGS } from './cyclegan-flags.js';
import {
  addDomainFlags,
  presetSchedule,
  checkSchedule,
  scheduleOf,
  type TranslationFlags,
} from './train-cyclegan.js';

/** Whether CUT has an option of CycleGAN too. */
const isShared = (option: string): option is keyof CutRunOptions =>
  option in CUT_RUN_PAPER || option === 'augment';

/** The flags of `janus train cut` that set an option: those that it shares with CycleGAN, and its own. */
export const CUT_FLAGS: readonly OptionFlag<CutRunOptions>[] = [
  ...SHARED_FLAGS.flatMap((flag) =>
    isShared(flag.option) && flag.option !== 'maxSteps' ? [{ ...flag, option: flag.option }] : [],
  ),
  {
    option: 'maxSteps',
    flags: '--max-steps <n>',
    help: 'stop after this many updates; 0: no limit (of the preset attribute: 1200, over which the rate falls)',
    parse: wholeNumber(0),
  },
  {
    option: 'lambdaNce',
    flags: '--lambda-nce <weight>',
    help: 'weight of the contrastive term, which holds each place of a fake to that place of its original',
    parse: numberBetween(0, 1000),
  },
  {
    option: 'nceIdentity',
    flags: '--no-nce-identity',
    help: 'leave out the contrastive term of images of Y, and half the work of a step',
  },
  {
    option: 'flipEquivariance',
    flags: '--flip-equivariance',
    help: 'half of the updates mirror the images before they go through the generator',
  },
  {
    option: 'temperature',
    flags: '--temperature <t>',
    help: 'what the cosines of the contrastive term are divided by',
    parse: numberBetween(0.001, 10),
  },
  {
    option: 'patches',
    flags: '--patches <n>',
    help: 'places of an image that are compared, in each layer',
    parse: wholeNumber(1),
  },
];

/** `janus train cut`. */
export function addTrainCut(train: Command): void {
  const command = train
    .command('cut')
    .description('train a translation of one direction, X to Y, by contrast instead of a cycle');
  addDomainFlags(command);
  addOptionFlags(command, CUT_FLAGS, CUT_RUN_PAPER);
  command.addOption(
    new Option(
      '--preset <name>',
      'sets the values of flags that you leave out. paper: CUT at 256 px, hours on a GPU, days on two cores; fast: FastCUT, half the work and half the epochs; attribute: a small local change at 64 px in 1,200 updates, minutes',
    )
      .choices(Object.keys(CUT_PRESETS))
      .default('paper'),
  );
  addRunFlags(command, 'runs/cut-<x>-<y>');
  command
    .addHelpText(
      'after',
      '\nExample:\n  $ npx janus train cut --x data/faces:presentation=feminine --y data/faces:presentation=masculine --preset attribute\n  $ npx janus train cut --x horse2zebra/trainA --y horse2zebra/trainB --preset fast',
    )
    .action(async (flags: TranslationFlags) => {
      const { x, y } = flags;
      const given = givenOptions(command, CUT_FLAGS);
      const preset = CUT_PRESETS[(flags['preset'] ?? 'paper') as keyof typeof CUT_PRESETS];
      const chosen = {
        ...presetOptions(preset, CUT_FLAGS, { flags, given }),
        ...scheduleOf(command),
      };
      const schedule = await presetSchedule(flags, command, chosen);
      const options = { ...chosen, ...schedule };
      await runTraining(flags, {
        train: (context) => trainCut({ ...options, x, y }, context),
        given: [...given, ...Object.keys(scheduleOf(command)), ...Object.keys(schedule)],
        next: (folder) => `npx janus evaluate ${folder} --judge <classifier run>`,
      });
    });
  command.hook('preAction', () => {
    checkSchedule(command);
  });
}
