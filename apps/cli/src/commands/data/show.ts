import { join, resolve } from 'node:path';
import { openDataset } from '@janus/data';
import type { Command } from 'commander';
import { jsonFlag, wholeNumber } from '../../flags.js';
import { writeSheet } from '../../sheets.js';
import { createTerminal } from '../../terminal.js';

/** `janus data show`. */
export function addShow(data: Command): void {
  data
    .command('show')
    .description('draw sheets of kept and removed pictures for a person to check')
    .argument('<dir>', 'data folder')
    .option('--by <column>', 'one sheet row a value of this column')
    .option('--count <n>', 'pictures on a sheet', wholeNumber(1), 40)
    .option('--out <dir>', 'where the sheets go (default: the data folder)')
    .addOption(jsonFlag())
    .addHelpText('after', '\nExample:\n  $ npx janus data show data/faces --by presentation')
    .action(
      async (dir: string, flags: { by?: string; count: number; out?: string; json?: boolean }) => {
        const terminal = createTerminal(flags.json === true);
        const dataset = await openDataset(dir);
        const out = resolve(flags.out ?? dir);
        const sheets: string[] = [];
        for (const status of ['kept', 'removed'] as const) {
          const file = join(out, `${status}.png`);
          const drawn = await writeSheet(dataset, file, {
            status,
            count: flags.count,
            ...(flags.by === undefined ? {} : { by: flags.by }),
          });
          if (drawn > 0) sheets.push(file);
        }
        terminal.result(
          { sheets },
          sheets.map((sheet) => `Drew ${sheet}`),
        );
      },
    );
}
