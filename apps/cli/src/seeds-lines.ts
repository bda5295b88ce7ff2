/** Trainings with several seeds: what is run, and what is printed of a classifier's. */
import { seedLeftText, seedsMeasureText, type SeedsMean, type SeedsMeasure } from '@janus/core';
import type { SeedsContext, SeedsEnd, SeedsResult } from '@janus/runs';
import type { Command } from 'commander';
import { wholeNumber } from './flags.js';
import { INTERRUPTED, interruptSignal } from './interrupt.js';
import type { RunFlags } from './run-flags.js';
import { createTerminal } from './terminal.js';

/** Adds the flag of a training with several seeds. */
export function addSeedsFlag(command: Command): void {
  command.option(
    '--seeds <n>',
    'train and evaluate this many runs, with --seed and the numbers after it, and print their mean; finished ones are kept, stopped ones resumed',
    wholeNumber(1),
  );
}

/** What {@link runSeeds} runs. */
export interface SeedsTraining<Result extends SeedsEnd> {
  readonly train: (context: SeedsContext) => Promise<Result>;
  /** Returns the lines that are printed. */
  readonly lines: (result: Result) => readonly string[];
}

/** Trains several seeds as the flags say and prints their measures; an interrupted call exits 130. */
export async function runSeeds<Result extends SeedsEnd>(
  flags: RunFlags,
  { train, lines }: SeedsTraining<Result>,
): Promise<void> {
  const terminal = createTerminal(flags.json === true);
  const result = await train({
    ...(flags.run === undefined ? {} : { folder: flags.run }),
    ...(flags.tensorboard === undefined ? {} : { tensorboard: flags.tensorboard }),
    overwrite: flags.overwrite === true,
    engine: flags.engine,
    signal: interruptSignal(),
    reporter: terminal,
  });
  terminal.endProgress();
  terminal.result(result, lines(result));
  if (!result.finished) process.exitCode = INTERRUPTED;
}

/** Returns what is printed of several seeds: a line a measure. */
export function seedsLines(result: SeedsResult): readonly string[] {
  const { folds, targets, note } = result;
  const lines = Object.entries(targets).flatMap(([target, { n, measures }]) => [
    `${target}, ${countedSeeds(measures)}${folds === undefined ? '' : `, each of ${folds} folds`}, n = ${n}:`,
    ...Object.entries(measures).map(([name, measure]) => `  ${measureLine(name, measure)}`),
  ]);
  return [...lines, ...(note === undefined ? [] : [`Of the seeds: ${note}`]), ...endLines(result)];
}

/** Returns how a training with several seeds ended: which are left, and where the measures are. */
export function endLines({
  left,
  folder,
  finished,
}: Pick<SeedsResult, 'left' | 'folder' | 'finished'>): readonly string[] {
  return [
    ...left.map(seedLeftText),
    finished ? `Wrote ${folder}/seeds.json` : 'Stopped. To go on, repeat the command.',
  ];
}

/** Returns how many seeds a target's measures are of: `1 seed`, `3 seeds`. */
export function countedSeeds(measures: Readonly<Record<string, SeedsMean>>): string {
  const count = Object.values(measures)[0]?.values.length ?? 0;
  return `${count} ${count === 1 ? 'seed' : 'seeds'}`;
}

/** Returns a measure: `accuracy 93.1 % (by seed 92.8, 93.5 %; standard deviation 0.5, other seeds [88.7, 97.5], other images [91.0, 95.0])`. */
function measureLine(name: string, { values, seeds, images }: SeedsMeasure): string {
  const { words, text, plain } = seedsMeasureText(name);
  const { value, low, high } = images;
  const said = [
    ...variedTexts({ values, seeds }, plain),
    `other images [${plain(low)}, ${plain(high)}]`,
  ];
  return `${words} ${text(value)} (${said.join(', ')})`;
}

/** Returns how the seeds vary a measure, as parts of a sentence; none for one seed. */
export function variedTexts(
  { values, seeds }: SeedsMean,
  plain: (value: number) => string,
): readonly string[] {
  if (seeds === null) return [];
  const { deviation, low, high } = seeds;
  return [
    `by seed ${values.map(plain).join(', ')}; standard deviation ${plain(deviation)}`,
    `other seeds [${plain(low)}, ${plain(high)}]`,
  ];
}
