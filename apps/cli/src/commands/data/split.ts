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
import { InvalidArgumentError, Option, type Command } from 'commander';
import {
  acceptOldName,
  jsonFlag,
  listOf,
  numberBetween,
  refuseFlags,
  wholeNumber,
} from '../../flags.js';
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
  readonly dropLeaks?: boolean;
  readonly allowLeaks: readonly LeakKind[];
  readonly check?: boolean;
  readonly seed: number;
  readonly json?: boolean;
}

const SPLITS: readonly SplitName[] = ['train', 'validation', 'test'];

/** Returns a parser of `a,b` that accepts the given names only. */
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
  const command = data
    .command('split')
    .description('assign rows to train, validation and test; each person stays in one split')
    .argument('<dir>', 'data folder')
    .option(
      '--validation <share>',
      'share of the rows for validation, 0 to 0.9',
      numberBetween(0, 0.9),
      0.15,
    )
    .option('--test <share>', 'share of the rows for test, 0 to 0.9', numberBetween(0, 0.9), 0.15)
    .addOption(
      new Option(
        '--stratify <columns>',
        'comma-separated columns to spread evenly over the splits, each and in combination',
      )
        .argParser(listOf)
        .default([], 'none'),
    )
    .addOption(
      new Option(
        '--group <columns>',
        'comma-separated columns; rows with equal values stay in one split',
      )
        .argParser(listOf)
        .default(['identity'], 'identity'),
    )
    .option(
      '--near-duplicates <bits>',
      'keep images within this many hash bits (0 to 32) in one split; 0 turns this off',
      wholeNumber(0),
      NEAR_DUPLICATE_DISTANCE,
    )
    .option('--balance <column>', 'undersample every class of this column to the smallest')
    .option(
      '--folds <k>',
      'also assign k folds, 3 to 1000, for `train classifier --fold`',
      wholeNumber(3),
    )
    .option(
      '--keep [splits]',
      'comma-separated splits whose rows stay where they are; without a list, all three',
      someOf(SPLITS),
    )
    .option(
      '--drop-leaks',
      'with --keep: remove train rows that recur in validation or test, and validation rows that recur in test',
    )
    .addOption(
      new Option(
        '--allow-leaks <kinds>',
        `comma-separated kinds of leaks to accept: ${LEAK_KINDS.join(', ')}`,
      )
        .argParser(someOf(LEAK_KINDS))
        .default([], 'none'),
    )
    .option(
      '--check',
      'change nothing; fail if an image or a person is in two of the current splits',
    )
    .option('--seed <n>', 'random seed of the assignment', wholeNumber(0), 1)
    .addOption(jsonFlag())
    .addHelpText(
      'after',
      `
The command fails if two splits share an image or a person, and lists what they share in leaks.parquet in
the data folder: byte-identical images, near duplicates by perceptual hash (computed by \`janus data clean\`)
and people.

Examples:
  $ npx janus data split data/faces --stratify presentation
  $ npx janus data split data/congress --stratify gender,party --balance gender --folds 5
  $ npx janus data split data/horse2zebra --check
  $ npx janus data split data/horse2zebra --keep --drop-leaks`,
    )
    .action(async (dir: string, flags: SplitFlags, own: Command) => {
      const terminal = createTerminal(flags.json === true);
      if (flags.check !== true) {
        await split(dir, flags, terminal);
        return;
      }
      refuseFlags(own, ASSIGNING, 'says how rows are assigned, and --check assigns none');
      await check(dir, flags, terminal);
    });
  acceptOldName(command, { flags: '--mend', replacedBy: '--drop-leaks' });
}

/** Flags that a check, which looks for copies and identities alone, has no use for. */
const ASSIGNING: readonly string[] = [
  ...['validation', 'test', 'stratify', 'group', 'balance', 'folds', 'keep', 'dropLeaks', 'seed'],
];

async function split(dir: string, flags: SplitFlags, terminal: Terminal): Promise<void> {
  const { keep, dropLeaks, ...rest } = flags;
  const result = await splitDataset(
    dir,
    {
      ...rest,
      keep: keep === undefined ? [] : keep === true ? SPLITS : keep,
      dropLeaks: dropLeaks === true,
    },
    { report: terminal.progress },
  );
  terminal.result(
    result,
    splitLines(dir, result, { stratify: flags.stratify, keepsSome: keep !== undefined }),
  );
}

function splitLines(
  dir: string,
  result: SplitResult,
  { stratify, keepsSome }: { readonly stratify: readonly string[]; readonly keepsSome: boolean },
): readonly string[] {
  const { train, validation, test } = result.splits;
  const { folds, reasons, groups, largestGroup } = result;
  return [
    `Split ${dir}: ${train} train, ${validation} validation, ${test} test (${groups} groups, at most ${largestGroup} rows each)`,
    ...(folds === undefined ? [] : [`  ${folds.length} folds of ${folds.join(', ')} rows`]),
    ...Object.entries(reasons).map(([reason, count]) => `  ${count} removed: ${reason}`),
    ...replacedLines(result, keepsSome),
    ...absentLines(result, stratify),
    ...withoutHashLines(result),
    ...Object.entries(result.leaks).map(
      ([kind, { clusters, rows }]) => `  leaks allowed: ${kind}, ${clusters} (${rows} rows)`,
    ),
  ];
}

/** Says which parts of the source are gone, and how to keep them. */
function replacedLines({ replaced }: SplitResult, keepsSome: boolean): readonly string[] {
  if (replaced === null) return [];
  const parts = SPLITS.filter((name) => replaced[name] > 0);
  const counts = parts.map((name) => `${replaced[name]} ${name}`).join(', ');
  // Without validation in the source, only a part of train can become it.
  const flag = parts.includes('validation') || !parts.includes('test') ? '--keep' : '--keep test';
  const wayOut = keepsSome ? '' : `; to keep them, import again and split with ${flag}`;
  return [`  replaced parts that came with the source (${counts})${wayOut}`];
}

/** Classes that are named one by one. */
const ABSENT_LINES = 10;

/** Says which class a part lacks. */
function absentLines({ absent }: SplitResult, stratify: readonly string[]): readonly string[] {
  const more = absent.length - ABSENT_LINES;
  return [
    ...absent.slice(0, ABSENT_LINES).map(({ column, value, images, parts }) => {
      const wayOut =
        images >= SPLITS.length && !stratify.includes(column)
          ? `try --stratify ${column}`
          : 'import more images of it, or leave it out';
      return `  warning: ${parts.join(' and ')} ${parts.length === 1 ? 'has' : 'have'} no image of ${column}=${value}, which has ${images} in all; ${wayOut}`;
    }),
    ...(more > 0 ? [`  warning: the same of ${more} more`] : []),
  ];
}

function withoutHashLines({ withoutHash, rows }: { withoutHash: number; rows: number }): string[] {
  return withoutHash === 0
    ? []
    : [
        `  ${withoutHash} of ${rows} rows have no perceptual hash, so their near duplicates are unknown; run \`janus data clean\` to compute it`,
      ];
}

async function check(dir: string, flags: SplitFlags, terminal: Terminal): Promise<void> {
  const { nearDuplicates } = flags;
  const found = await checkSplit(dir, { nearDuplicates }, { report: terminal.progress });
  const { train, validation, test } = found.splits;
  terminal.result(found, [
    `Checked ${dir}: ${train} train, ${validation} validation, ${test} test`,
    ...(found.lines.length === 0 ? ['  no leaks between splits'] : found.lines),
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
      'Split again without --check, or remove the copies from train with --keep --drop-leaks',
    );
  }
}
