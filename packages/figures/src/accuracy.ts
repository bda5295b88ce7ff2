import {
  CALIBRATION_BINS,
  calibrationBins,
  countText,
  estimateText,
  expectedCalibrationError,
  OptionsError,
  percentText,
  wilsonInterval,
} from '@janus/core';
import type { ErrorBars, Figure } from './figure.js';
import { plainText } from './text.js';
import { axis, layoutOf, PALETTE, rateAxis, THEMES, withOpacity } from './theme.js';

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

const errorBars = (
  rows: readonly AccuracyRow[],
  look: Readonly<Record<string, unknown>>,
): ErrorBars => ({
  type: 'data',
  symmetric: false,
  array: rows.map((row) => (row.high ?? row.value) - row.value),
  arrayminus: rows.map((row) => row.value - (row.low ?? row.value)),
  ...look,
});

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

/** The predictions that {@link reliabilityDiagram} draws. */
export interface CalibrationData {
  /** Probability of each predicted class, 0 to 1. */
  readonly confidences: readonly number[];
  /** Whether each prediction is correct. */
  readonly correct: readonly boolean[];
}

/**
 * Draws accuracy over confidence with Wilson intervals, the diagonal of a calibrated classifier, and the
 * expected calibration error.
 *
 * @param options `bins`: number of bins of equal width, default {@link CALIBRATION_BINS}
 * @throws OptionsError when the two lists differ in length, are empty, or hold values outside 0 to 1
 */
export function reliabilityDiagram(
  predictions: CalibrationData,
  options: { readonly title?: string; readonly bins?: number } = {},
): Figure {
  const { title = 'Reliability', bins: count = CALIBRATION_BINS } = options;
  const bins = calibrationBins(predictions.confidences, predictions.correct, count);
  const rows = bins.map((bin) => ({
    ...wilsonInterval(Math.round(bin.accuracy * bin.n), bin.n),
    label: '',
    n: bin.n,
  }));
  return {
    data: [
      {
        type: 'scatter',
        mode: 'lines',
        name: 'calibrated',
        x: [0, 1],
        y: [0, 1],
        hoverinfo: 'skip',
        line: { color: PALETTE.grey, width: 1.4, dash: 'dash' },
      },
      {
        type: 'scatter',
        mode: 'lines+markers',
        name: 'this classifier',
        x: bins.map((bin) => bin.confidence),
        y: bins.map((bin) => bin.accuracy),
        text: rows.map((row) => estimateText(row, row.n)),
        hovertemplate: 'confidence %{x:.1%}<br>accuracy %{text}<extra></extra>',
        line: { color: PALETTE.blue, width: 2 },
        marker: { color: PALETTE.blue, size: 8 },
        error_y: errorBars(rows, {
          color: withOpacity(PALETTE.blue, 0.55),
          thickness: 1.6,
          width: 3,
        }),
      },
    ],
    layout: layoutOf({
      title,
      subtitle: `expected calibration error ${percentText(expectedCalibrationError(bins))} in ${count} bins; n = ${countText(predictions.confidences.length)}`,
      height: 440,
      parts: {
        xaxis: rateAxis('Confidence (%)', { range: [0, 1.02] }),
        yaxis: rateAxis('Accuracy (%)', { range: [0, 1.02] }),
      },
    }),
  };
}
