/** What the commands of generators that set attributes have in common. */
import type { CodedRunOptions, FinishedRun, RunContext } from '@janus/runs';
import { Option, type Command } from 'commander';
import { listOf, wholeNumber } from '../flags.js';
import { addOptionFlags, givenOptions, presetOptions, type OptionFlag } from '../option-flags.js';
import { addRunFlags, runTraining, type RunFlags } from '../run-flags.js';

/** Of a generator that learns from one set of images: those of two domains are counted by domain. */
export const BATCH_SIZE_FLAG: OptionFlag<{ readonly batchSize: number }> = {
  option: 'batchSize',
  flags: '--batch-size <n>',
  help: 'images per step',
  parse: wholeNumber(1),
};

/** Options whose flags set how long a training is, in epochs. */
const EPOCH_FLAGS: readonly string[] = ['constantEpochs', 'decayEpochs'];

/** A command that trains such a generator. */
export interface CodedTraining<Options, Preset> {
  /** Name of the command, and of the run's kind. */
  readonly kind: string;
  readonly description: string;
  /** Columns that the help names as an example. */
  readonly columns: string;
  readonly flags: readonly OptionFlag<Options>[];
  readonly presets: Readonly<Record<string, Preset>> & {
    readonly paper: Preset & Partial<Options>;
  };
  /** What the presets are. */
  readonly presetHelp: string;
  /** Returns the schedule of a preset that counts updates, where no flag sets the epochs; default: the preset's epochs. */
  readonly schedule?: (
    preset: string,
    options: Preset & CodedData,
  ) => Promise<Partial<Preset> | undefined>;
  /** What `--resume` does; default: as every training, with a longer schedule if asked. */
  readonly resumeHelp?: string;
  /** Two lines of an example. */
  readonly example: string;
  readonly train: (options: Preset & CodedData, context: RunContext) => Promise<FinishedRun>;
}

/** What is learned, and from which images. */
type CodedData = Pick<CodedRunOptions, 'data'> & { readonly attributes: string[] };

type Flags = RunFlags & Readonly<Record<string, unknown>> & CodedData;

/** Adds the command. */
export function addCodedTraining<Options, Preset extends object>(
  train: Command,
  training: CodedTraining<Options, Preset>,
): void {
  const { kind, flags: table, presets } = training;
  const command = train
    .command(kind)
    .description(training.description)
    .requiredOption('--data <dir>', 'data folder')
    .requiredOption(
      '--attributes <columns>',
      `label columns that the generator learns to set, such as ${training.columns}; a column with the value none has two classes, none and any other`,
      listOf,
    );
  addOptionFlags(command, table, presets.paper);
  command.addOption(
    new Option(
      '--preset <name>',
      `sets the values of flags that you leave out. ${training.presetHelp}`,
    )
      .choices(Object.keys(presets))
      .default('paper'),
  );
  addRunFlags(command, `runs/${kind}-<attributes>`, training.resumeHelp);
  command.addHelpText('after', `\nExample:\n${training.example}`).action(async (flags: Flags) => {
    const { data, attributes } = flags;
    const given = givenOptions(command, table);
    const name = String(flags['preset']);
    const chosen = presetOptions(presets[name] ?? presets.paper, table, { flags, given });
    const schedule = given.some((option) => EPOCH_FLAGS.includes(option))
      ? undefined
      : await training.schedule?.(name, { ...chosen, data, attributes });
    const options = { ...chosen, ...schedule };
    await runTraining(flags, {
      train: (context) => training.train({ ...options, data, attributes }, context),
      given: [...given, ...Object.keys(schedule ?? {})],
      next: (folder) => `npx janus evaluate ${folder} --judge <classifier run>`,
    });
  });
}
