import { datasetStats, type Counts, type NumberSummary, type SizeSummary } from '@janus/data';
import type { Command } from 'commander';
import { writeDataFigures } from '@janus/runs';
import { jsonFlag } from '../../flags.js';
import { createTerminal } from '../../terminal.js';
import { countsText } from './counts-text.js';

const HELP = `
--json, and DATA.md in the data folder, also hold missing values, numbers, sizes and people with several images.

Examples:
  $ npx janus data stats data/faces
  $ npx janus data stats data/faces --figures data/faces-figures`;

/** `janus data stats`. */
export function addStats(data: Command): void {
  data
    .command('stats')
    .description('count the rows, labels and sizes of a data folder, and draw figures')
    .argument('<dir>', 'data folder')
    .option(
      '--figures <dir>',
      'write figures of steps, labels, ages, splits, missing values and sizes to this folder (SVG, PNG), with data.json for `janus report`',
    )
    .addOption(jsonFlag())
    .addHelpText('after', HELP)
    .action(async (dir: string, flags: { figures?: string; json?: boolean }) => {
      const terminal = createTerminal(flags.json === true);
      const stats = await datasetStats(dir);
      const { figures: out } = flags;
      const figures =
        out === undefined
          ? []
          : await writeDataFigures(dir, out, { stats, report: terminal.progress });
      terminal.endProgress();
      const rows = [
        ['removed', countsText(stats.removed)],
        ['splits', countsText(stats.splits)],
        ...Object.entries(stats.values).map(([name, values]) => [name, countsText(values)]),
        ...Object.entries(stats.numbers)
          .filter(([name]) => !(name in stats.values))
          .map(([name, numbers]) => [name, numbersText(numbers)]),
        ...Object.entries({ images: stats.sizes, boxes: stats.boxes })
          .filter((each): each is [string, SizeSummary] => each[1] !== null)
          .map(([name, sizes]) => [name, sizesText(sizes)]),
        ['missing', countsText(onlySome(stats.missing))],
      ] as const;
      terminal.result(out === undefined ? stats : { ...stats, figures }, [
        `${dir}: ${stats.rows} rows, ${stats.kept} kept, ${stats.identities} identities`,
        ...rows.map(([name = '', text = '']) => `${name.padEnd(12)} ${text}`),
        ...(out === undefined ? [] : [`Drew ${figures.length} files into ${out}`]),
      ]);
    });
}

function onlySome(counts: Counts): Counts {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}

function numbersText({ min, mean, median, max }: NumberSummary): string {
  const short = (value: number): number => Number(value.toPrecision(5));
  return `${short(min)} to ${short(max)}, mean ${short(mean)}, median ${short(median)}`;
}

function sizesText({ width, height, shorter }: SizeSummary): string {
  return `median ${width.median} x ${height.median} px, shorter side ${shorter.min} to ${shorter.max} px`;
}
