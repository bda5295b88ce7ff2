import { OptionsError } from '@janus/core';
import type { Figure } from './figure.js';
import { plainText } from './text.js';
import { axis, layoutOf, PALETTE } from './theme.js';

/** An update of a sweep. */
export interface RatePoint {
  readonly learningRate: number;
  /** Smoothed, nats. */
  readonly loss: number;
}

/** Options of {@link rateSweepFigure}. */
export interface RateSweepOptions {
  /** Default `Loss over the learning rate`. */
  readonly title?: string;
  /** The rate that is marked; default none. */
  readonly suggestion?: number;
}

/**
 * Draws the smoothed loss of a sweep over the learning rate, on a logarithmic axis, with the suggestion as a vertical line.
 *
 * @throws OptionsError when there are fewer than two points
 */
export function rateSweepFigure(
  points: readonly RatePoint[],
  options: RateSweepOptions = {},
): Figure {
  const { title = 'Loss over the learning rate', suggestion } = options;
  if (points.length < 2) {
    throw new OptionsError(
      `rateSweepFigure: needs at least two points, but got ${points.length}. Sweep more updates.`,
    );
  }
  const named =
    suggestion === undefined ? '' : `; dashed: the suggestion, ${suggestion.toPrecision(2)}`;
  return {
    data: [
      {
        type: 'scatter',
        mode: 'lines',
        name: 'training loss',
        x: points.map(({ learningRate }) => learningRate),
        y: points.map(({ loss }) => loss),
        line: { color: PALETTE.blue, width: 2 },
      },
    ],
    layout: layoutOf({
      title: plainText(title),
      subtitle: `training loss of each update, smoothed${named}`,
      parts: {
        showlegend: false,
        xaxis: axis('Learning rate', { type: 'log', exponentformat: 'power', dtick: 1 }),
        yaxis: axis('Loss (nats)'),
        shapes:
          suggestion === undefined
            ? []
            : [
                {
                  type: 'line',
                  xref: 'x',
                  yref: 'paper',
                  x0: suggestion,
                  x1: suggestion,
                  y0: 0,
                  y1: 1,
                  layer: 'below',
                  line: { color: PALETTE.grey, width: 1.4, dash: 'dash' },
                },
              ],
      },
    }),
  };
}
