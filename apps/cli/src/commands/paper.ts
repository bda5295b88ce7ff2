import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineName } from '@janus/engine';
import {
  PAPER_SCALE,
  trainPaper,
  writeDataSummary,
  type PaperTable,
  type TrainedPaper,
} from '@janus/runs';
import type { Command } from 'commander';
import { aboveZero, engineFlag, jsonFlag, namesOf, wholeNumber } from '../flags.js';
import { INTERRUPTED, interruptSignal } from '../interrupt.js';
import { addOptionFlags, optionsOfFlags } from '../option-flags.js';
import { readSweepTable } from '../sweep-file.js';
import { createTerminal, type Terminal } from '../terminal.js';
import { writtenReport } from './report.js';
import { SWEEP_FLAGS, TABLES } from './sweep.js';

/** Tables of the course paper, in its order. */
const NAMES = ['table1', 'table2', 'table3'] as const;

/** The template that comes with the project. */
const TEMPLATE = join(TABLES, 'paper.md');

interface Flags extends Readonly<Record<string, unknown>> {
  readonly data: string;
  readonly scale: number;
  readonly out: string;
  readonly columns?: Readonly<Record<string, string>>;
  readonly template: string;
  readonly title?: string;
  readonly translationSize?: number;
  readonly engine: EngineName | 'auto';
  readonly json?: boolean;
}

const HELP = `
Trains the rows of the course paper's tables that the data has labels for, and writes <out>/report: the report of all runs,
and paper.md, paper.html and paper.pdf, in which every number is a placeholder that a run fills. Finished rows are kept:
repeat the command to go on. Generated faces have no gender: --columns gender=presentation.

Examples:
  $ npx janus paper --data data/congress --scale 0.1
  $ npx janus paper --data data/faces --columns gender=presentation --backbone small-vgg --size 64`;

/** `janus paper`. */
export function addPaperCommand(program: Command): void {
  const command = program
    .command('paper')
    .description('train the tables of the course paper and write a paper of our own')
    .requiredOption('--data <dir>', 'data folder that was cleaned and split')
    .option('--scale <factor>', 'factor of training images and updates', aboveZero, PAPER_SCALE)
    .option('--out <dir>', 'folder for the runs and the paper', 'paper')
    .option('--columns <list>', "label columns for the tables': gender=sex,party=side", namesOf)
    .option('--template <file>', 'write-up to fill in: .md or .tex', TEMPLATE)
    .option('--translation-size <px>', 'side of the images of translations', wholeNumber(8))
    .option('--title <text>', 'title of the report');
  addOptionFlags(command, SWEEP_FLAGS, {});
  command
    .addOption(engineFlag())
    .addOption(jsonFlag())
    .addHelpText('after', HELP)
    .action(async (flags: Flags) => {
      await paper(flags);
    });
}

async function paper(flags: Flags): Promise<void> {
  const { data, scale, out, columns = {}, engine, translationSize } = flags;
  const terminal = createTerminal(flags.json === true);
  const runs = join(out, 'runs');
  const signal = interruptSignal();
  const trained = await trainPaper(
    {
      ...{ data, scale, columns, out: runs, tables: await readTables() },
      overrides: optionsOfFlags(flags, SWEEP_FLAGS),
      ...(translationSize === undefined ? {} : { translation: { imageSize: translationSize } }),
    },
    { engine, signal, reporter: terminal },
  );
  terminal.endProgress();
  if (trained.finished) {
    await writeDataSummary(runs, data, []);
    await writePaper(flags, { terminal, trained, runs });
  }
  if (!trained.finished || signal.aborted) {
    terminal.log('Stopped. To go on, repeat the command.');
    process.exitCode = INTERRUPTED;
  }
}

/** Writes the report with the filled template. */
async function writePaper(
  { out, template, title }: Flags,
  {
    terminal,
    trained,
    runs,
  }: {
    readonly terminal: Terminal;
    readonly trained: TrainedPaper;
    readonly runs: string;
  },
): Promise<void> {
  const folder = join(out, 'report');
  const named = title === undefined ? [] : ['--title', title];
  const written = await writtenReport([
    ...['--runs', runs, '--out', folder, '--write-up', template, ...named],
  ]);
  if (typeof written === 'number') {
    process.exitCode = written;
    return;
  }
  const { index, figures, tables, writeUp, values } = written;
  const files = [...writeUp, index, ...figures, ...tables];
  terminal.result(
    { folder: out, files, values, tables: trained.tables, skipped: trained.skipped },
    [
      ...trained.skipped.map(({ name, reason }) => `Left out: ${name} (${reason}).`),
      ...trained.tables.flatMap(({ name, failed }) =>
        failed.map((each) => `${name}, row ${each.row} failed: ${each.reason}`),
      ),
      `Filled ${values} placeholders. Wrote ${writeUp.join(', ')}`,
    ],
  );
  if (trained.tables.some(({ failed }) => failed.length > 0)) process.exitCode = 1;
}

/** Returns the paper's tables; of one that this version cannot train, why. */
async function readTables(): Promise<readonly PaperTable[]> {
  return await Promise.all(
    NAMES.map(async (name) => {
      const path = join(TABLES, `${name}.ts`);
      const rows = existsSync(path)
        ? await readSweepTable(path)
        : { reason: 'this version has no rows for it' };
      return { name, rows };
    }),
  );
}
