/** The table of a sweep of translations as text: for people in Markdown, for programs in CSV. */
import {
  csvLine,
  isBootstrapped,
  intervalText,
  percentText,
  type TranslationMeasures,
  type TranslationSweepRecord,
} from '@janus/core';

/** Returns a number of both directions, `x / y`. */
function bothWays(
  row: { readonly xToY: TranslationMeasures; readonly yToX: TranslationMeasures },
  of: (measures: TranslationMeasures) => number | undefined,
  text: (value: number) => string = (value) => value.toFixed(2),
): string {
  const parts = [row.xToY, row.yToX].map((each) => {
    const value = of(each);
    return value === undefined ? '' : text(value);
  });
  return parts.every((part) => part === '') ? '' : parts.map((part) => part || '-').join(' / ');
}

const areBootstrapped = (rows: TranslationSweepRecord['rows']): boolean =>
  rows.some(({ xToY, yToX }) => isBootstrapped(xToY) || isBootstrapped(yToX));

const timeText = (seconds: number): string =>
  seconds < 10 ? seconds.toFixed(1) : seconds.toFixed(0);

/** Returns the lines of a table in Markdown, with what was left out and how to read it. */
export function translationMarkdown(record: TranslationSweepRecord): readonly string[] {
  const { name, domains, scale, rows, failed, left, judge } = record;
  const table = rows.map((row) => [
    ...[String(row.row), row.name, row.paper ?? ''],
    row.ours === null ? '' : intervalText(row.ours),
    bothWays(row, ({ judgedAsTarget }) => judgedAsTarget?.value, percentText),
    bothWays(row, ({ twinErrorFeatures }) => twinErrorFeatures),
    bothWays(row, ({ twinErrorPixels }) => twinErrorPixels),
    bothWays(row, ({ kid }) => kid),
    bothWays(row, ({ kidOriginals }) => kidOriginals),
    bothWays(row, ({ cycleL1 }) => cycleL1),
    ...[String(row.images), String(row.updates), timeText(row.seconds), row.run],
  ]);
  const head = [
    ...['row', 'setup', 'paper', 'judged as target', 'each way', 'twin error', 'in pixels'],
    ...['kernel distance', 'of the originals', 'cycle', 'images', 'updates', 'seconds', 'run'],
  ];
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    `${name}, ${domains.x} to ${domains.y} / back, scale ${scale}`,
    '',
    ...(rows.length === 0 ? [] : [head, head.map(() => '---'), ...table].map(line).concat('')),
    ...(judge === null
      ? ['Name a classifier run with --judge for the share that is judged as the target.']
      : [
          `Judged by ${judge}; 95 % ${areBootstrapped(rows) ? 'intervals: bootstrap over people, the two directions taken as independent' : 'Wilson intervals'}.`,
        ]),
    'Twin error: distance to the same face drawn with the other value, 1 means not better than no change, 0 perfect. A share counts only where the kernel distance is below that of the originals. The paper looked at its results and had other images.',
    ...left.map((each) => `Row ${each.row} (${each.name}) is not finished.`),
    ...failed.map((each) => `Row ${each.row} (${each.name}) failed: ${each.reason}`),
  ];
}

const MEASURES = [
  ...(['n', 'kid', 'kidOriginals', 'twinErrorFeatures', 'twinErrorPixels'] as const),
  ...(['cycleL1', 'changeL1'] as const),
] as const;

/** Returns the table as CSV, a line a row and direction, shares from 0 to 1. */
export function translationCsv({ rows }: TranslationSweepRecord): string {
  const head = [
    ...['row', 'name', 'paper', 'direction', 'judged_as_target', 'low', 'high'],
    ...['n', 'kid', 'kid_originals', 'twin_error_features', 'twin_error_pixels'],
    ...['cycle_l1', 'change_l1', 'images', 'updates', 'seconds', 'run'],
  ];
  const lines = rows.flatMap((row) =>
    (['xToY', 'yToX'] as const).map((way) => {
      const { judgedAsTarget: judged, ...measures } = row[way];
      return [
        ...[row.row, row.name, row.paper, way],
        ...[judged?.value ?? null, judged?.low ?? null, judged?.high ?? null],
        ...MEASURES.map((measure) => measures[measure] ?? null),
        ...[row.images, row.updates, row.seconds, row.run],
      ];
    }),
  );
  return `${[head, ...lines].map(csvLine).join('\n')}\n`;
}
