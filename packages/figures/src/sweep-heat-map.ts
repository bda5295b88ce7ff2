import { countText, OptionsError, percentText, type Interval } from '@janus/core';
import type { Figure } from './figure.js';
import { plainText } from './text.js';
import { axis, layoutOf, THEMES } from './theme.js';

/** A run of a sweep over two options. */
export interface SweepCell {
  /** Value of the option that the columns differ in. */
  readonly column: string;
  /** Value of the option that the rows differ in. */
  readonly row: string;
  /** 0 to 1, with its 95 % interval. */
  readonly accuracy: Interval;
  /** Images that it was measured on. */
  readonly n: number;
}

/** Options of {@link sweepHeatMap}. */
export interface SweepHeatMapOptions {
  /** Default `Sweep`. */
  readonly title?: string;
  /** The options, for the axes: `Learning rate`, `Dropout`. */
  readonly axes: { readonly column: string; readonly row: string };
  /** What the colour is; default `accuracy`. */
  readonly quantity?: string;
}

/** Lightest colour that is a cell, not the background. */
const LIGHTEST = '#d9e7f5';

/**
 * Draws a rate over two options as a heat map, from the lowest to the highest rate: each cell has its value and interval. Columns
 * go from left to right and rows from top to bottom in the order in which they first occur; combinations that were not run
 * are empty.
 *
 * @throws OptionsError when there are no cells, or two of the same options
 */
export function sweepHeatMap(cells: readonly SweepCell[], options: SweepHeatMapOptions): Figure {
  const { title = 'Sweep', axes, quantity = 'accuracy' } = options;
  const key = ({ column, row }: Pick<SweepCell, 'column' | 'row'>): string =>
    JSON.stringify([column, row]);
  const byKey = new Map(cells.map((cell) => [key(cell), cell]));
  if (cells.length === 0 || byKey.size < cells.length) {
    throw new OptionsError(
      `sweepHeatMap: cells must be of different options, at least one, but got ${cells.length} of ${byKey.size} combinations. Choose two options that tell the runs apart.`,
    );
  }
  const columns = [...new Set(cells.map(({ column }) => column))];
  const rows = [...new Set(cells.map(({ row }) => row))];
  const grid = rows.map((row) => columns.map((column) => byKey.get(key({ column, row }))));
  const values = cells.map(({ accuracy }) => accuracy.value);
  const [lowest, highest] = [Math.min(...values), Math.max(...values)];
  const counts = [...new Set(cells.map(({ n }) => n))].map(countText).join(', ');
  const points = ({ low, high }: Interval): string =>
    `${(100 * low).toFixed(1)}–${(100 * high).toFixed(1)}`;
  return {
    data: [
      {
        type: 'heatmap',
        x: columns.map(plainText),
        y: rows.map(plainText),
        z: grid.map((line) => line.map((cell) => cell?.accuracy.value ?? null)),
        text: grid.map((line) =>
          line.map((cell) =>
            cell === undefined
              ? ''
              : `${percentText(cell.accuracy.value)}<br>${points(cell.accuracy)}`,
          ),
        ),
        texttemplate: '%{text}',
        textfont: { size: columns.length > 6 ? 10 : 12.5 },
        hovertemplate: `%{x}, %{y}: %{text}<extra></extra>`,
        hoverongaps: false,
        zmin: lowest,
        zmax: highest > lowest ? highest : lowest + 0.01,
        colorscale: [
          [0, LIGHTEST],
          [1, THEMES.light.heat[1]],
        ],
        showscale: false,
        ...{ xgap: 3, ygap: 3 },
      },
    ],
    layout: layoutOf({
      title: plainText(title),
      subtitle: `${plainText(quantity)} and 95 % interval, n = ${counts}; colours from ${percentText(lowest)} to ${percentText(highest)}`,
      height: Math.min(1200, 160 + 58 * rows.length),
      parts: {
        showlegend: false,
        xaxis: axis(plainText(axes.column), {
          ...{ type: 'category', showgrid: false, showline: false, ticks: '' },
        }),
        yaxis: axis(plainText(axes.row), {
          ...{ type: 'category', autorange: 'reversed' },
          ...{ showgrid: false, showline: false, ticks: '' },
        }),
      },
    }),
  };
}
