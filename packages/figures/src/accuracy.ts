import { countText, estimateText, OptionsError, percentText } from '@janus/core';
import type { Figure } from './figure.js';
import { errorBars } from './marks.js';
import { plainText } from './text.js';
import { axis, layoutOf, PALETTE, rateAxis, THEMES } from './theme.js';

/** One row of {@link accuracyIntervals}: a rate with its interval. */
export interface AccuracyRow {
  readonly label: string;
  /** 0 to 1. */
  readonly value: number;
  /** Ends of the 95 % interval, 0 to 1; default: a point without an interval. */
  readonly low?: number | undefined;
  readonly high?: number | undefined;
  /** Images the rate was measured on; default: shown as unknown. */
  readonly n?: number | undefined;
  /** `ours` is drawn in the first colour, `reference` in grey; default `ours`. */
  readonly kind?: 'ours' | 'reference';
}

/** Options of {@link accuracyIntervals}. */
export interface AccuracyIntervalsOptions {
  /** Default `Accuracy`. */
  readonly title?: string;
  /** Title of the axis; default `Accuracy (% of test images)`. */
  readonly quantity?: string;
  /** A vertical line to compare with, such as a published value or chance; default none. */
  readonly reference?: { readonly value: number; readonly label: string };
}

/**
 * Draws rates as points with their 95 % intervals, one row each from top to bottom, with n beside the label
 * and an optional reference line.
 *
 * @throws OptionsError when `rows` is empty, or a value lies outside 0 to 1 or outside its own interval
 */
export function accuracyIntervals(
  rows: readonly AccuracyRow[],
  options: AccuracyIntervalsOptions = {},
): Figure {
  if (rows.length === 0) {
    throw new OptionsError(
      'accuracyIntervals: rows must hold at least one rate, but got none. Evaluate a run first.',
    );
  }
  for (const row of rows) {
    const { label, value, low = value, high = value } = row;
    // 5e-4 of slack, since rounded ends may cross a rounded value.
    if (!(value >= 0 && value <= 1 && low <= value + 5e-4 && high >= value - 5e-4)) {
      throw new OptionsError(
        `accuracyIntervals: ${label} must be a rate from 0 to 1 inside its interval, but got ${value} in ${low} to ${high}. Use fractions of 1.`,
      );
    }
  }
  const { reference } = options;
  const tick = (row: AccuracyRow): string =>
    `${plainText(row.label)}<br><span style="font-size:11px;color:${THEMES.light.mutedText}">n ${row.n === undefined ? 'unknown' : `= ${countText(row.n)}`}</span>`;
  const labels = rows.map((row, i) => ({ row, y: rows.length - 1 - i }));
  const traces = (['ours', 'reference'] as const).flatMap((kind) => {
    const mine = labels.filter(({ row }) => (row.kind ?? 'ours') === kind);
    if (mine.length === 0) return [];
    const colour = kind === 'ours' ? PALETTE.blue : PALETTE.grey;
    return [
      {
        type: 'scatter' as const,
        mode: 'markers',
        name: kind,
        x: mine.map(({ row }) => row.value),
        y: mine.map(({ y }) => y),
        text: mine.map(({ row }) =>
          row.low === undefined || row.high === undefined || row.n === undefined
            ? `${percentText(row.value)} (${row.n === undefined ? 'n unknown' : `n = ${countText(row.n)}`})`
            : estimateText({ value: row.value, low: row.low, high: row.high }, row.n),
        ),
        hovertemplate: '%{text}<extra></extra>',
        marker: { color: colour, size: 10 },
        error_x: errorBars(
          mine.map(({ row }) => row),
          { color: colour, thickness: 2.2, width: 5 },
        ),
      },
    ];
  });
  return {
    data: traces,
    layout: layoutOf({
      title: options.title ?? 'Accuracy',
      subtitle: 'estimate and 95 % interval; no interval where n is unknown',
      height: 130 + 42 * rows.length + (reference === undefined ? 0 : 22),
      parts: {
        showlegend: false,
        ...(reference === undefined ? {} : { margin: { l: 64, r: 24, t: 90, b: 54, pad: 2 } }),
        xaxis: rateAxis(options.quantity ?? 'Accuracy (% of test images)'),
        yaxis: axis('', {
          tickmode: 'array',
          tickvals: labels.map(({ y }) => y),
          ticktext: rows.map(tick),
          range: [-0.6, rows.length - 0.4],
          showgrid: false,
          ticks: '',
        }),
        shapes:
          reference === undefined
            ? []
            : [
                {
                  type: 'line',
                  xref: 'x',
                  yref: 'paper',
                  x0: reference.value,
                  x1: reference.value,
                  y0: 0,
                  y1: 1,
                  layer: 'below',
                  line: { color: PALETTE.vermilion, width: 1.6, dash: 'dash' },
                },
              ],
        annotations:
          reference === undefined
            ? []
            : [
                {
                  xref: 'x',
                  yref: 'paper',
                  x: reference.value,
                  y: 1,
                  yanchor: 'bottom',
                  showarrow: false,
                  text: plainText(reference.label),
                  font: { size: 12, color: PALETTE.vermilion },
                },
              ],
      },
    }),
  };
}
