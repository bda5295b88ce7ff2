import { countText, percentText } from '@janus/core';
import type { EngineName } from '@janus/engine';
import { LOOK_DEFAULTS, lookAtRun, type LookResult } from '@janus/runs';
import type { Command } from 'commander';
import { engineFlag, jsonFlag, wholeNumber } from '../flags.js';
import { openFile } from '../open-file.js';
import { createTerminal } from '../terminal.js';

interface Flags {
  readonly count: number;
  readonly gradCam: boolean;
  readonly target?: string;
  readonly out?: string;
  readonly data?: string;
  readonly open?: boolean;
  readonly engine: EngineName | 'auto';
  readonly json?: boolean;
}

/** `janus look`. */
export function addLookCommand(program: Command): void {
  program
    .command('look')
    .description(
      'write a page of the images that say most about a classifier: top losses, most confused classes, and what it looks at (Grad-CAM)',
    )
    .argument('<run>', 'run folder of a classifier that was evaluated')
    .option('--target <column>', 'of a run of several targets: which one')
    .option('--count <n>', 'number of top losses, up to 200', wholeNumber(1), LOOK_DEFAULTS.count)
    .option('--no-grad-cam', 'leave out what the network looks at')
    .option(
      '--out <dir>',
      'folder for the page (default: look in the run folder, look-<target> of several)',
    )
    .option('--data <dir>', 'data folder, where it has moved')
    .option('--open', 'open the page in the browser')
    .addOption(engineFlag())
    .addOption(jsonFlag())
    .addHelpText(
      'after',
      '\nExample:\n  $ npx janus look runs/faces-presentation-vgg16 --open\n  $ npx janus look runs/faces-gender-age-vgg16 --target gender',
    )
    .action(async (run: string, { json, open, engine, ...options }: Flags) => {
      const terminal = createTerminal(json === true);
      const result = await lookAtRun(run, options, { engine, reporter: terminal });
      terminal.endProgress();
      terminal.result(result, lookLines(result));
      if (open === true && !(await openFile(result.page))) {
        terminal.log(`No program opens files here. Open ${result.page} in a browser.`);
      }
    });
}

/** Images and pairs that are printed. */
const SHOWN = 5;

function lookLines({ topLosses, mostConfused, sanity, n, page }: LookResult): readonly string[] {
  return [
    `Top losses of ${countText(n)} images:`,
    ...topLosses
      .slice(0, SHOWN)
      .map(
        ({ id, label, predicted, probability, loss }) =>
          `  ${id}: label ${label}, predicted ${predicted} (${percentText(probability)}), loss ${loss.toFixed(2)}`,
      ),
    ...(mostConfused.length === 0 ? [] : ['Most confused:']),
    ...mostConfused
      .slice(0, SHOWN)
      .map(
        ({ label, predicted, count }) => `  ${label} taken for ${predicted}: ${countText(count)}`,
      ),
    ...(sanity === null || sanity.n === 0
      ? []
      : [
          `Grad-CAM: rank correlation with maps of shuffled weights ${sanity.head.toFixed(2)} (head), ${sanity.all.toFixed(2)} (all), mean of ${sanity.n} images`,
        ]),
    `Wrote ${page}`,
  ];
}
