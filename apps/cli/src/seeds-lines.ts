/** Trainings with several seeds: what is run, and what is printed of them. */
import { percentText, type SeedsMeasure } from '@janus/core';
import type { SeedsContext, SeedsResult } from '@janus/runs';
import { INTERRUPTED, interruptSignal } from './interrupt.js';
import type { RunFlags } from './run-flags.js';
import { createTerminal } from './terminal.js';

/** Trains several seeds as the flags say and prints their measures; an interrupted call exits 130. */
export async function runSeeds(
  flags: RunFlags,
  train: (context: SeedsContext) => Promise<SeedsResult>,
): Promise<void> {
  const terminal = createTerminal(flags.json === true);
  const result = await train({
    ...(flags.run === undefined ? {} : { folder: flags.run }),
    overwrite: flags.overwrite === true,
    engine: flags.engine,
    signal: interruptSignal(),
    reporter: terminal,
  });
  terminal.endProgress();
  terminal.result(result, seedsLines(result));
  if (!result.finished) process.exitCode = INTERRUPTED;
}

const NAMES: Readonly<Record<string, string>> = {
  accuracy: 'accuracy',
  balancedAccuracy: 'balanced accuracy',
  mae: 'mean absolute error',
};

/** Returns what is printed of several seeds: a line a measure. */
export function seedsLines(result: SeedsResult): readonly string[] {
  const { folds, targets, left, folder, finished, note } = result;
  const lines = Object.entries(targets).flatMap(([target, { n, measures }]) => [
    `${target}, ${countedSeeds(measures)}${folds === undefined ? '' : `, each of ${folds} folds`}, n = ${n}:`,
    ...Object.entries(measures).map(([name, measure]) => `  ${measureLine(name, measure)}`),
  ]);
  return [
    ...lines,
    ...(note === undefined ? [] : [`Of the seeds: ${note}`]),
    ...left.map(({ seed, fold }) =>
      fold === undefined
        ? `Seed ${seed} is not finished.`
        : `Fold ${fold} of seed ${seed} is not finished.`,
    ),
    finished ? `Wrote ${folder}/seeds.json` : 'Stopped. To go on, repeat the command.',
  ];
}

/** Returns how many seeds a target's measures are of: `1 seed`, `3 seeds`. */
function countedSeeds(measures: Readonly<Record<string, SeedsMeasure>>): string {
  const count = Object.values(measures)[0]?.values.length ?? 0;
  return `${count} ${count === 1 ? 'seed' : 'seeds'}`;
}

/** Returns a measure: `accuracy 93.1 % (by seed 92.8, 93.5 %; standard deviation 0.5, other seeds [88.7, 97.5], other images [91.0, 95.0])`. */
function measureLine(name: string, { values, seeds, images }: SeedsMeasure): string {
  const isShare = name !== 'mae';
  const plain = (value: number): string => (isShare ? 100 * value : value).toFixed(isShare ? 1 : 2);
  const ends = ({ low, high }: { readonly low: number; readonly high: number }): string =>
    `[${plain(low)}, ${plain(high)}]`;
  const varied =
    seeds === null
      ? ''
      : `standard deviation ${plain(seeds.deviation)}, other seeds ${ends(seeds)}, `;
  const { value } = images;
  const each = values.length === 1 ? '' : `by seed ${values.map(plain).join(', ')}; `;
  return `${NAMES[name] ?? name} ${isShare ? percentText(value) : plain(value)} (${each}${varied}other images ${ends(images)})`;
}
