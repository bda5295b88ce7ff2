import { countText, OptionsError, percentText } from '@janus/core';
import type { FunnelStep } from './data-set.js';
import type { DistributionOptions } from './distributions.js';
import type { Figure, Trace } from './figure.js';
import { plainText } from './text.js';
import { layoutOf, PALETTE, THEMES, withOpacity } from './theme.js';

/** Height of all rows of the source, in pixels: the unit of the drawing's y axis. */
const SOURCE_HEIGHT = 200;

/** Pixels between the stream and the first reason, between reasons, and of a line of text. */
const [BELOW, BETWEEN, LINE] = [26, 6, 18] as const;

/** Width of a bar, of the distance between columns. */
const BAR = 0.03;

/** Reasons of a step that are drawn; the rest are summed up. */
const MOST_REASONS = 10;

/** Opacity of streams, below that of the bars at their ends. */
const STREAM = 0.35;

/** A stream from one bar to another: heights of its upper edge, and its thickness. */
interface Stream {
  readonly column: number;
  readonly from: number;
  readonly to: number;
  readonly thickness: number;
  readonly colour: string;
  readonly label: string;
}

/** Rows that a rule removed. */
interface Removed {
  readonly reason: string;
  readonly n: number;
}

function reasonsOf({ reasons }: FunnelStep): readonly Removed[] {
  const sorted = Object.entries(reasons)
    .filter(([, n]) => n > 0)
    .sort((a, b) => b[1] - a[1])
    .map(([reason, n]) => ({ reason, n }));
  const rest = sorted.slice(MOST_REASONS);
  if (rest.length < 2) return sorted;
  const n = rest.reduce((sum, each) => sum + each.n, 0);
  return [...sorted.slice(0, MOST_REASONS), { reason: `${rest.length} other reasons`, n }];
}

/**
 * Returns the streams of all steps. Those that are removed by the last step lie highest, right below the rows in use, so that no stream
 * crosses the name of an earlier one.
 */
function streamsOf(steps: readonly FunnelStep[], source: number): readonly Stream[] {
  const height = (n: number): number => (SOURCE_HEIGHT * n) / source;
  const streams: Stream[] = [];
  let place = SOURCE_HEIGHT + BELOW;
  for (const [column, step] of [...steps.entries()].reverse()) {
    let from = height(step.rows);
    for (const { reason, n } of reasonsOf(step)) {
      const thickness = height(n);
      const label = `${plainText(reason)}: ${countText(n)} (${percentText(n / source)})`;
      streams.push({ ...{ column, from, to: place, thickness, label }, colour: PALETTE.orange });
      from += thickness;
      place += Math.max(thickness, LINE) + BETWEEN;
    }
    streams.push({
      ...{ column, from: 0, to: 0, thickness: height(step.rows), colour: PALETTE.blue },
      label: `${countText(step.rows)} (${percentText(step.rows / source)})`,
    });
  }
  return streams;
}

/** Returns the outline of a stream: level at both ends. */
function streamShape({
  column,
  from,
  to,
  thickness,
  colour,
}: Stream): Readonly<Record<string, unknown>> {
  const [x0, x1, middle] = [column + BAR, column + 1, column + (1 + BAR) / 2];
  const [low0, low1] = [-from - thickness, -to - thickness];
  return {
    ...{ type: 'path', xref: 'x', yref: 'y', layer: 'below', line: { width: 0 } },
    path: `M ${x0},${-from} C ${middle},${-from} ${middle},${-to} ${x1},${-to} L ${x1},${low1} C ${middle},${low1} ${middle},${low0} ${x0},${low0} Z`,
    fillcolor: withOpacity(colour, STREAM),
  };
}

/** Returns the bar at a stream's end; a rule that removed few rows still has a line. */
const barShape = (
  column: number,
  { to, thickness, colour }: Pick<Stream, 'to' | 'thickness' | 'colour'>,
): Readonly<Record<string, unknown>> => ({
  ...{ type: 'rect', xref: 'x', yref: 'y', line: { width: 0 }, fillcolor: colour },
  ...{ x0: column, x1: column + BAR, y0: -to, y1: -to - Math.max(1.5, thickness) },
});

/** Returns the names of the ends: beside their bars, and above the bars of rows in use where more steps follow. */
function labels(streams: readonly Stream[], last: number): Trace {
  const named = streams.filter(({ to, column }) => to > 0 || column === last);
  return {
    ...{ type: 'scatter', mode: 'text', textposition: 'middle right', cliponaxis: false },
    x: named.map(({ column }) => column + 1 + BAR),
    y: named.map(({ to, thickness }) => -to - Math.max(1.5, thickness) / 2),
    // An en space keeps the text off the bar.
    text: named.map(({ to, label }) => `\u2002${to > 0 ? label : `in use: ${label}`}`),
    textfont: { size: 12 },
    hoverinfo: 'skip',
  };
}

/**
 * Draws where the rows of a data set went as streams: those in use along the top, and those that each step removed, by rule, down to
 * a bar with the rule's name, count and share of the source. A stream is as thick as its rows are many.
 *
 * @param steps in the order in which they ran, or the cleaning alone
 * @throws OptionsError when there is no step, or the first one had no rows
 */
export function cleaningFlow(
  steps: readonly FunnelStep[],
  options: DistributionOptions = {},
): Figure {
  const { title = 'What was kept and removed', unit = 'images' } = options;
  const [first] = steps;
  const source = (first?.rows ?? 0) + (first?.rejected ?? 0);
  if (!(source > 0)) {
    throw new OptionsError(
      'cleaningFlow: steps must begin with rows, but got none. Import a data set first.',
    );
  }
  const streams = streamsOf(steps, source);
  const lowest = Math.max(...streams.map(({ to, thickness }) => to + Math.max(thickness, LINE)));
  const hidden = { visible: false, fixedrange: true };
  return {
    data: [labels(streams, steps.length - 1)],
    layout: layoutOf({
      title: plainText(title),
      subtitle: `share of the ${countText(source)} ${unit} in the source`,
      height: Math.round(lowest) + 120,
      parts: {
        showlegend: false,
        margin: { l: 18, r: 230, t: 98, b: 16 },
        xaxis: { ...hidden, range: [0, steps.length + BAR] },
        yaxis: { ...hidden, range: [-lowest - 4, 0] },
        shapes: [
          ...streams.map(streamShape),
          barShape(0, { to: 0, thickness: SOURCE_HEIGHT, colour: PALETTE.blue }),
          ...streams.map((stream) => barShape(stream.column + 1, stream)),
        ],
        annotations: ['source', ...steps.map(({ name }) => name)].map((name, i) => ({
          ...{ xref: 'x', yref: 'y', x: i, y: 0, showarrow: false, text: plainText(name) },
          ...{
            xanchor: i === steps.length ? 'right' : 'left',
            xshift: i === steps.length ? 14 : 0,
          },
          ...{ yanchor: 'bottom', yshift: 4, font: { size: 12, color: THEMES.light.mutedText } },
        })),
      },
    }),
  };
}
