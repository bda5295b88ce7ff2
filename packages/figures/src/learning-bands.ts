import { countText, OptionsError, type StepRecord } from '@janus/core';
import type { Figure, Trace } from './figure.js';
import { mainLoss, smoothingFor, type CurvesOptions } from './learning-curves.js';
import { referenceLine } from './marks.js';
import { bandTraces, type BandLook } from './seed-band.js';
import {
  phasesOf,
  placeRecords,
  seriesOf,
  smooth,
  type PlacedRecord,
  type Series,
} from './series.js';
import { plainText } from './text.js';
import { axis, layoutOf, legendAt, PALETTE, rateAxis } from './theme.js';

/** The curves of a run. */
interface RunCurves {
  readonly trainLoss: Series;
  readonly validationLoss: Series;
  readonly trainAccuracy: Series;
  readonly validationAccuracy: Series;
}

const accuracyOf = (record: StepRecord): number | undefined => record.metrics?.['accuracy'];

function smoothed(series: Series, weight: number | undefined): Series {
  const by = weight ?? smoothingFor(series.x.length);
  return by === 0 ? series : { x: series.x, y: smooth(series.y, by) };
}

function curvesOf(placed: readonly PlacedRecord[], weight: number | undefined): RunCurves {
  const [train, validation] = [
    placed.filter(({ record }) => record.split !== 'validation'),
    placed.filter(({ record }) => record.split === 'validation'),
  ];
  const steps = train.filter(({ record }) => record.kind === 'step');
  const trained = steps.length > 0 ? steps : train;
  const accuracy = seriesOf(trained, accuracyOf);
  return {
    trainLoss: smoothed(seriesOf(trained, mainLoss), weight),
    validationLoss: seriesOf(validation, mainLoss),
    // Where steps have no accuracy, the training records of epochs may have one.
    trainAccuracy: smoothed(accuracy.x.length > 0 ? accuracy : seriesOf(train, accuracyOf), weight),
    validationAccuracy: seriesOf(validation, accuracyOf),
  };
}

/**
 * Draws loss and accuracy over the updates of several runs that differ by their seed: the mean of the runs as a line, their range as
 * an area, each run pale. Where runs ended at different updates, mean and range end with the first.
 *
 * @param runs the records of each, as its `metrics.jsonl` holds them
 * @throws OptionsError when there is no run, or one without records
 */
export function learningBands(
  runs: readonly (readonly StepRecord[])[],
  options: CurvesOptions = {},
): Figure {
  if (runs.length === 0 || runs.some((records) => records.length === 0)) {
    throw new OptionsError(
      `learningBands: needs at least one run, each with records, but got ${runs.length} with ${runs.map(({ length }) => length).join(', ')}. Leave out runs that have not begun.`,
    );
  }
  const placed = runs.map(placeRecords);
  const curves = placed.map((each) => curvesOf(each, options.smoothing));
  const draw = (of: keyof RunCurves, look: Omit<BandLook, 'name' | 'colour'>): readonly Trace[] => {
    const isTrain = of.startsWith('train');
    return bandTraces(
      curves.map((each) => each[of]),
      {
        name: isTrain ? 'train' : 'validation',
        colour: isTrain ? PALETTE.blue : PALETTE.orange,
        ...look,
      },
    );
  };
  const accuracy = [
    ...draw('trainAccuracy', { yaxis: 'y2', showlegend: false }),
    ...draw('validationAccuracy', { yaxis: 'y2', showlegend: false }),
  ];
  const both = accuracy.length > 0;
  const phases = phasesOf(placed[0] ?? []);
  const last = Math.max(...placed.map((each) => each.at(-1)?.x ?? 0));
  return {
    data: [
      ...draw('trainLoss', { yaxis: 'y' }),
      ...draw('validationLoss', { yaxis: 'y' }),
      ...accuracy,
    ],
    layout: layoutOf({
      title: plainText(options.title ?? 'Learning curves'),
      subtitle: `${seedsText(runs.length)}, ${countText(last)} updates`,
      height: both ? 520 : 360,
      parts: {
        legend: legendAt('right'),
        xaxis: axis('Updates (batches seen)', { anchor: both ? 'y2' : 'y', rangemode: 'tozero' }),
        yaxis: axis('Loss (nats)', { domain: both ? [0.55, 1] : [0, 1], rangemode: 'tozero' }),
        ...(both
          ? {
              yaxis2: rateAxis('Accuracy (%)', {
                domain: [0, 0.45],
                autorangeoptions: { maxallowed: 1.004 },
              }),
            }
          : {}),
        shapes: phases
          .slice(1)
          .map(({ from }) => referenceLine({ axis: 'x', at: from, dash: 'dot' })),
      },
    }),
  };
}

/** Returns what lines and areas of a figure over seeds are. */
export function seedsText(runs: number): string {
  return runs === 1
    ? 'one run'
    : `mean and range of ${runs} runs of different seeds, each run pale`;
}
