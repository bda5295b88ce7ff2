import { resolve } from 'node:path';
import type { Command } from 'commander';
import { writeDataSheets } from '@janus/runs';
import { jsonFlag, wholeNumber } from '../../flags.js';
import { createTerminal } from '../../terminal.js';

/** `janus data show`. */
export function addShow(data: Command): void {
  data
    .command('show')
    .description(
      'draw contact sheets of kept and removed images for review: one per reason, duplicates side by side',
    )
    .argument('<dir>', 'data folder')
    .option('--by <column>', 'sort and caption images by this column')
    .option(
      '--count <n>',
      'maximum number of images per sheet, drawn at random',
      wholeNumber(1),
      40,
    )
    .option('--seed <n>', 'random seed of the draw', wholeNumber(0), 1)
    .option('--out <dir>', 'folder for the sheets (default: the data folder)')
    .addOption(jsonFlag())
    .addHelpText('after', '\nExample:\n  $ npx janus data show data/faces --by presentation')
    .action(async (dir: string, flags: ShowFlags) => {
      const { json, out, by, count, seed } = flags;
      const terminal = createTerminal(json === true);
      const drawn = await writeDataSheets(dir, {
        out: resolve(out ?? dir),
        count,
        seed,
        ...(by === undefined ? {} : { by }),
      });
      terminal.result(
        { sheets: drawn.map(({ file }) => file), drawn },
        drawn.map(({ file, shown, rows }) => `Drew ${file}: ${shown} of ${rows}`),
      );
    });
}

interface ShowFlags {
  readonly by?: string;
  readonly count: number;
  readonly seed: number;
  readonly out?: string;
  readonly json?: boolean;
}
