import { intervalText, OptionsError, percentText, type Interval } from '@janus/core';
import type { Figure } from './figure.js';
import { plainText } from './text.js';
import { axis, layoutOf, PALETTE, rateAxis } from './theme.js';

/** One row of {@link sweepFigure}. */
export interface SweepBar {
  /** Its number in the table. */
  readonly row: number;
  readonly name: string;
  /** Accuracy in the paper, 0 to 1; null where there is none. */
  readonly paper: number | null;
  /** 0 to 1, with its 95 % interval and the images that it was measured on. */
  readonly ours: Interval & { readonly n: number };
}

/** Options of {@link sweepFigure}. */
export interface SweepFigureOptions {
  /** Default `Rows of the table`. */
  readonly title?: string;
  /** Accuracy of always naming the commonest class, 0 to 1: a dashed line; default none. */
  readonly majority?: number;
}

/**
 * Draws the accuracies of a table's rows as bars with 95 % intervals, from top to bottom, and the paper's beside them as
 * diamonds.
 *
 * @throws OptionsError when there are no rows
 */
export function sweepFigure(rows: readonly SweepBar[], options: SweepFigureOptions = {}): Figure {
  const { title = 'Rows of the table', majority } = options;
  if (rows.length === 0) {
    throw new OptionsError('sweepFigure: needs a row, but got none. Finish a row of the sweep.');
  }
  const places = rows.map((row, i) => ({ row, y: rows.length - 1 - i }));
  const ofPaper = places.flatMap(({ row, y }) =>
    row.paper === null ? [] : [{ y, value: row.paper }],
  );
  const counts = [...new Set(rows.map(({ ours }) => ours.n))].join(', ');
  return {
    data: [
      {
        type: 'bar',
        orientation: 'h',
        name: 'ours',
        x: rows.map(({ ours }) => ours.value),
        y: places.map(({ y }) => y),
        text: rows.map(({ ours }) => intervalText(ours)),
        textposition: 'none',
        hovertemplate: '%{text}<extra>ours</extra>',
        marker: { color: PALETTE.blue },
        error_x: {
          type: 'data',
          symmetric: false,
          array: rows.map(({ ours: { high, value } }) => high - value),
          arrayminus: rows.map(({ ours: { low, value } }) => value - low),
          color: PALETTE.grey,
          thickness: 1.8,
          width: 4,
        },
      },
      ...(ofPaper.length === 0
        ? []
        : [
            {
              type: 'scatter' as const,
              mode: 'markers',
              name: 'the paper (other images)',
              x: ofPaper.map(({ value }) => value),
              y: ofPaper.map(({ y }) => y),
              text: ofPaper.map(({ value }) => percentText(value)),
              hovertemplate: '%{text}<extra>the paper</extra>',
              marker: { color: PALETTE.orange, size: 10, symbol: 'diamond' },
            },
          ]),
    ],
    layout: layoutOf({
      title: plainText(title),
      subtitle: `accuracy and 95 % interval, n = ${counts}${majority === undefined ? '' : `; dashed: the commonest class, ${percentText(majority)}`}`,
      height: 170 + 30 * rows.length,
      parts: {
        xaxis: rateAxis('Accuracy (% of test images)', { range: [0, 1] }),
        yaxis: axis('', {
          tickmode: 'array',
          tickvals: places.map(({ y }) => y),
          ticktext: rows.map(({ row, name }) => plainText(`${row}: ${name}`)),
          range: [-0.6, rows.length - 0.4],
          showgrid: false,
          ticks: '',
        }),
        shapes:
          majority === undefined
            ? []
            : [
                {
                  ...{ type: 'line', xref: 'x', yref: 'paper' },
                  ...{ x0: majority, x1: majority, y0: 0, y1: 1 },
                  line: { color: PALETTE.vermilion, width: 1.4, dash: 'dash' },
                },
              ],
      },
    }),
  };
}
