import { countText, OptionsError, type StepRecord } from '@janus/core';
import type { Figure } from './figure.js';
import { curveTraces } from './learning-curves.js';
import { placeRecords, seriesOf } from './series.js';
import { axis, layoutOf, PALETTE } from './theme.js';

/**
 * Draws the learning rate over the updates.
 *
 * @param records of one run, as its `metrics.jsonl` holds them
 * @throws OptionsError when `records` is empty
 */
export function learningRates(records: readonly StepRecord[]): Figure {
  const placed = placeRecords(records);
  const last = placed.at(-1);
  if (last === undefined) {
    throw new OptionsError(
      'learningRates: records must hold at least one step, but got none. Read metrics.jsonl of a run that has begun.',
    );
  }
  return {
    data: curveTraces(
      seriesOf(placed, ({ learningRate }) => learningRate),
      { name: 'learning rate', colour: PALETTE.green, yaxis: 'y', smoothing: 0, showlegend: false },
    ),
    layout: layoutOf({
      title: 'Learning rate',
      subtitle: `${last.record.learningRate.toPrecision(3)} after ${countText(last.x)} updates`,
      height: 260,
      parts: {
        showlegend: false,
        xaxis: axis('Updates (batches seen)', { rangemode: 'tozero' }),
        yaxis: axis('Learning rate', { rangemode: 'tozero', exponentformat: 'power' }),
      },
    }),
  };
}
