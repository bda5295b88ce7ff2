import { cleanDataset, CLEAN_NEAR_DISTANCE, IMAGE_RULES, type CleanResult } from '@janus/data';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { jsonFlag, listOf, numberBetween, wholeNumber } from '../../flags.js';
import { createTerminal } from '../../terminal.js';

interface CleanFlags {
  readonly minSize?: number;
  readonly rule?: Readonly<Record<string, number | boolean>>;
  readonly labels: readonly string[];
  readonly minAge?: number;
  readonly ageColumn?: string;
  readonly birthColumn?: string;
  readonly ageAt?: string;
  readonly keepDuplicates?: boolean;
  readonly nearDuplicates?: number | 'off';
  readonly conflicts: 'remove-all' | 'keep-first' | 'report';
  readonly json?: boolean;
}

/** `janus data clean`. */
export function addClean(data: Command): void {
  data
    .command('clean')
    .description('look at every image and take out what is not fit, each with its reason')
    .argument('<dir>', 'data folder')
    .option(
      '--min-size <px>',
      'shorter side, the same as --rule small=<px> (default: 32)',
      wholeNumber(1),
    )
    .option(
      '--rule <name=threshold>',
      'change the threshold of a rule below, or switch it off or on (name=off); repeatable',
      addRule,
    )
    .option('--labels <columns>', 'columns in which unknown values remove the row', listOf, [])
    .option(
      '--min-age <years>',
      'take out who is, or may be, younger, or of unknown age',
      numberBetween(0, 200),
    )
    .option('--age-column <name>', 'column of ages or bands such as 3-9 (default: age)')
    .option('--birth-column <name>', 'column of birth years or dates instead; needs --age-at')
    .option('--age-at <date>', 'when images were taken: a year, a date, or a column of them')
    .option('--keep-duplicates', 'keep byte-identical images')
    .option(
      '--near-duplicates <bits>',
      `keep the largest of images whose perceptual hashes differ in at most so many bits, 0 to 32, or off (default: ${CLEAN_NEAR_DISTANCE})`,
      bitsOrOff,
    )
    .addOption(
      new Option(
        '--conflicts <policy>',
        'same images that differ in --labels: all go, all but those labelled as the first, or they are counted only',
      )
        .choices(['remove-all', 'keep-first', 'report'])
        .default('remove-all'),
    )
    .addOption(jsonFlag())
    .addHelpText('after', helpText)
    .action(async (dir: string, flags: CleanFlags) => {
      const { json, rule, keepDuplicates, nearDuplicates, ...rest } = flags;
      const terminal = createTerminal(json === true);
      const result = await cleanDataset(dir, {
        ...rest,
        ...(rule === undefined ? {} : { rules: rule }),
        ...(nearDuplicates === undefined
          ? {}
          : { nearDuplicates: nearDuplicates === 'off' ? null : nearDuplicates }),
        duplicates: keepDuplicates !== true,
        report: terminal.progress,
      });
      terminal.result(result, storyOf(dir, result));
    });
}

const NUMBER = 8;

/** Returns the counts at every step, as a table that adds up. */
function storyOf(dir: string, result: CleanResult): readonly string[] {
  const { total, removedBefore, story, rows, rejected, conflicts } = result;
  const line = (removed: number | '', left: number, what: string): string =>
    `  ${String(removed).padStart(NUMBER)} ${String(left).padStart(NUMBER)}  ${what}`;
  return [
    `Cleaned ${dir}: ${rows} rows, ${rejected} rejected`,
    `  ${'removed'.padStart(NUMBER)} ${'left'.padStart(NUMBER)}`,
    line('', total, 'rows of the manifest'),
    ...(removedBefore === 0
      ? []
      : [line(removedBefore, total - removedBefore, 'by earlier steps')]),
    ...story.map(({ reason, removed, left }) => line(removed, left, reason)),
    ...(conflicts === null || conflicts.groups === 0
      ? []
      : [
          `${conflicts.images} images in ${conflicts.groups} ${conflicts.groups === 1 ? 'group' : 'groups'} are labelled in several ways.`,
        ]),
    ...(rejected === 0 ? [] : [`Look at what was taken out: janus data show ${dir}`]),
  ];
}

/** Adds a `name=threshold`, `name=off` or `name=on` to those before. */
function addRule(
  text: string,
  before: Readonly<Record<string, number | boolean>> = {},
): Record<string, number | boolean> {
  const [name = '', value, ...more] = text.split('=').map((each) => each.trim());
  const names = IMAGE_RULES.map((rule) => rule.name);
  if (!names.includes(name)) throw new InvalidArgumentError(`names are ${names.join(', ')}.`);
  if (value === undefined || value === '' || more.length > 0) {
    throw new InvalidArgumentError(`write ${name}=<threshold>, ${name}=off or ${name}=on.`);
  }
  if (value === 'off' || value === 'on') return { ...before, [name]: value === 'on' };
  const { range } = IMAGE_RULES.find((rule) => rule.name === name) ?? { range: [0, 0] as const };
  return { ...before, [name]: numberBetween(range[0], range[1])(value) };
}

/** Not null for off: the command line's parser takes that for no value. */
function bitsOrOff(text: string): number | 'off' {
  if (text === 'off') return text;
  const value = numberBetween(0, 32)(text);
  if (!Number.isInteger(value)) throw new InvalidArgumentError('must be whole bits.');
  return value;
}

function helpText(): string {
  const width = Math.max(...IMAGE_RULES.map(({ name }) => name.length));
  const rules = IMAGE_RULES.map(
    ({ name, measures, removes, threshold, unit, on, source }) =>
      `  ${name.padEnd(width)}  ${measures} is ${removes} ${threshold} ${unit}${on ? '' : ' (off)'}\n  ${' '.repeat(width)}  (${source})`,
  );
  return [
    '\nRules about images: an image is taken out where',
    ...rules,
    '\nExamples:',
    '  $ npx janus data clean data/faces --labels presentation',
    '  $ npx janus data clean data/faces --min-age 4 --rule blurry=50 --rule dark=off',
  ].join('\n');
}
