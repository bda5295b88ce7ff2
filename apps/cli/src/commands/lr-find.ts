import type { EngineName } from '@janus/engine';
import {
  CLASSIFIER_DEFAULTS,
  findLearningRate,
  writeRateSweep,
  type ClassifierRunOptions,
  type FoundLearningRate,
  type RateSweep,
} from '@janus/runs';
import type { Command } from 'commander';
import { engineFlag, jsonFlag, numberBetween, wholeNumber } from '../flags.js';
import { FEATURES_STAY, untilInterrupted } from '../interrupt.js';
import { addOptionFlags, givenOptions, optionsOfFlags, type OptionFlag } from '../option-flags.js';
import { createTerminal } from '../terminal.js';
import { printAndWrite } from '../written-result.js';
import { addPresetFlag, CLASSIFIER_FLAGS, classifierOptionsOf } from './train-classifier.js';

const SWEEP_FLAGS: readonly OptionFlag<RateSweep>[] = [
  {
    option: 'first',
    flags: '--first <rate>',
    help: 'rate of the first update',
    parse: numberBetween(1e-12, 1),
  },
  {
    option: 'last',
    flags: '--last <rate>',
    help: 'rate of the last update',
    parse: numberBetween(1e-12, 1e3),
  },
  { option: 'steps', flags: '--steps <n>', help: 'updates', parse: wholeNumber(20) },
];

/** Options that a sweep sets itself, or that come after it. */
const LEFT_OUT: readonly (keyof ClassifierRunOptions)[] = [
  ...(['learningRate', 'fineTuneLearningRate', 'schedule', 'epochs', 'patience'] as const),
  ...(['keepBest', 'averageDecay'] as const),
];

/** A sweep trains one run alone. */
const FOLDS_HELP =
  'deal all kept images into k folds by --seed, people kept together; --fold says which one is tested on';

/** The flags of a training that a sweep takes too. */
const TRAINING_FLAGS = CLASSIFIER_FLAGS.filter(({ option }) => !LEFT_OUT.includes(option)).map(
  (flag) => (flag.option === 'folds' ? { ...flag, help: FOLDS_HELP } : flag),
);

interface Flags extends Readonly<Record<string, unknown>> {
  readonly target: string;
  readonly out?: string;
  readonly engine: EngineName | 'auto';
  readonly json?: boolean;
}

const HELP = `
Takes the flags of \`train classifier\` that say what is trained, and trains it for some updates with a rate that grows.

Examples:
  $ npx janus lr-find data/faces --target presentation --unfreeze block4
  $ npx janus lr-find data/faces --target presentation --head 1x1024 --out report/lr`;

/** `janus lr-find`. */
export function addLrFindCommand(program: Command): void {
  const command = program
    .command('lr-find')
    .description(
      "find a learning rate for a classifier's training: sweep it, and see where the loss falls",
    )
    .argument('<data>', 'data folder that was cleaned and split')
    .requiredOption('--target <column>', 'label column to learn');
  addOptionFlags(command, TRAINING_FLAGS, CLASSIFIER_DEFAULTS);
  addPresetFlag(command);
  addOptionFlags(command, SWEEP_FLAGS, { first: 1e-7, last: 10, steps: 100 });
  command
    .option('--out <dir>', 'folder for lr-find.json and its figure (default: only printed)')
    .addOption(engineFlag())
    .addOption(jsonFlag())
    .addHelpText('after', HELP)
    .action(async (data: string, flags: Flags) => {
      const { target, engine, out } = flags;
      const terminal = createTerminal(flags.json === true);
      const options = classifierOptionsOf(flags, givenOptions(command, TRAINING_FLAGS));
      const sweep = optionsOfFlags(flags, SWEEP_FLAGS);
      await untilInterrupted(terminal, FEATURES_STAY, async (signal) => {
        const context = { engine, reporter: terminal, signal };
        await printAndWrite(terminal, out, {
          compute: () => findLearningRate({ ...options, data, target }, sweep, context),
          write: writeRateSweep,
          lines: rateLines,
        });
      });
    });
}

/** Every how many updates a line is printed. */
const EVERY = 10;

/** Returns the lines that the command prints. */
export function rateLines({
  phase,
  option,
  rows,
  suggestion,
  minimum,
}: FoundLearningRate): readonly string[] {
  const flag = option === 'learningRate' ? '--learning-rate' : '--fine-tune-learning-rate';
  return [
    'learning rate  loss, smoothed',
    ...rows
      .filter((_, i) => i % EVERY === 0 || i === rows.length - 1)
      .map(
        ({ learningRate, loss }) =>
          `${learningRate.toExponential(1).padEnd(13)}  ${loss.toFixed(4)}`,
      ),
    suggestion === null
      ? `${phase}: the loss never fell. Sweep more updates (--steps), or begin at a smaller rate (--first).`
      : `${phase}: ${flag} ${suggestion.toPrecision(2)} (a tenth of the rate of the lowest loss: ${minimum.toPrecision(2)})`,
  ];
}
