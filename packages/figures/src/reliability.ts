import {
  CALIBRATION_BINS,
  calibrationBins,
  countText,
  estimateText,
  expectedCalibrationError,
  percentText,
  wilsonInterval,
  type CalibrationBin,
  type CalibrationRecord,
} from '@janus/core';
import type { Figure, Trace } from './figure.js';
import { errorBars } from './marks.js';
import { plainText } from './text.js';
import { axis, layoutOf, legendAt, PALETTE, rateAxis, withOpacity } from './theme.js';

/** Predictions, from which {@link reliabilityDiagram} makes bins. */
export interface CalibrationData {
  /** Probability of each predicted class, 0 to 1. */
  readonly confidences: readonly number[];
  /** Whether each prediction is correct. */
  readonly correct: readonly boolean[];
}

/** Bins with their error, as an evaluation holds them. */
export type CalibrationOfBins = Pick<
  CalibrationRecord,
  'bins' | 'error' | 'temperature' | 'before'
>;

/** Options of {@link reliabilityDiagram}. */
export interface ReliabilityOptions {
  /** Default `Reliability`. */
  readonly title?: string;
  /** Number of bins of equal width from 0 to 1; default {@link CALIBRATION_BINS}, those of an evaluation. */
  readonly bins?: number;
}

/** Shares of the height: the curve above, the histogram beneath. */
const CURVE = [0.3, 1] as const;
const HISTOGRAM = [0, 0.2] as const;

/** Returns the centre of the bin that a mean confidence falls into: `(low, high]`. */
const centreOf = ({ confidence }: CalibrationBin, count: number): number =>
  (Math.max(1, Math.min(count, Math.ceil(confidence * count - 1e-9))) - 0.5) / count;

function subtitleOf(
  { error, temperature, before }: CalibrationOfBins,
  { count, n }: { readonly count: number; readonly n: number },
): string {
  const found = `expected calibration error ${percentText(error)} in ${count} bins, n = ${countText(n)}`;
  if (temperature === undefined) return found;
  const was = before === undefined ? '' : `; without it ${percentText(before.error)}`;
  return `${found}<br>temperature ${temperature.value.toFixed(2)}, fitted on ${countText(temperature.n)} ${plainText(temperature.split)} images${was}`;
}

function curveOf(bins: readonly CalibrationBin[]): Trace {
  const rows = bins.map((bin) => ({
    ...wilsonInterval(Math.round(bin.accuracy * bin.n), bin.n),
    n: bin.n,
  }));
  return {
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
      ...{ color: withOpacity(PALETTE.blue, 0.55), thickness: 1.6, width: 3 },
    }),
  };
}

/** Returns the curve of the network's own probabilities, pale and without intervals. */
function uncorrectedCurve({ before }: CalibrationOfBins): readonly Trace[] {
  if (before === undefined) return [];
  return [
    {
      type: 'scatter',
      mode: 'lines+markers',
      name: 'without the temperature',
      x: before.bins.map(({ confidence }) => confidence),
      y: before.bins.map(({ accuracy }) => accuracy),
      hovertemplate: 'confidence %{x:.1%}<br>accuracy %{y:.1%}<extra></extra>',
      line: { color: PALETTE.orange, width: 1.4, dash: 'dot' },
      marker: { color: PALETTE.orange, size: 6, symbol: 'circle-open' },
    },
  ];
}

/**
 * Draws accuracy over confidence with Wilson intervals and the diagonal of a calibrated classifier, and beneath it how
 * many predictions have that confidence. The line below the title tells the expected calibration error, and the temperature
 * where one was fitted; the curve without it is dotted.
 *
 * @param calibration that of an evaluation, or the predictions themselves
 * @throws OptionsError when lists of predictions differ in length, are empty, or hold values outside 0 to 1
 * Source: Guo et al. 2017, section 2, arXiv 1706.04599.
 */
export function reliabilityDiagram(
  calibration: CalibrationOfBins | CalibrationData,
  options: ReliabilityOptions = {},
): Figure {
  const { title = 'Reliability', bins: count = CALIBRATION_BINS } = options;
  const found = 'confidences' in calibration ? binned(calibration, count) : calibration;
  const { bins } = found;
  const n = bins.reduce((sum, bin) => sum + bin.n, 0);
  // Of two classes, the likelier one always has more than a half: no empty space to the left.
  const centres = [...bins, ...(found.before?.bins ?? [])].map((bin) => centreOf(bin, count));
  const lowest = Math.max(0, Math.min(...centres) - 0.5 / count);
  const range = [lowest - 0.02 * (1 - lowest), 1 + 0.02 * (1 - lowest)];
  return {
    data: [
      {
        type: 'scatter',
        mode: 'lines',
        name: 'calibrated',
        showlegend: false,
        x: [0, 1],
        y: [0, 1],
        hoverinfo: 'skip',
        line: { color: PALETTE.grey, width: 1.4, dash: 'dash' },
      },
      ...uncorrectedCurve(found),
      curveOf(bins),
      {
        type: 'bar',
        name: 'predictions',
        showlegend: false,
        yaxis: 'y2',
        x: bins.map((bin) => centreOf(bin, count)),
        y: bins.map((bin) => bin.n),
        width: bins.map(() => 0.92 / count),
        text: bins.map((bin) => countText(bin.n)),
        textposition: 'auto',
        textangle: 0,
        cliponaxis: false,
        hovertemplate: '%{text} predictions<extra></extra>',
        marker: { color: PALETTE.blue },
      },
    ],
    layout: layoutOf({
      title: plainText(title),
      subtitle: subtitleOf(found, { count, n }),
      height: 520,
      parts: {
        // In the corner that a classifier better than chance leaves empty: above the plot it would wrap into the subtitle.
        legend: {
          ...legendAt('left'),
          ...{ orientation: 'v', x: 0.99, xanchor: 'right', y: CURVE[0] + 0.02 },
        },
        xaxis: rateAxis('Confidence (%)', { range, anchor: 'y2' }),
        yaxis: rateAxis('Accuracy (%)', { range: [-0.02, 1.02], domain: CURVE }),
        yaxis2: axis('Count', { domain: HISTOGRAM, rangemode: 'tozero', nticks: 3 }),
      },
    }),
  };
}

function binned({ confidences, correct }: CalibrationData, count: number): CalibrationOfBins {
  const bins = calibrationBins(confidences, correct, count);
  return { bins, error: expectedCalibrationError(bins) };
}
