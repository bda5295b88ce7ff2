import { countText, OptionsError, type StepRecord } from '@janus/core';
import type { Figure, Trace } from './figure.js';
import {
  phasesOf,
  placeRecords,
  seriesOf,
  smooth,
  type PlacedRecord,
  type Series,
} from './series.js';
import { thinned } from './thin-series.js';
import { axis, layoutOf, legendAt, PALE, PALETTE, rateAxis, THEMES, withOpacity } from './theme.js';

/** Options of {@link learningCurves} and the figure of GAN losses. */
export interface CurvesOptions {
  /** Default: says what the figure shows. */
  readonly title?: string;
  /**
   * Weight of the exponential moving average, from 0 (none) to below 1. Default: 0 for up to 60 points, else
   * one that averages over a fiftieth of them. The raw curve stays visible behind it.
   */
  readonly smoothing?: number;
}

const MAX_UNSMOOTHED_POINTS = 60;

const PHASE_NAMES: Readonly<Record<string, string>> = {
  head: 'head',
  'fine-tune': 'fine-tuning',
  cyclegan: 'CycleGAN',
};

/** Returns the default weight of the moving average for a curve with this many points. */
export function smoothingFor(points: number): number {
  if (points <= MAX_UNSMOOTHED_POINTS) return 0;
  return Math.min(0.98, 1 - 50 / points);
}

/** Options of {@link curveTraces}. */
export interface CurveLook {
  readonly name: string;
  /** `#rrggbb`. */
  readonly colour: string;
  /** Plotly's name of the axis: `y`, `y2`. */
  readonly yaxis: string;
  /** Plotly's name of the legend; default `legend`. */
  readonly legend?: string;
  /** Weight of the moving average, from 0 to below 1; default {@link smoothingFor}. */
  readonly smoothing?: number | undefined;
  /** Default `solid`. */
  readonly dash?: 'solid' | 'dash' | 'dot';
  /** Marks each point; default false. */
  readonly markers?: boolean;
  /** Default true. */
  readonly showlegend?: boolean;
}

/**
 * Draws a curve as one trace or, when it is smoothed, as two: the pale raw curve, then the smoothed one. A long curve is
 * thinned, after it was smoothed.
 *
 * @throws OptionsError when the smoothing is not from 0 to below 1
 */
export function curveTraces(series: Series, look: CurveLook): readonly Trace[] {
  const weight = look.smoothing ?? smoothingFor(series.x.length);
  if (!(weight >= 0 && weight < 1)) {
    throw new OptionsError(
      `learningCurves: smoothing must be from 0 to below 1, but got ${weight}. Leave it out for the default.`,
    );
  }
  if (series.x.length === 0) return [];
  const shown = thinned(weight === 0 ? series : { ...series, y: smooth(series.y, weight) });
  const trace: Trace = {
    type: 'scatter',
    mode: look.markers === true ? 'lines+markers' : 'lines',
    name: look.name,
    legend: look.legend ?? 'legend',
    legendgroup: look.name,
    showlegend: look.showlegend ?? true,
    x: shown.x,
    y: shown.y,
    line: { color: look.colour, width: 2.2, dash: look.dash ?? 'solid' },
    marker: { color: look.colour, size: 6 },
    yaxis: look.yaxis,
  };
  if (weight === 0) return [trace];
  const behind = thinned(series);
  const raw: Trace = {
    ...trace,
    name: `${look.name}, raw`,
    x: behind.x,
    y: behind.y,
    mode: 'lines',
    showlegend: false,
    hoverinfo: 'skip',
    line: { color: withOpacity(look.colour, PALE), width: 1 },
  };
  return [raw, trace];
}

/** Returns the main loss of a record: `loss`, else `total`, else the first one. */
export function mainLoss(record: StepRecord): number | undefined {
  return record.losses['loss'] ?? record.losses['total'] ?? Object.values(record.losses)[0];
}

/** Returns the records of training: those of steps where there are any, else those of epochs. */
function trainRecords(placed: readonly PlacedRecord[]): readonly PlacedRecord[] {
  const train = placed.filter(({ record }) => record.split !== 'validation');
  const steps = train.filter(({ record }) => record.kind === 'step');
  return steps.length > 0 ? steps : train;
}

