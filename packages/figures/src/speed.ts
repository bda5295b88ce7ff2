import { OptionsError } from '@janus/core';
import type { Figure } from './figure.js';
import { plainText } from './text.js';
import { axis, layoutOf, PALETTE, SERIES_COLOURS } from './theme.js';

/** One row of {@link speedRatios}: a workload compared with one peer. */
export interface SpeedRow {
  readonly work: string;
  readonly peer: string;
  /** Speed of Janus over that of the peer in each round; above 1, Janus is faster. */
  readonly ratios: readonly number[];
  /** Median of `ratios`. */
  readonly ratio: number;
}

/** Ticks of the logarithmic axis. */
const TICKS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

/** Pixels between the points of a workload's peers. */
const ROW_HEIGHT = 26;

/**
 * Draws how many times as fast Janus is, one point per workload and peer with the range of its rounds, from
 * top to bottom, on a logarithmic axis with a line at 1.
 *
 * @throws OptionsError when `rows` is empty, or a ratio is not above 0
 */
export function speedRatios(
  rows: readonly SpeedRow[],
  options: { readonly title?: string } = {},
): Figure {
  const wrong = rows.find(({ ratio, ratios }) => ![ratio, ...ratios].every((each) => each > 0));
  if (rows.length === 0 || wrong !== undefined) {
    throw new OptionsError(
      `speedRatios: rows must hold at least one ratio above 0, but got ${wrong === undefined ? 'none' : `${wrong.ratio} for ${wrong.work}`}. Measure with peers first.`,
    );
  }
  const works = [...new Set(rows.map(({ work }) => work))];
  const peers = [...new Set(rows.map(({ peer }) => peer))];
  // Peers of one workload follow each other closely, with a gap before the next workload.
  const places = new Map<SpeedRow, number>();
  const middles: number[] = [];
  let next = 0;
  for (const work of works) {
    const mine = rows.filter((row) => row.work === work);
    mine.forEach((row, i) => places.set(row, next - i));
    middles.push(next - (mine.length - 1) / 2);
    next -= mine.length + 0.6;
  }
  // Two or three legend entries fit a row, depending on the page; room is kept for two.
  const legendHeight = 26 * Math.ceil(peers.length / 2);
  const lowest = Math.min(1, ...rows.flatMap(({ ratio, ratios }) => [ratio, ...ratios]));
  const highest = Math.max(1, ...rows.flatMap(({ ratio, ratios }) => [ratio, ...ratios]));
  return {
    data: peers.map((peer, i) => {
      const mine = rows.filter((row) => row.peer === peer);
      const colour = SERIES_COLOURS[i % SERIES_COLOURS.length] ?? PALETTE.blue;
      return {
        type: 'scatter',
        mode: 'markers',
        name: plainText(peer),
        x: mine.map(({ ratio }) => ratio),
        y: mine.map((row) => places.get(row) ?? 0),
        text: mine.map(
          ({ work, ratio, ratios }) =>
            `${plainText(work)}: ${ratio.toFixed(2)} times as fast (${ratios.length} rounds)`,
        ),
        hovertemplate: '%{text}<extra></extra>',
        marker: { color: colour, size: 10 },
        error_x: {
          type: 'data',
          symmetric: false,
          array: mine.map(({ ratio, ratios }) => Math.max(ratio, ...ratios) - ratio),
          arrayminus: mine.map(({ ratio, ratios }) => ratio - Math.min(ratio, ...ratios)),
          color: colour,
          thickness: 2.2,
          width: 5,
        },
      };
    }),
    layout: layoutOf({
      title: options.title ?? 'Speed relative to peers',
      subtitle: 'median and range of the rounds; Janus is faster to the right of 1',
      height: 134 + legendHeight + Math.round(-next * ROW_HEIGHT),
      parts: {
        margin: { l: 64, r: 24, t: 68 + legendHeight, b: 54, pad: 2 },
        xaxis: axis('Times as fast as the peer (logarithmic)', {
          type: 'log',
          range: [Math.log10(lowest * 0.8), Math.log10(highest * 1.25)],
          tickmode: 'array',
          tickvals: TICKS,
          ticktext: TICKS.map(String),
        }),
        yaxis: axis('', {
          tickmode: 'array',
          tickvals: middles,
          // Long names are broken into two lines, to leave room for the plot.
          ticktext: works.map((work) => plainText(work).replace(', ', ',<br>')),
          range: [next + 0.6, 1],
          showgrid: false,
          ticks: '',
        }),
        shapes: [
          {
            type: 'line',
            xref: 'x',
            yref: 'paper',
            x0: 1,
            x1: 1,
            y0: 0,
            y1: 1,
            layer: 'below',
            line: { color: PALETTE.grey, width: 1.6, dash: 'dash' },
          },
        ],
      },
    }),
  };
}
