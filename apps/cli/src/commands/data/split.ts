import {
  checkSplit,
  LEAK_KINDS,
  leakError,
  NEAR_DUPLICATE_DISTANCE,
  splitDataset,
  type LeakKind,
  type SplitName,
  type SplitResult,
} from '@janus/data';
import { InvalidArgumentError, type Command } from 'commander';
import { jsonFlag, listOf, numberBetween, wholeNumber } from '../../flags.js';
import { createTerminal, type Terminal } from '../../terminal.js';

interface SplitFlags {
  readonly validation: number;
  readonly test: number;
  readonly stratify: readonly string[];
  readonly group: readonly string[];
  readonly nearDuplicates: number;
  readonly balance?: string;
  readonly folds?: number;
  readonly keep?: true | readonly SplitName[];
  readonly mend?: boolean;
  readonly allowLeaks: readonly LeakKind[];
  readonly check?: boolean;
  readonly seed: number;
  readonly json?: boolean;
}

const PARTS: readonly SplitName[] = ['train', 'validation', 'test'];

/** Reads `a,b` as a list of some of the given names. */
function someOf<T extends string>(names: readonly T[]): (text: string) => readonly T[] {
  return (text) =>
    listOf(text).map((each) => {
      const name = names.find((known) => known === each);
      if (name === undefined) {
        throw new InvalidArgumentError(`must be one or more of ${names.join(', ')}.`);
      }
      return name;
    });
}

/** `janus data split`. */
export function addSplit(data: Command): void {
  data
    .command('split')
    .description('assign train, validation and test: people kept together, strata kept even')
    .argument('<dir>', 'data folder')
    .option('--validation <share>', 'share for validation', numberBetween(0, 0.9), 0.15)
    .option('--test <share>', 'share for test', numberBetween(0, 0.9), 0.15)
    .option('--stratify <columns>', 'columns spread evenly, alone and together', listOf, [])
    .option('--group <columns>', 'columns whose equal values stay together', listOf, ['identity'])
    .option(
      '--near-duplicates <bits>',
      'perceptual hashes so close stay together; 0 takes no account of them',
      wholeNumber(0),
      NEAR_DUPLICATE_DISTANCE,
    )
    .option('--balance <column>', 'take rows out until its classes have as many as the smallest')
    .option(
      '--folds <k>',
      'deal into k folds as well, for `train classifier --fold`',
      wholeNumber(3),
    )
    .option(
      '--keep [parts]',
      'parts (default: all) whose rows stay in them, as the source had it',
      someOf(PARTS),
    )
    .option('--mend', 'with --keep: take out of train what is in test too')
    .option(
      '--allow-leaks <kinds>',
      `kinds of leaks that are no error: ${LEAK_KINDS.join(', ')}`,
      someOf(LEAK_KINDS),
      [],
    )
    .option('--check', 'change nothing: fail if something is in two parts as they are now')
    .option('--seed <n>', 'another seed, another split', wholeNumber(0), 1)
    .addOption(jsonFlag())
    .addHelpText(
      'after',
      `
What is in two parts is written to leaks.parquet in the data folder, and fails the command: images that
are the same byte for byte, near duplicates by perceptual hash (\`janus data clean\` makes them), people.

Examples:
  $ npx janus data split data/faces --stratify presentation
  $ npx janus data split data/congress --stratify gender,party --balance gender --folds 5
  $ npx janus data split data/horse2zebra --check
  $ npx janus data split data/horse2zebra --keep --mend`,
    )
    .action(async (dir: string, flags: SplitFlags) => {
      const terminal = createTerminal(flags.json === true);
      if (flags.check === true) await check(dir, flags, terminal);
      else await split(dir, flags, terminal);
    });
}

async function split(dir: string, flags: SplitFlags, terminal: Terminal): Promise<void> {
  const { keep } = flags;
  const result = await splitDataset(
    dir,
    { ...flags, keep: keep === undefined ? [] : keep === true ? PARTS : keep },
    { report: terminal.progress },
  );
  terminal.result(result, splitLines(dir, result));
}

function splitLines(dir: string, result: SplitResult): readonly string[] {
  const { train, validation, test } = result.splits;
  const { folds, reasons, groups, largestGroup } = result;
  return [
    `Split ${dir}: ${train} train, ${validation} validation, ${test} test (${groups} groups, at most ${largestGroup} rows each)`,
    ...(folds === undefined ? [] : [`  ${folds.length} folds of ${folds.join(', ')} rows`]),
    ...Object.entries(reasons).map(([reason, count]) => `  ${count} taken out: ${reason}`),
    ...withoutHashLines(result),
    ...Object.entries(result.leaks).map(
      ([kind, { clusters, rows }]) => `  leaks allowed: ${kind}, ${clusters} (${rows} rows)`,
    ),
  ];
}

function withoutHashLines({ withoutHash, rows }: { withoutHash: number; rows: number }): string[] {
  return withoutHash === 0
    ? []
    : [
        `  near duplicates are not known of ${withoutHash} of ${rows} rows, which have no perceptual hash; \`janus data clean\` makes it`,
      ];
}

async function check(dir: string, flags: SplitFlags, terminal: Terminal): Promise<void> {
  const { nearDuplicates } = flags;
  const found = await checkSplit(dir, { nearDuplicates }, { report: terminal.progress });
  const { train, validation, test } = found.splits;
  terminal.result(found, [
    `Checked ${dir}: ${train} train, ${validation} validation, ${test} test`,
    ...(found.lines.length === 0 ? ['  nothing is in two parts'] : found.lines),
    ...withoutHashLines(found),
  ]);
  const forbidden = found.lines.filter((_, i) => {
    const kind = LEAK_KINDS.filter((each) => each in found.leaks)[i];
    return kind !== undefined && !flags.allowLeaks.includes(kind);
  });
  if (forbidden.length > 0) {
    throw leakError(
      dir,
      forbidden,
      'Split anew without --check, or take the copies out of train with --keep --mend',
    );
  }
}