/**
 * Draws loss and accuracy over the updates, for training and validation, with a line between the phases
 * (training the head, fine-tuning).
 *
 * @param records of one run, as its `metrics.jsonl` holds them
 * @throws OptionsError when `records` is empty, or the smoothing is not from 0 to below 1
 */
export function learningCurves(
  records: readonly StepRecord[],
  options: CurvesOptions = {},
): Figure {
  if (records.length === 0) {
    throw new OptionsError(
      'learningCurves: records must hold at least one step, but got none. Read metrics.jsonl of a run that has begun.',
    );
  }
  const placed = placeRecords(records);
  const train = trainRecords(placed);
  const validation = placed.filter(({ record }) => record.split === 'validation');
  const accuracyOf = (record: StepRecord): number | undefined => record.metrics?.['accuracy'];
  const trainAccuracy = seriesOf(train, accuracyOf);
  // Where steps have no accuracy, the training records of epochs may have one.
  const trainAccuracyOrEpochs =
    trainAccuracy.x.length > 0
      ? trainAccuracy
      : seriesOf(
          placed.filter(({ record }) => record.split !== 'validation'),
          accuracyOf,
        );
  const trainLook = {
    name: 'train',
    colour: PALETTE.blue,
    smoothing: options.smoothing,
    markers: train.length <= 30,
  };
  const validationLook = {
    name: 'validation',
    colour: PALETTE.orange,
    smoothing: 0,
    markers: validation.length <= 60,
  };
  const accuracy = [
    ...curveTraces(trainAccuracyOrEpochs, { ...trainLook, yaxis: 'y2', showlegend: false }),
    ...curveTraces(seriesOf(validation, accuracyOf), {
      ...validationLook,
      yaxis: 'y2',
      showlegend: false,
    }),
  ];
  const both = accuracy.length > 0;
  const phases = phasesOf(placed);
  const last = placed.at(-1)?.x ?? 0;
  // A linear head is fitted once per penalty, not by updates.
  const areFits = records.every((record) => record.metrics?.['penalty'] !== undefined);
  return {
    data: [
      ...curveTraces(seriesOf(train, mainLoss), { ...trainLook, yaxis: 'y' }),
      ...curveTraces(seriesOf(validation, mainLoss), { ...validationLook, yaxis: 'y' }),
      ...accuracy,
    ],
    layout: layoutOf({
      title: options.title ?? (areFits ? 'Fits of the linear head' : 'Learning curves'),
      subtitle: `${countText(last)} ${areFits ? 'ridge penalties' : 'updates'}${phases.length > 1 ? `, ${phases.length} phases` : ''}`,
      height: both ? 520 : 360,
      parts: {
        legend: legendAt('right'),
        xaxis: axis(
          areFits ? 'Fits, from a strong penalty to a weak one' : 'Updates (batches seen)',
          {
            anchor: both ? 'y2' : 'y',
            rangemode: 'tozero',
          },
        ),
        yaxis: axis('Loss (nats)', {
          domain: both ? [0.55, 1] : [0, 1],
          rangemode: 'tozero',
        }),
        ...(both
          ? {
              yaxis2: rateAxis('Accuracy (%)', {
                domain: [0, 0.45],
                autorangeoptions: { maxallowed: 1.004 },
              }),
            }
          : {}),
        shapes: phases.slice(1).map((phase) => ({
          type: 'line',
          xref: 'x',
          yref: 'paper',
          x0: phase.from,
          x1: phase.from,
          y0: 0,
          y1: 1,
          line: { color: THEMES.light.mutedText, width: 1.2, dash: 'dot' },
        })),
        annotations:
          phases.length < 2
            ? []
            : phases.map((phase, i) => ({
                xref: 'x',
                yref: 'paper',
                x: i === 0 ? 0 : phase.from,
                y: 1,
                xanchor: 'left',
                yanchor: 'bottom',
                xshift: i === 0 ? 0 : 6,
                showarrow: false,
                text: PHASE_NAMES[phase.name] ?? phase.name,
                font: { size: 12, color: THEMES.light.mutedText },
              })),
      },
    }),
  };
}
