import { countText, intervalText, OptionsError, type Interval } from '@janus/core';
import type { Figure } from './figure.js';
import { plainText } from './text.js';
import { axis, layoutOf, PALETTE, rateAxis, SERIES_COLOURS } from './theme.js';

/** One point of {@link probeFigure}: a linear classifier on the features of one block. */
export interface ProbePoint {
  /** The block, such as `block4`. */
  readonly cut: string;
  readonly pooling: string;
  readonly normalisation: string;
  /** 0 to 1, with its 95 % interval. */
  readonly balancedAccuracy: Interval;
}

/** Options of {@link probeFigure}. */
export interface ProbeFigureOptions {
  /** Default `Linear probes`. */
  readonly title?: string;
  /** The blocks in the order of the network, from left to right. */
  readonly cuts: readonly string[];
  /** Number of classes, at least 2: the line of chance is at its inverse. */
  readonly classes: number;
  /** Images that were probed. */
  readonly n: number;
}

/** Distance between the lines at one block, of the distance between blocks: intervals must not overlap. */
const SHIFT = 0.07;

/** Legend entries that fit beside each other. */
const LEGEND_COLUMNS = 2;

/** How a normalisation is drawn; the colour says the pooling. */
const STYLES = [
  { dash: 'solid', symbol: 'circle' },
  { dash: 'dot', symbol: 'square-open' },
] as const;

/**
 * Draws the balanced accuracy of linear probes over the blocks of a backbone with 95 % intervals: a line for
 * each pooling and normalisation, and the line of chance.
 *
 * @throws OptionsError when there are no points, or a point's block is not among the blocks
 */
export function probeFigure(points: readonly ProbePoint[], options: ProbeFigureOptions): Figure {
  const { title = 'Linear probes', cuts, classes, n } = options;
  const unknown = points.find(({ cut }) => !cuts.includes(cut));
  if (points.length === 0 || unknown !== undefined) {
    throw new OptionsError(
      `probeFigure: points must be of the blocks ${cuts.join(', ')}, but got ${unknown?.cut ?? 'none'}. Pass the rows of one probe.`,
    );
  }
  const poolings = [...new Set(points.map(({ pooling }) => pooling))].sort(byLength);
  const normalisations = [...new Set(points.map(({ normalisation }) => normalisation))].sort();
  const lines = poolings.flatMap((pooling, p) =>
    normalisations.flatMap((normalisation, s) => {
      const own = points
        .filter((each) => each.pooling === pooling && each.normalisation === normalisation)
        .sort((a, b) => cuts.indexOf(a.cut) - cuts.indexOf(b.cut));
      const colour = SERIES_COLOURS[p % SERIES_COLOURS.length] ?? PALETTE.blue;
      const style = STYLES[s % STYLES.length] ?? STYLES[0];
      return own.length === 0 ? [] : [{ name: `${pooling}, ${normalisation}`, own, colour, style }];
    }),
  );
  const legendHeight = 26 * Math.ceil(lines.length / LEGEND_COLUMNS);
  const chance = 1 / classes;
  return {
    data: lines.map(({ name, own, colour, style }, i) => ({
      type: 'scatter',
      mode: 'lines+markers',
      name: plainText(name),
      x: own.map(({ cut }) => cuts.indexOf(cut) + SHIFT * (i - (lines.length - 1) / 2)),
      y: own.map(({ balancedAccuracy }) => balancedAccuracy.value),
      text: own.map(
        ({ cut, balancedAccuracy }) => `${plainText(cut)}: ${intervalText(balancedAccuracy)}`,
      ),
      hovertemplate: '%{text}<extra>%{fullData.name}</extra>',
      line: { color: colour, width: 1.8, dash: style.dash },
      marker: { color: colour, size: 8, symbol: style.symbol },
      error_y: {
        type: 'data',
        symmetric: false,
        array: own.map(({ balancedAccuracy: { high, value } }) => high - value),
        arrayminus: own.map(({ balancedAccuracy: { low, value } }) => value - low),
        color: colour,
        thickness: 1.4,
        width: 3,
      },
    })),
    layout: layoutOf({
      title: plainText(title),
      subtitle: `balanced accuracy and 95 % interval; n = ${countText(n)} images; dashed: chance`,
      height: 380 + legendHeight,
      parts: {
        margin: { l: 64, r: 24, t: 68 + legendHeight, b: 54, pad: 2 },
        xaxis: axis('Block after which features are taken', {
          tickmode: 'array',
          tickvals: cuts.map((_, i) => i),
          ticktext: cuts.map(plainText),
          range: [-0.5, cuts.length - 0.5],
          showgrid: false,
        }),
        yaxis: rateAxis('Balanced accuracy (%)'),
        shapes: [
          {
            type: 'line',
            xref: 'paper',
            yref: 'y',
            x0: 0,
            x1: 1,
            y0: chance,
            y1: chance,
            layer: 'below',
            line: { color: PALETTE.grey, width: 1.4, dash: 'dash' },
          },
        ],
      },
    }),
  };
}

/** Shorter names first: the poolings that keep less. */
const byLength = (a: string, b: string): number => a.length - b.length || (a < b ? -1 : 1);
