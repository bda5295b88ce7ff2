import { basename, join } from 'node:path';
import { intervalText, splitAtColon, type TranslationMeasures } from '@janus/core';
import type { EngineName } from '@janus/engine';
import { measureQuality, presetRecipe, type CycleGanRunOptions } from '@janus/runs';
import type { Command } from 'commander';
import { engineFlag, jsonFlag, listOf, wholeNumber } from '../flags.js';
import { INTERRUPTED, interruptSignal } from '../interrupt.js';
import { addOptionFlags, optionsOfFlags, type OptionFlag } from '../option-flags.js';
import { createTerminal } from '../terminal.js';
import { CYCLEGAN_FLAGS } from './cyclegan-flags.js';

/** Options that all recipes have instead of their own. */
const COMMON = [
  ...(['imageSize', 'batchSize', 'generatorFilters', 'generatorBlocks'] as const),
  ...(['discriminatorFilters', 'trainImages', 'precision'] as const),
] as const;

const COMMON_FLAGS: readonly OptionFlag<CycleGanRunOptions>[] = CYCLEGAN_FLAGS.filter(
  ({ option }) => COMMON.some((name) => name === option),
);

interface Flags extends Readonly<Record<string, unknown>> {
  readonly x: string;
  readonly y: string;
  readonly judge?: string;
  readonly recipes: readonly string[];
  readonly seeds: number;
  readonly points: number;
  readonly out?: string;
  readonly engine: EngineName | 'auto';
  readonly json?: boolean;
}

const HELP = `
Each training is stopped --points times, measured on the test split, and goes on as if it had not been stopped; the recipes
take turns. The folder gets a run for each recipe and seed, quality.json, and a figure for each measure and direction.
What is measured is kept: repeat the command to go on.

Example:
  $ npx janus time-to-quality --x data/faces:presentation=feminine --y data/faces:presentation=masculine --judge runs/judge --recipes paper:6000,attribute:1200 --size 64 --filters 16 --blocks 3 --discriminator-filters 32`;

/** `janus time-to-quality`. */
export function addTimeToQualityCommand(program: Command): void {
  const command = program
    .command('time-to-quality')
    .description('measure how good recipes of a translation are after how many minutes of training')
    .requiredOption('--x <dir|data:filter>', 'domain X')
    .requiredOption('--y <dir|data:filter>', 'domain Y')
    .requiredOption(
      '--recipes <list>',
      'comma-separated presets of train cyclegan, each with the updates of its training: attribute:1200',
      listOf,
    )
    .option('--judge <run>', 'classifier run that judges the fakes')
    .option(
      '--seeds <n>',
      'trainings of each recipe, which differ by their seed',
      wholeNumber(1),
      3,
    )
    .option('--points <n>', 'times that a training is measured', wholeNumber(1), 4)
    .option('--out <dir>', 'folder of the runs and figures (default: runs/quality-<data>)');
  addOptionFlags(command, COMMON_FLAGS, {});
  command
    .addOption(engineFlag())
    .addOption(jsonFlag())
    .addHelpText('after', HELP)
    .action(timeToQuality);
}

async function timeToQuality(flags: Flags): Promise<void> {
  const terminal = createTerminal(flags.json === true);
  const { x, y, judge, seeds, points, engine } = flags;
  const { out = join('runs', `quality-${basename(splitAtColon(x)[0])}`) } = flags;
  const overrides = optionsOfFlags(flags, COMMON_FLAGS);
  const result = await measureQuality(
    {
      ...{ x, y, seeds, points, out },
      recipes: flags.recipes.map((recipe) => presetRecipe(recipe, overrides)),
      ...(judge === undefined ? {} : { judge }),
    },
    { engine, reporter: terminal, signal: interruptSignal() },
  );
  terminal.endProgress();
  terminal.result(result, [
    ...result.points.map(
      ({ recipe, seed, updates, minutes, xToY, yToX }) =>
        `${recipe}, seed ${seed}: ${updates} updates, ${minutes.toFixed(1)} minutes; ${textOf(xToY)}; back: ${textOf(yToX)}`,
    ),
    result.finished ? `Wrote ${result.files.join(', ')}` : 'Stopped. To go on, repeat the command.',
  ]);
  if (!result.finished) process.exitCode = INTERRUPTED;
}

/** Returns what was measured of a direction, in words. */
function textOf({
  judgedAsTarget,
  kid,
  kidOriginals,
  twinErrorFeatures,
}: TranslationMeasures): string {
  return [
    ...(judgedAsTarget === undefined ? [] : [`judged as target ${intervalText(judgedAsTarget)}`]),
    ...(twinErrorFeatures === undefined ? [] : [`twin error ${twinErrorFeatures.toFixed(2)}`]),
    ...(kid === undefined
      ? []
      : [`kernel distance ${kid.toFixed(3)} (originals ${(kidOriginals ?? NaN).toFixed(3)})`]),
  ].join(', ');
}
