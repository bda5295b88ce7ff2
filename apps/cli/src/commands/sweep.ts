import { existsSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EngineName } from '@janus/engine';
import {
  readSweepRows,
  runSweep,
  sweepMarkdown,
  type ClassifierRunOptions,
  type SweepResult,
} from '@janus/runs';
import { InvalidArgumentError, type Command } from 'commander';
import { engineFlag, jsonFlag, listOf } from '../flags.js';
import { INTERRUPTED, interruptSignal } from '../interrupt.js';
import { addOptionFlags, optionsOfFlags, type OptionFlag } from '../option-flags.js';
import { createTerminal } from '../terminal.js';
import { CLASSIFIER_FLAGS } from './train-classifier.js';

/** The tables that come with the project. */
const TABLES = join(dirname(fileURLToPath(import.meta.url)), '../../../../experiments');

/** Options that a sweep can set for all of its rows. */
const COMMON = ['backbone', 'weights', 'size', 'fold', 'precision', 'seed'] as const;

/** The flags of `janus sweep` that set an option of all rows. */
export const SWEEP_FLAGS: readonly OptionFlag<ClassifierRunOptions>[] = CLASSIFIER_FLAGS.filter(
  ({ option }) => COMMON.some((name) => name === option),
);

interface Flags extends Readonly<Record<string, unknown>> {
  readonly data: string;
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
row, and the table as sweep.md, sweep.csv, sweep.json and a figure. A file of rows is a .json, .mjs or .ts one.

Examples:
  $ npx janus sweep table2 --data data/faces --scale 0.01 --rows 1,2,5
  $ npx janus sweep my-rows.mjs --data data/faces --out runs/my-rows`;

/** `janus sweep`. */
export function addSweepCommand(program: Command): void {
  const command = program
    .command('sweep')
    .description("train and compare the rows of a table: the paper's table1 or table2, or your own")
    .argument('<table>', 'table1, table2, or a file of rows')
    .requiredOption('--data <dir>', 'data folder that was cleaned and split')
    .option('--scale <factor>', 'factor of training images and updates', aboveZero, 1)
    .option(
      '--rows <list>',
      'comma-separated numbers of rows to run, from 1 (default: all)',
      rowList,
    )
    .option('--target <column>', 'label column that all rows learn (default: that of each row)')
    .option('--out <dir>', "the sweep's folder (default: runs/<table>-<data>)")
    .option('--overwrite', 'train rows again that are finished');
  addOptionFlags(command, SWEEP_FLAGS, {});
  command
    .addOption(engineFlag())
    .addOption(jsonFlag())
    .addHelpText('after', HELP)
    .action(async (table: string, flags: Flags) => {
      await sweep(table, flags);
    });
}

async function sweep(table: string, flags: Flags): Promise<void> {
  const { data, scale, rows: only, target, engine, overwrite = false } = flags;
  const terminal = createTerminal(flags.json === true);
  const own = join(TABLES, `${table}.ts`);
  const isOwn = /^\w+$/.test(table) && existsSync(own);
  const rows = await readSweepRows(isOwn ? own : table);
  const name = basename(table, extname(table));
  const { out = join('runs', `${name}-${basename(data)}`) } = flags;
  const result = await runSweep(
    {
      ...{ name, data, out, scale, overrides: optionsOfFlags(flags, SWEEP_FLAGS) },
      rows: target === undefined ? rows : rows.map((row) => ({ ...row, target })),
      ...(only === undefined ? {} : { only }),
    },
    { engine, overwrite, signal: interruptSignal(), reporter: terminal },
  );
  terminal.endProgress();
  terminal.result(result, linesOf(result));
  if (!result.finished) process.exitCode = INTERRUPTED;
  else if (result.failed.length > 0) process.exitCode = 1;
}

function linesOf(result: SweepResult): readonly string[] {
  return [
    ...sweepMarkdown(result),
    result.finished ? `Wrote ${result.files.join(', ')}` : 'Stopped. To go on, repeat the command.',
  ];
}

function aboveZero(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) {
    throw new InvalidArgumentError('must be a number above 0.');
  }
  return value;
}

function rowList(text: string): readonly number[] {
  return listOf(text).map((each) => {
    const value = Number(each);
    if (!Number.isInteger(value) || value < 1) {
      throw new InvalidArgumentError('must be row numbers from 1, such as 1,5.');
    }
    return value;
  });
}
