import {
  CYCLEGAN_PRESETS,
  CYCLEGAN_RUN_PAPER,
  halvedSchedule,
  PRESET_UPDATES,
  trainCycleGan,
  trainCycleGanSeeds,
  updatesSchedule,
  type CycleGanPreset,
  type CycleGanRunOptions,
} from '@janus/runs';
import { Option, type Command } from 'commander';
import { acceptOldName, wholeNumber } from '../flags.js';
import { addOptionFlags, givenOptions, presetOptions } from '../option-flags.js';
import { addRunFlags, runTraining, type RunFlags } from '../run-flags.js';
import { addSeedsFlag, runSeeds } from '../seeds-lines.js';
import { translationSeedsLines } from '../translation-seeds-lines.js';
import { CYCLEGAN_FLAGS } from './cyclegan-flags.js';

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

type CycleGanFlags = TranslationFlags & { seeds?: number; judge?: string };

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
      'sets the values of flags that you leave out. attribute: a small local change, such as lips or a smile, at 64 px in 1,200 updates, minutes; texture: another texture of an object, such as zebra stripes, at 64 px in 12,000 updates, about an hour; paper: the recipe of the CycleGAN paper (Zhu et al. 2017), for any translation, at 256 px, hours on a GPU, days on two cores; pix2pix: pairs of images (--pairs)',
    )
      .choices(Object.keys(CYCLEGAN_PRESETS))
      .default('paper'),
  );
  const replacedBy = '--discriminator-lr-factor';
  acceptOldName(command, { flags: '--discriminator-rate <factor>', replacedBy });
  addSeedsFlag(command);
  command.option(
    '--judge <run>',
    'with --seeds: classifier run that judges the fakes; if it predicts other targets too, these show what else changed',
  );
  addRunFlags(command, 'runs/cyclegan-<x>-<y>[-seeds]');
  command
    .addHelpText(
      'after',
      '\nExample:\n  $ npx janus train cyclegan --x data/faces:presentation=feminine --y data/faces:presentation=masculine --preset attribute\n  $ npx janus train cyclegan --x data/faces:presentation=feminine --y data/faces:presentation=masculine --preset attribute --seeds 3 --judge runs/faces-presentation-vgg16\n  $ npx janus train cyclegan --x horse2zebra/trainA --y horse2zebra/trainB --preset texture\n  $ npx janus train cyclegan --x horse2zebra/trainA --y horse2zebra/trainB --augment jitter,flip\n  $ npx janus train cyclegan --x horse2zebra/trainA --y horse2zebra/trainB --augment jitter,flip --resume --constant-epochs 200 --decay-epochs 100\n  $ npx janus train cyclegan --x photos/summer --y photos/winter --preset texture --size 96x64',
    )
    .action(async (flags: CycleGanFlags) => {
      const { x, y } = flags;
      const given = givenOptions(command, CYCLEGAN_FLAGS);
      const chosen = { ...cycleGanOptionsOf(flags, given), ...scheduleOf(command) };
      const schedule = await presetSchedule(flags, command, chosen);
      const paired = given.includes('pairs') ? { paired: true } : {};
      const options = { ...chosen, ...schedule, ...paired };
      const { seeds, judge } = flags;
      if (seeds !== undefined) {
        await runSeeds(flags, {
          train: (context) => trainCycleGanSeeds({ ...options, x, y, seeds, judge }, context),
          lines: translationSeedsLines,
        });
        return;
      }
      await runTraining(flags, {
        train: (context) => trainCycleGan({ ...options, x, y }, context),
        given: [...given, ...Object.keys(scheduleOf(command)), ...Object.keys(schedule)],
        next: (folder) => `npx janus evaluate ${folder} --judge <classifier run>`,
      });
    });
  command.hook('preAction', () => {
    checkSchedule(command);
    const { seeds, judge } = command.opts<CycleGanFlags>();
    if (judge !== undefined && seeds === undefined) {
      const way = 'give --seeds too, or name the judge to janus evaluate';
      command.error(`error: --judge is for the evaluations of --seeds: ${way}`, { exitCode: 2 });
    }
  });
}

/** Returns the options of a preset, with those that were given instead; a pull that was given alone stays as it is, whatever the preset's becomes. */
export function cycleGanOptionsOf(
  flags: Readonly<Record<string, unknown>>,
  given: readonly string[],
): CycleGanPreset {
  const preset = (flags['preset'] ?? 'paper') as keyof typeof CYCLEGAN_PRESETS;
  const options = presetOptions(CYCLEGAN_PRESETS[preset], CYCLEGAN_FLAGS, { flags, given });
  return given.includes('lambdaChange') && !given.includes('lambdaChangeEnd')
    ? { ...options, lambdaChangeEnd: options.lambdaChange }
    : options;
}

/** Returns the schedule of the presets that count updates, where no flag sets another. */
export async function presetSchedule(
  { preset, x, y }: TranslationFlags,
  command: Command,
  options: Pick<CycleGanPreset, 'maxSteps' | 'batchSize' | 'constantEpochs'>,
): Promise<Partial<Pick<CycleGanRunOptions, 'constantEpochs' | 'decayEpochs' | 'maxSteps'>>> {
  const isSet = ['epochs', 'constantEpochs', 'decayEpochs'].some(
    (name) => command.getOptionValueSource(name) === 'cli',
  );
  const updates = PRESET_UPDATES[typeof preset === 'string' ? preset : ''];
  if (updates === undefined || isSet) return {};
  const { maxSteps } = options;
  return await updatesSchedule({ ...options, x, y }, maxSteps > 0 ? maxSteps : updates);
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
