import { existsSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { splitAtColon } from '@janus/core';
import type { EngineName } from '@janus/engine';
import {
  areTranslations,
  rowsOnTarget,
  runSweep,
  runTranslationSweep,
  sweepMarkdown,
  translationMarkdown,
  type ClassifierRunOptions,
  type ClassifierSweepRow,
  type CycleGanRunOptions,
  type CycleGanSweepRow,
  type SweepContext,
  type SweepResult,
  type SweepRow,
  type TranslationSweepResult,
} from '@janus/runs';
import { InvalidArgumentError, type Command } from 'commander';
import { aboveZero, engineFlag, jsonFlag, listOf, refuseFlags } from '../flags.js';
import { INTERRUPTED, interruptSignal } from '../interrupt.js';
import { addOptionFlags, optionsOfFlags, type OptionFlag } from '../option-flags.js';
import { readSweepTable } from '../sweep-file.js';
import { createTerminal } from '../terminal.js';
import { CLASSIFIER_FLAGS } from './train-classifier.js';
import { CYCLEGAN_FLAGS } from './cyclegan-flags.js';

/** The tables that come with the project. */
export const TABLES: string = join(
  dirname(fileURLToPath(import.meta.url)),
  '../../../../experiments',
);

/** Options that a sweep can set for all of its rows. */
const COMMON = ['backbone', 'weights', 'size', 'fold', 'precision', 'seed'] as const;

/** A table has no folds of its own. */
const FOLD_HELP = 'test on fold i of data split --folds, validate on the next, train on the others';

/** The flags of `janus sweep` that set an option of all rows. */
export const SWEEP_FLAGS: readonly OptionFlag<ClassifierRunOptions>[] = CLASSIFIER_FLAGS.filter(
  ({ option }) => COMMON.some((name) => name === option),
).map((flag) => (flag.option === 'fold' ? { ...flag, help: FOLD_HELP } : flag));

/** Options that a sweep of translations can set for all of its rows. */
const COMMON_OF_TRANSLATIONS = [
  ...(['imageSize', 'batchSize', 'generatorFilters', 'generatorBlocks'] as const),
  ...(['discriminatorFilters', 'precision', 'seed'] as const),
] as const;

/** The flags of `janus sweep` that set an option of all rows of translations. */
const TRANSLATION_FLAGS: readonly OptionFlag<CycleGanRunOptions>[] = CYCLEGAN_FLAGS.filter(
  ({ option }) => COMMON_OF_TRANSLATIONS.some((name) => name === option),
);

/** Flags of one kind of table alone. */
const ONLY = {
  classifier: ['data', 'target', 'backbone', 'weights', 'fold'],
  cyclegan: ['x', 'y', 'judge', 'batchSize', 'filters', 'blocks', 'discriminatorFilters'],
} as const;

interface Flags extends Readonly<Record<string, unknown>> {
  readonly data?: string;
  readonly x?: string;
  readonly y?: string;
  readonly judge?: string;
  readonly scale: number;
  readonly rows?: readonly number[];
  readonly target?: string;
  readonly out?: string;
  readonly overwrite?: boolean;
  readonly engine: EngineName | 'auto';
  readonly json?: boolean;
}

const HELP = `
Finished rows are skipped, and a row that was interrupted is resumed: repeat the command. The folder has a run for each
row, and the table as sweep.md, sweep.csv, a .json and figures. A file of rows is a .json, .mjs or .ts one. Rows of
translations (table3) take --x and --y instead of --data.

Examples:
  $ npx janus sweep table2 --data data/faces --scale 0.01 --rows 1,2,5
  $ npx janus sweep table3 --x data/faces:presentation=feminine --y data/faces:presentation=masculine --size 64 --scale 0.01
  $ npx janus sweep my-rows.mjs --data data/faces --out runs/my-rows`;

/** `janus sweep`. */
export function addSweepCommand(program: Command): void {
  const command = program
    .command('sweep')
    .description(
      "train and compare the rows of a table: the course paper's table1 to table3, or your own",
    )
    .argument('<table>', 'table1, table2, table3, or a file of rows')
    .option('--data <dir>', 'of classifiers: data folder that was cleaned and split')
    .option('--x <dir|data:filter>', 'of translations: domain X')
    .option('--y <dir|data:filter>', 'of translations: domain Y')
    .option('--judge <run>', 'of translations: classifier run that judges the fakes')
    .option('--scale <factor>', 'factor of training images and updates', aboveZero, 1)
    .option(
      '--rows <list>',
      'comma-separated numbers of rows to run, from 1 (default: all)',
      rowList,
    )
    .option('--target <column>', 'label column that all rows learn (default: that of each row)')
    .option(
      '--out <dir>',
      "the sweep's folder (default: runs/<table>-<data>, with -<target> after it where --target is not that of the rows)",
    )
    .option('--overwrite', 'train rows again that are finished');
  addOptionFlags(command, SWEEP_FLAGS, {});
  addOptionFlags(
    command,
    TRANSLATION_FLAGS.filter(
      ({ flags }) => !SWEEP_FLAGS.some((each) => nameOf(each.flags) === nameOf(flags)),
    ),
    {},
  );
  command
    .addOption(engineFlag())
    .addOption(jsonFlag())
    .addHelpText('after', HELP)
    .action(async (table: string, flags: Flags) => {
      await sweep(table, flags, command);
    });
}

/** The long name of a flag. */
const nameOf = (flags: string): string => flags.split(' ')[0] ?? flags;

async function sweep(table: string, flags: Flags, command: Command): Promise<void> {
  const terminal = createTerminal(flags.json === true);
  const own = join(TABLES, `${table}.ts`);
  const isOwn = /^\w+$/.test(table) && existsSync(own);
  const rows = await readSweepTable(isOwn ? own : table);
  const name = basename(table, extname(table));
  const context = {
    ...{ engine: flags.engine, overwrite: flags.overwrite ?? false },
    ...{ signal: interruptSignal(), reporter: terminal },
  };
  const work = { name, flags, command, context };
  const { result, lines } = areTranslations(rows)
    ? await sweepTranslations(rows, work)
    : await sweepClassifiers(rows.filter(isClassifier), work);
  terminal.endProgress();
  terminal.result(result, lines);
  if (!result.finished) process.exitCode = INTERRUPTED;
  else if (result.failed.length > 0) process.exitCode = 1;
}

const isClassifier = (row: SweepRow): row is ClassifierSweepRow => row.kind === 'classifier';

/** What both kinds of sweep are started with. */
interface SweepWork {
  readonly name: string;
  readonly flags: Flags;
  readonly command: Command;
  readonly context: SweepContext;
}

/** A sweep's result and what a person reads of it. */
interface SweepEnd<Result> {
  readonly result: Result;
  readonly lines: readonly string[];
}

async function sweepClassifiers(
  rows: readonly ClassifierSweepRow[],
  { name, flags, command, context }: SweepWork,
): Promise<SweepEnd<SweepResult>> {
  refuseFlags(command, ONLY.cyclegan, 'is for rows of translations');
  const { scale, rows: only, target } = flags;
  const data = required(command, 'data', flags.data);
  const chosen = target === undefined ? rows : rowsOnTarget(rows, target);
  // Rows of another target are other runs.
  const suffix =
    target === undefined || chosen.every((row, i) => row === rows[i]) ? '' : `-${target}`;
  const { out = join('runs', `${name}-${basename(data)}${suffix}`) } = flags;
  const result = await runSweep(
    {
      ...{ name, data, out, scale, overrides: optionsOfFlags(flags, SWEEP_FLAGS) },
      rows: chosen,
      ...(only === undefined ? {} : { only }),
    },
    context,
  );
  return { result, lines: [...sweepMarkdown(result), endOf(result)] };
}

async function sweepTranslations(
  rows: readonly CycleGanSweepRow[],
  { name, flags, command, context }: SweepWork,
): Promise<SweepEnd<TranslationSweepResult>> {
  refuseFlags(command, ONLY.classifier, 'is for rows of classifiers');
  const { scale, rows: only, judge } = flags;
  const [x, y] = [required(command, 'x', flags.x), required(command, 'y', flags.y)];
  const { out = join('runs', `${name}-${basename(splitAtColon(x)[0])}`) } = flags;
  const result = await runTranslationSweep(
    {
      ...{ name, rows, x, y, out, scale, overrides: optionsOfFlags(flags, TRANSLATION_FLAGS) },
      ...(only === undefined ? {} : { only }),
      ...(judge === undefined ? {} : { judge }),
    },
    context,
  );
  return { result, lines: [...translationMarkdown(result), endOf(result)] };
}

/** Returns what a flag was given; ends with a usage error where it was not. */
function required(command: Command, name: string, value: string | undefined): string {
  if (value !== undefined) return value;
  const flags = command.options.find((option) => option.attributeName() === name)?.flags ?? name;
  command.error(`error: required option '${flags}' not specified`, { exitCode: 2 });
}

const endOf = ({ finished, files }: Pick<SweepResult, 'finished' | 'files'>): string =>
  finished ? `Wrote ${files.join(', ')}` : 'Stopped. To go on, repeat the command.';

function rowList(text: string): readonly number[] {
  return listOf(text).map((each) => {
    const value = Number(each);
    if (!Number.isInteger(value) || value < 1) {
      throw new InvalidArgumentError('must be row numbers from 1, such as 1,5.');
    }
    return value;
  });
}
