import {
  countText,
  estimateText,
  OptionsError,
  percentText,
  type Interval,
  type SliceCell,
  type SliceFrame,
} from '@janus/core';
import type { Figure, Trace } from './figure.js';
import { errorBars, referenceLine } from './marks.js';
import { plainText } from './text.js';
import { axis, layoutOf, PALETTE, rateAxis, THEMES } from './theme.js';

/** Options of {@link slicesFigure}. */
export interface SlicesFigureOptions {
  /** Default `Accuracy by group`. */
  readonly title?: string;
  /** Accuracy on all images. */
  readonly overall: Interval;
  /** All images. */
  readonly n: number;
  /** Smallest group that was measured. */
  readonly minCell: number;
  /**
   * Most groups that are drawn; default 60, about a page. Beyond, those whose accuracy is nearest to that of all images and those
   * that are too small are left out, and the line below the title says how many.
   */
  readonly most?: number;
}

const MOST_GROUPS = 60;

/** Pixels of a group, and of a heading in rows of groups. */
const ROW = 24;

/** A measured group. */
type MeasuredCell = SliceCell & { readonly accuracy: Interval };

const isMeasured = (cell: SliceCell): cell is MeasuredCell => cell.accuracy !== undefined;

/** A line of the figure: a frame's heading or one of its groups. */
type Line =
  | { readonly kind: 'heading'; readonly frame: SliceFrame }
  | { readonly kind: 'group'; readonly cell: SliceCell };

/** Returns the groups that are drawn, most different from the whole first where there are too many. */
function chosenCells(
  frames: readonly SliceFrame[],
  { overall, most = MOST_GROUPS }: SlicesFigureOptions,
): ReadonlySet<SliceCell> {
  const distance = ({ accuracy }: SliceCell): number =>
    accuracy === undefined ? -1 : Math.abs(accuracy.value - overall.value);
  const cells = frames.flatMap((frame) => frame.cells);
  return new Set([...cells].sort((a, b) => distance(b) - distance(a)).slice(0, most));
}

function linesOf(frames: readonly SliceFrame[], chosen: ReadonlySet<SliceCell>): readonly Line[] {
  return frames.flatMap((frame): readonly Line[] => {
    const cells = frame.cells.filter((cell) => chosen.has(cell));
    if (cells.length === 0) return [];
    return [{ kind: 'heading', frame }, ...cells.map((cell) => ({ kind: 'group', cell }) as const)];
  });
}

const muted = (text: string): string =>
  `<span style="font-size:11px;color:${THEMES.light.mutedText}">${text}</span>`;

function headingText({ columns, difference, p }: SliceFrame): string {
  const spread =
    difference === undefined
      ? ''
      : ` best less worst ${(100 * difference.value).toFixed(1)} points${p === undefined ? '' : `, p = ${p.toFixed(3)}`}`;
  return `<b>${columns.map(plainText).join(' × ')}</b>${spread === '' ? '' : muted(spread)}`;
}

const labelOf = (cell: SliceCell): string =>
  `${cell.values.map(plainText).join(', ')} ${muted(`n = ${countText(cell.n)}`)}`;

/** A group with its place from the bottom. */
interface Placed<Cell extends SliceCell> {
  readonly cell: Cell;
  readonly y: number;
}

function accuracyTrace(groups: readonly Placed<MeasuredCell>[]): Trace {
  return {
    type: 'scatter',
    mode: 'markers',
    name: 'accuracy and 95 % interval',
    x: groups.map(({ cell }) => cell.accuracy.value),
    y: groups.map(({ y }) => y),
    text: groups.map(
      ({ cell }) =>
        `${cell.values.map(plainText).join(', ')}: ${estimateText(cell.accuracy, cell.n)}`,
    ),
    hovertemplate: '%{text}<extra></extra>',
    marker: { color: PALETTE.blue, size: 9 },
    error_x: errorBars(
      groups.map(({ cell }) => cell.accuracy),
      { color: PALETTE.blue, thickness: 2, width: 4 },
    ),
  };
}

