import { datasetStats } from '@janus/data';
import type { Command } from 'commander';
import { jsonFlag } from '../../flags.js';
import { createTerminal } from '../../terminal.js';

/** `janus data stats`. */
export function addStats(data: Command): void {
  data
    .command('stats')
    .description('count what a data folder holds')
    .argument('<dir>', 'data folder')
    .addOption(jsonFlag())
    .addHelpText('after', '\nExample:\n  $ npx janus data stats data/faces')
    .action(async (dir: string, flags: { json?: boolean }) => {
      const terminal = createTerminal(flags.json === true);
      const stats = await datasetStats(dir);
      const counts = (values: Readonly<Record<string, number>>): string =>
        Object.entries(values)
          .map(([value, count]) => `${value} ${count}`)
          .join(', ') || 'none';
      terminal.result(stats, [
        `${dir}: ${stats.rows} rows, ${stats.kept} kept, ${stats.identities} identities`,
        `removed      ${counts(stats.removed)}`,
        `splits       ${counts(stats.splits)}`,
        ...Object.entries(stats.values).map(
          ([name, values]) => `${name.padEnd(12)} ${counts(values)}`,
        ),
      ]);
    });
}
