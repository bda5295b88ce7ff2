import { cleanDataset } from '@janus/data';
import type { Command } from 'commander';
import { jsonFlag, listOf, wholeNumber } from '../../flags.js';
import { createTerminal } from '../../terminal.js';
import { printStep } from './print-step.js';

/** `janus data clean`. */
export function addClean(data: Command): void {
  data
    .command('clean')
    .description('look at every picture and take out what is not fit, each with its reason')
    .argument('<dir>', 'data folder')
    .option('--min-size <px>', 'shorter side', wholeNumber(1), 32)
    .option('--labels <columns>', 'columns in which unknown values remove the row', listOf, [])
    .option('--keep-duplicates', 'keep byte-identical pictures')
    .addOption(jsonFlag())
    .addHelpText('after', '\nExample:\n  $ npx janus data clean data/faces --labels presentation')
    .action(
      async (
        dir: string,
        flags: {
          minSize: number;
          labels: readonly string[];
          keepDuplicates?: boolean;
          json?: boolean;
        },
      ) => {
        const terminal = createTerminal(flags.json === true);
        const result = await cleanDataset(dir, {
          minSize: flags.minSize,
          labels: flags.labels,
          duplicates: flags.keepDuplicates !== true,
          report: terminal.progress,
        });
        printStep(terminal, `Cleaned ${dir}`, result);
      },
    );
}
