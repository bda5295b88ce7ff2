import {
  cleanDataset,
  CLEAN_NEAR_DISTANCE,
  IMAGE_RULES,
  readLabelDecisions,
  type CleanResult,
} from '@janus/data';
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
  readonly decisions?: string;
  readonly json?: boolean;
}

/** `janus data clean`. */
export function addClean(data: Command): void {
  data
    .command('clean')
    .description('remove unusable images, recording why')
    .argument('<dir>', 'data folder')
    .option(
      '--min-size <px>',
      'minimum length of the shorter side, same as --rule small=<px> (default: 32)',
      wholeNumber(1),
    )
    .option(
      '--rule <name=threshold>',
      'set the threshold of a rule below, or turn it off or on (name=off, name=on); repeatable',
      addRule,
    )
    .addOption(
      new Option(
        '--labels <columns>',
        'comma-separated label columns; remove rows whose value in one of them is empty or unknown, and copies of one image that differ in them',
      )
        .argParser(listOf)
        .default([], 'none'),
    )
    .option(
      '--min-age <years>',
      'remove people who are or may be younger, or whose age is unknown',
      numberBetween(0, 200),
    )
    .option('--age-column <name>', 'column of ages or age bands such as 3-9 (default: age)')
    .option(
      '--birth-column <name>',
      'column of birth years or dates, used instead of ages; needs --age-at',
    )
    .option(
      '--age-at <date>',
      'when images were taken: a year, a date, or a column that holds either',
    )
    .option('--keep-duplicates', 'keep byte-identical images')
    .option(
      '--near-duplicates <bits>',
      `keep only the largest of images within this many hash bits (0 to 32) of each other, or off (default: ${CLEAN_NEAR_DISTANCE})`,
      bitsOrOff,
    )
    .addOption(
      new Option(
        '--conflicts <policy>',
        'copies of one image that differ in --labels, or in the only label: remove all, keep those labelled as the first, or only count them',
      )
        .choices(['remove-all', 'keep-first', 'report'])
        .default('remove-all'),
    )
    .option(
      '--decisions <file>',
      'apply what was decided on the page of `janus data review`: labels change, images go; later cleans keep to it',
    )
    .addOption(jsonFlag())
    .addHelpText('after', helpText)
    .action(async (dir: string, flags: CleanFlags) => {
      const { json, rule, keepDuplicates, nearDuplicates, decisions, ...rest } = flags;
      const terminal = createTerminal(json === true);
      const result = await cleanDataset(dir, {
        ...rest,
        ...(rule === undefined ? {} : { rules: rule }),
        ...(nearDuplicates === undefined
          ? {}
          : { nearDuplicates: nearDuplicates === 'off' ? null : nearDuplicates }),
        ...(decisions === undefined ? {} : { decisions: await readLabelDecisions(decisions) }),
        duplicates: keepDuplicates !== true,
        report: terminal.progress,
      });
      terminal.result(result, historyLines(dir, result));
    });
}

const NUMBER = 8;

/** Returns the counts after each rule as the lines of a table; removed and left add up. */
function historyLines(dir: string, result: CleanResult): readonly string[] {
  const { total, removedBefore, history, rows, rejected, conflicts, review } = result;
  const line = (removed: number | '', left: number, what: string): string =>
    `  ${String(removed).padStart(NUMBER)} ${String(left).padStart(NUMBER)}  ${what}`;
  return [
    `Cleaned ${dir}: ${rows} rows, ${rejected} rejected`,
    ...(review === null
      ? []
      : [
          `  decisions: ${review.relabelled} labels changed, ${review.kept} kept, ${review.removed} images removed${review.stale === 0 ? '' : `; ${review.stale} are about images or labels that are not there any more`}`,
        ]),
    `  ${'removed'.padStart(NUMBER)} ${'left'.padStart(NUMBER)}`,
    line('', total, 'rows of the manifest'),
    ...(removedBefore === 0
      ? []
      : [line(removedBefore, total - removedBefore, 'by earlier steps')]),
    ...history.map(({ reason, removed, left }) => line(removed, left, reason)),
    ...(conflicts === null || conflicts.groups === 0
      ? []
      : [
          `${conflicts.images} images in ${conflicts.groups} ${conflicts.groups === 1 ? 'group' : 'groups'} have conflicting labels.`,
          ...conflicts.shown.map(
            (group) =>
              `  one image: ${group.map(({ id, labels }) => `${id} (${labels.map((label) => label ?? 'no label').join(', ')})`).join(', ')}`,
          ),
          ...(conflicts.groups > conflicts.shown.length
            ? [`  and ${conflicts.groups - conflicts.shown.length} more`]
            : []),
        ]),
    ...(rejected === 0 ? [] : [`To review the removed images: janus data show ${dir}`]),
  ];
}

/** Adds `name=threshold`, `name=off` or `name=on` to the rules parsed so far. */
function addRule(
  text: string,
  before: Readonly<Record<string, number | boolean>> = {},
): Record<string, number | boolean> {
  const [name = '', value, ...more] = text.split('=').map((each) => each.trim());
  const names = IMAGE_RULES.map((rule) => rule.name);
  if (!names.includes(name))
    throw new InvalidArgumentError(`must be a rule among ${names.join(', ')}.`);
  if (value === undefined || value === '' || more.length > 0) {
    throw new InvalidArgumentError(`must be ${name}=<threshold>, ${name}=off or ${name}=on.`);
  }
  if (value === 'off' || value === 'on') return { ...before, [name]: value === 'on' };
  const { range } = IMAGE_RULES.find((rule) => rule.name === name) ?? { range: [0, 0] as const };
  return { ...before, [name]: numberBetween(range[0], range[1])(value) };
}

/** Reads bits or `off`; commander would treat a null as no value. */
function bitsOrOff(text: string): number | 'off' {
  if (text === 'off') return text;
  const value = numberBetween(0, 32)(text);
  if (!Number.isInteger(value)) throw new InvalidArgumentError('must be a whole number of bits.');
  return value;
}

function helpText(): string {
  const width = Math.max(...IMAGE_RULES.map(({ name }) => name.length));
  const rules = IMAGE_RULES.map(
    ({ name, measures, removes, threshold, unit, on, source }) =>
      `  ${name.padEnd(width)}  ${measures} is ${removes} ${threshold} ${unit}${on ? '' : ' (off)'}\n  ${' '.repeat(width)}  (${source})`,
  );
  return [
    '\nRules about images: an image is removed if',
    ...rules,
    '\nExamples:',
    '  $ npx janus data clean data/faces --labels presentation',
    '  $ npx janus data clean data/faces --min-age 4 --rule blurry=50 --rule dark=off',
  ].join('\n');
}