/** Returns what naming the commonest class of each group would have. */
function majorityTrace(groups: readonly Placed<SliceCell>[]): readonly Trace[] {
  const known = groups.filter(({ cell }) => cell.majority !== undefined);
  if (known.length === 0) return [];
  return [
    {
      type: 'scatter',
      mode: 'markers',
      name: 'the group’s commonest class alone',
      x: known.map(({ cell }) => cell.majority ?? 0),
      y: known.map(({ y }) => y),
      hovertemplate: '%{x:.1%}<extra>%{fullData.name}</extra>',
      marker: {
        symbol: 'line-ns-open',
        color: PALETTE.vermilion,
        size: 11,
        line: { color: PALETTE.vermilion, width: 2 },
      },
    },
  ];
}

/** Returns marks at the left for groups without an accuracy. */
function tooSmallTrace(
  groups: readonly Placed<SliceCell>[],
  place: { readonly x: number; readonly minCell: number },
): readonly Trace[] {
  if (groups.length === 0) return [];
  return [
    {
      type: 'scatter',
      mode: 'markers',
      name: `fewer than ${place.minCell} images: not measured`,
      x: groups.map(() => place.x),
      y: groups.map(({ y }) => y),
      text: groups.map(({ cell }) => `n = ${countText(cell.n)}`),
      hovertemplate: '%{text}: too few to measure<extra></extra>',
      marker: { symbol: 'x-thin-open', color: PALETTE.grey, size: 8, line: { width: 1.6 } },
    },
  ];
}

/**
 * Draws the accuracy of groups of images as points with 95 % intervals, under the columns that make the groups, beside the line of
 * all images. Groups that are too small to be measured are crossed; a tick says what always naming the group's commonest class would
 * have.
 *
 * @param frames of an evaluation: those of single columns, or of pairs
 * @throws OptionsError when there is no group
 */
export function slicesFigure(frames: readonly SliceFrame[], options: SlicesFigureOptions): Figure {
  const { title = 'Accuracy by group', overall, n, minCell } = options;
  const chosen = chosenCells(frames, options);
  const lines = linesOf(frames, chosen);
  if (lines.length === 0) {
    throw new OptionsError(
      'slicesFigure: frames must hold a group, but got none. Evaluate a run whose data has label columns.',
    );
  }
  const placed = lines.map((line, i) => ({ line, y: lines.length - 1 - i }));
  const groups = placed.flatMap(({ line, y }) =>
    line.kind === 'group' ? [{ cell: line.cell, y }] : [],
  );
  const measured = groups.flatMap(({ cell, y }) => (isMeasured(cell) ? [{ cell, y }] : []));
  const lowest = Math.min(
    overall.low,
    ...measured.flatMap(({ cell }) => [cell.accuracy.low, cell.majority ?? 1]),
  );
  const left = Math.max(0, Math.floor(20 * lowest - 0.5) / 20);
  const left0 = left + 0.012 * (1 - left);
  const hidden = frames.flatMap((frame) => frame.cells).length - chosen.size;
  const traces = [
    ...majorityTrace(groups),
    ...(measured.length === 0 ? [] : [accuracyTrace(measured)]),
    ...tooSmallTrace(
      groups.filter(({ cell }) => !isMeasured(cell)),
      { x: left0, minCell },
    ),
  ];
  const legendHeight = 26 * Math.ceil(traces.length / 2);
  return {
    data: traces,
    layout: layoutOf({
      title: plainText(title),
      subtitle: `dashed: all ${countText(n)} images, ${percentText(overall.value)}${hidden > 0 ? `; ${countText(hidden)} groups nearest to it are not shown` : ''}`,
      height: 134 + legendHeight + ROW * lines.length,
      parts: {
        showlegend: true,
        margin: { l: 64, r: 24, t: 68 + legendHeight, b: 54, pad: 2 },
        xaxis: rateAxis('Accuracy (% of the group’s images)', { range: [left, 1.01] }),
        yaxis: axis('', {
          tickmode: 'array',
          tickvals: groups.map(({ y }) => y),
          ticktext: groups.map(({ cell }) => labelOf(cell)),
          range: [-0.7, lines.length - 0.4],
          showgrid: false,
          ticks: '',
        }),
        shapes: [referenceLine({ axis: 'x', at: overall.value })],
        annotations: placed.flatMap(({ line, y }) =>
          line.kind === 'heading'
            ? [
                {
                  ...{ xref: 'paper', yref: 'y', x: 0, y, xanchor: 'left', yanchor: 'middle' },
                  ...{ xshift: 4, showarrow: false, text: headingText(line.frame) },
                  font: { size: 12.5 },
                  bgcolor: THEMES.light.background,
                },
              ]
            : [],
        ),
      },
    }),
  };
}
