import { mergeDatasets } from '@janus/data';
import type { Command } from 'commander';
import { jsonFlag, listOf } from '../../flags.js';
import { createTerminal } from '../../terminal.js';
import { printStep } from './print-step.js';

interface Flags {
  readonly out: string;
  readonly labels?: readonly string[];
  readonly force?: boolean;
  readonly json?: boolean;
}

/** `janus data merge`. */
export function addMerge(data: Command): void {
  data
    .command('merge')
    .description(
      'make one data set of the kept images of several; they stay where they are, and keep their splits',
    )
    .argument('<dirs...>', 'data folders')
    .requiredOption('--out <dir>', 'data folder to make')
    .option(
      '--labels <columns>',
      'comma-separated label columns to keep (default: those of all)',
      listOf,
    )
    .option('--force', 'replace a data set that is there')
    .addOption(jsonFlag())
    .addHelpText(
      'after',
      `
Values of a label are taken as they are. The new label dataset says which data set an image is of.

Example:
  $ npx janus data merge data/congress data/fairface --labels gender --out data/both`,
    )
    .action(async (dirs: readonly string[], { json, ...options }: Flags) => {
      const terminal = createTerminal(json === true);
      printStep(terminal, `Merged into ${options.out}`, await mergeDatasets(dirs, options));
    });
}
