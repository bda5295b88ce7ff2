/** What a probe found, as lines for a person. */
import { countText, intervalText, percentText } from '@janus/core';
import type { NestedProbeResult, ProbeResult, ProbeRow } from '@janus/runs';

const COLUMNS: readonly (readonly [head: string, text: (row: ProbeRow) => string])[] = [
  ['cut', ({ cut }) => cut],
  ['pooling', ({ pooling }) => pooling],
  ['normalisation', ({ normalisation }) => normalisation],
  ['features', ({ features }) => countText(features)],
  ['accuracy', ({ accuracy }) => intervalText(accuracy)],
  ['balanced accuracy', ({ balancedAccuracy }) => intervalText(balancedAccuracy)],
  ['loss', ({ loss }) => loss.toFixed(3)],
  ['penalty', ({ penalty }) => String(penalty)],
];

/** Returns the lines that `janus probe` prints of a data folder. */
export function probeLines(data: string, result: ProbeResult): readonly string[] {
  const { rows, classes, target, backbone, size, n, aside, folds, commonest } = result;
  const cells = [
    COLUMNS.map(([head]) => head),
    ...rows.map((row) => COLUMNS.map(([, text]) => text(row))),
  ];
  const widths = COLUMNS.map((_, c) => Math.max(...cells.map((line) => line[c]?.length ?? 0)));
  const test = aside === 0 ? '' : `; ${countText(aside)} of the test split left aside`;
  const [best] = rows;
  return [
    `${target} (${classes.join(', ')}) by ${backbone} at ${size} px: ${countText(n)} images in ${folds} folds${test}`,
    `always naming the commonest class: accuracy ${percentText(commonest)}, balanced ${percentText(1 / classes.length)}`,
    ...cells.map((line) =>
      line
        .map((cell, c) => cell.padEnd(widths[c] ?? 0))
        .join('  ')
        .trimEnd(),
    ),
    'Intervals are 95 %, loss is in nats; each row is at its best penalty, on images that it was not fitted on.',
    ...(best === undefined
      ? []
      : [
          `Lowest loss: ${best.cut}, ${best.pooling}, ${best.normalisation}. Next: ${nextCommand(data, result)}`,
        ]),
  ];
}

/** Returns the lines of an estimate that had no say in the choice. */
export function nestedLines(result: NestedProbeResult): readonly string[] {
  const { accuracy, balancedAccuracy, loss, choices, compared } = result;
  const named = choices.map(
    ({ cut, pooling, normalisation }) => `${cut}, ${pooling}, ${normalisation}`,
  );
  const counts = [...new Set(named)]
    .map((name) => ({ name, count: named.filter((each) => each === name).length }))
    .sort((a, b) => b.count - a.count);
  return [
    `Chosen from ${countText(compared)} again without each fold: accuracy ${intervalText(accuracy)}, balanced ${intervalText(balancedAccuracy)}, loss ${loss.toFixed(3)}`,
    `  ${counts.map(({ name, count }) => `${name} in ${count} of ${choices.length} folds`).join('; ')}`,
  ];
}

/** Returns the training of the best row. */
function nextCommand(data: string, { target, backbone, size, rows }: ProbeResult): string {
  const [best] = rows;
  const parts = [
    ['data', data],
    ['target', target],
    ['backbone', backbone],
    ['size', size],
    ['cut', best?.cut],
    ['pooling', best?.pooling],
    ['normalisation', best?.normalisation],
  ] as const;
  return `npx janus train classifier ${parts.map(([flag, value]) => `--${flag} ${value ?? ''}`).join(' ')}`;
}
