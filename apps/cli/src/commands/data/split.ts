import { splitDataset } from '@janus/data';
import type { Command } from 'commander';
import { jsonFlag, listOf, numberBetween, wholeNumber } from '../../flags.js';
import { createTerminal } from '../../terminal.js';

/** `janus data split`. */
export function addSplit(data: Command): void {
  data
    .command('split')
    .description('assign train, validation and test: people kept together, strata kept even')
    .argument('<dir>', 'data folder')
    .option('--validation <share>', 'share for validation', numberBetween(0, 0.9), 0.15)
    .option('--test <share>', 'share for test', numberBetween(0, 0.9), 0.15)
    .option('--stratify <columns>', 'columns spread evenly', listOf, [])
    .option('--group <column>', 'column whose values stay together', 'identity')
    .option('--seed <n>', 'another seed, another split', wholeNumber(0), 1)
    .addOption(jsonFlag())
    .addHelpText('after', '\nExample:\n  $ npx janus data split data/faces --stratify presentation')
    .action(
      async (
        dir: string,
        flags: {
          validation: number;
          test: number;
          stratify: readonly string[];
          group: string;
          seed: number;
          json?: boolean;
        },
      ) => {
        const { json, ...options } = flags;
        const terminal = createTerminal(json === true);
        const result = await splitDataset(dir, options);
        const { train, validation, test } = result.splits;
        terminal.result(result, [
          `Split ${dir}: ${train} train, ${validation} validation, ${test} test (${result.groups} groups)`,
        ]);
      },
    );
}
