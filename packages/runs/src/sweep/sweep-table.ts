/** The table of a sweep as text: for people in Markdown, for programs in CSV. */
import { csvLine, intervalText, percentText, type SweepRecord } from '@janus/core';

const pText = (p: number): string => (p < 0.001 ? '< 0.001' : p.toFixed(3));

const timeText = (seconds: number): string =>
  seconds < 10 ? seconds.toFixed(1) : seconds.toFixed(0);

/** Returns the lines of a table in Markdown, with what was left out and how to read it. */
export function sweepMarkdown(record: SweepRecord): readonly string[] {
  const { name, data, targets, scale, rows, failed, left, majority, intervalMethod } = record;
  const table = rows.map((row) => [
    ...[String(row.row), row.name, row.paper === null ? '' : percentText(row.paper)],
    ...[intervalText(row.ours), percentText(row.balancedAccuracy.value), String(row.ours.n)],
    row.validationLoss?.toFixed(3) ?? '',
    row.againstBest === null ? 'best' : pText(row.againstBest.holm),
    ...[String(row.images), String(row.updates), timeText(row.seconds), row.run],
  ]);
  const head = [
    ...['row', 'setup', 'paper', 'ours', 'balanced', 'n', 'validation loss', 'p'],
    ...['images', 'updates', 'seconds', 'run'],
  ];
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    `${name} on ${data}, ${targets.join(', ')}, scale ${scale}`,
    '',
    ...(rows.length === 0 ? [] : [head, head.map(() => '---'), ...table].map(line).concat('')),
    ...(majority === null || intervalMethod === null
      ? []
      : [
          `Accuracy with its 95 % interval (${intervalMethod}); always naming the commonest class: ${percentText(majority)}. p: McNemar's exact test against the best row, corrected by Holm's method. The paper's images were others.`,
        ]),
    ...left.map((each) => `Row ${each.row} (${each.name}) is not finished.`),
    ...failed.map((each) => `Row ${each.row} (${each.name}) failed: ${each.reason}`),
  ];
}

/** Returns the table as CSV, shares from 0 to 1. */
export function sweepCsv({ rows }: SweepRecord): string {
  const head = [
    ...['row', 'name', 'paper', 'accuracy', 'low', 'high', 'n', 'balanced_accuracy'],
    'validation_loss',
    ...['only_best', 'only_this', 'p', 'p_holm', 'images', 'updates', 'seconds', 'run'],
  ];
  const lines = rows.map(({ ours, againstBest: test, ...row }) => [
    ...[row.row, row.name, row.paper, ours.value, ours.low, ours.high, ours.n],
    ...[
      row.balancedAccuracy.value,
      row.validationLoss,
      test?.onlyBest ?? null,
      test?.onlyThis ?? null,
    ],
    ...[test?.p ?? null, test?.holm ?? null, row.images, row.updates, row.seconds, row.run],
  ]);
  return `${[head, ...lines].map(csvLine).join('\n')}\n`;
}
