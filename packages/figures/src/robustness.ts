import {
  countText,
  estimateText,
  OptionsError,
  percentText,
  type Interval,
  type RobustnessRecord,
} from '@janus/core';
import type { Figure, Trace } from './figure.js';
import { errorBars, referenceLine } from './marks.js';
import { plainText } from './text.js';
import { axis, layoutOf, PALETTE, rateAxis, THEMES } from './theme.js';

/** Options of {@link robustnessFigure}. */
export interface RobustnessFigureOptions {
  /** Default `Accuracy on worse images`. */
  readonly title?: string;
}

/** How a change is shown. */
interface ChangeLook {
  readonly title: string;
  /** What a strength is called. */
  readonly label: (strength: number) => string;
  /** The strength at which nothing changes, where it lies among the others; default: before the first. */
  readonly neutral?: number;
}

const share = (strength: number): string => `${Number((100 * strength).toPrecision(3))}`;

const LOOKS: Readonly<Record<string, ChangeLook>> = {
  brightness: { title: 'Brightness<br>(factor)', label: String, neutral: 1 },
  blur: { title: 'Blur<br>(% of the side)', label: share },
  size: { title: 'Reduced to<br>(% of the side)', label: share },
  jpeg: { title: 'JPEG<br>(quality)', label: String },
};

/** A point of a panel: a strength's name, and the accuracy. */
interface Point {
  readonly label: string;
  readonly accuracy: Interval;
  /** Whether the images are as they were. */
  readonly asIs: boolean;
}

/** Returns the points of a change from left to right, with the images as they are in their place. */
function pointsOf(change: string, { rows, unchanged }: RobustnessRecord): readonly Point[] {
  const { label, neutral } = LOOKS[change] ?? { label: String };
  const mine = rows.filter((row) => row.change === change);
  const asIs: Point = {
    label: neutral === undefined ? 'as is' : label(neutral),
    ...{ accuracy: unchanged, asIs: true },
  };
  const named = (some: RobustnessRecord['rows']): readonly Point[] =>
    some.map(({ strength, accuracy }) => ({ label: label(strength), accuracy, asIs: false }));
  if (neutral === undefined) return [asIs, ...named(mine)];
  const sorted = [...mine].sort((a, b) => a.strength - b.strength);
  const below = sorted.filter(({ strength }) => strength < neutral);
  return [...named(below), asIs, ...named(sorted.slice(below.length))];
}

/** Space between panels, as a share of the width. */
const GAP = 0.03;

/**
 * Draws accuracy and its interval on images that were made darker or brighter, blurred, small, or were compressed: a panel for
 * each change with its strengths from left to right, all on one scale. The dashed line is the accuracy on the images as they are.
 *
 * @throws OptionsError when the record has no rows
 */
export function robustnessFigure(
  robustness: RobustnessRecord,
  options: RobustnessFigureOptions = {},
): Figure {
  const { title = 'Accuracy on worse images' } = options;
  const { rows, n, size, unchanged } = robustness;
  const changes = [...new Set(rows.map(({ change }) => change))];
  if (changes.length === 0) {
    throw new OptionsError(
      'robustnessFigure: the record must hold a change, but got none. Evaluate with --robustness.',
    );
  }
  const width = (1 - GAP * (changes.length - 1)) / changes.length;
  const axisName = (i: number): string => `x${i === 0 ? '' : i + 1}`;
  const panels = changes.map((change) => pointsOf(change, robustness));
  const traces = panels.map((points, i): Trace => {
    const accuracies = points.map(({ accuracy }) => accuracy);
    return {
      type: 'scatter',
      mode: 'lines+markers',
      name: plainText(changes[i] ?? ''),
      xaxis: axisName(i),
      yaxis: 'y',
      x: points.map((_, at) => at),
      y: accuracies.map(({ value }) => value),
      text: points.map(
        ({ label, accuracy }) => `${plainText(label)}: ${estimateText(accuracy, n)}`,
      ),
      hovertemplate: '%{text}<extra>%{fullData.name}</extra>',
      line: { color: PALETTE.blue, width: 1.8 },
      marker: {
        color: points.map(({ asIs }) => (asIs ? THEMES.light.background : PALETTE.blue)),
        line: { color: PALETTE.blue, width: 2 },
        size: 8,
      },
      error_y: errorBars(accuracies, { color: PALETTE.blue, thickness: 1.4, width: 3 }),
    };
  });
  const axes = panels.map((points, i) => [
    `xaxis${i === 0 ? '' : i + 1}`,
    axis(LOOKS[changes[i] ?? '']?.title ?? plainText(changes[i] ?? ''), {
      domain: [i * (width + GAP), i * (width + GAP) + width],
      tickmode: 'array',
      tickvals: points.map((_, at) => at),
      ticktext: points.map(({ label }) => plainText(label)),
      tickfont: { size: 11 },
      tickangle: 0,
      range: [-0.5, points.length - 0.5],
      showgrid: false,
    }),
  ]);
  return {
    data: traces,
    layout: layoutOf({
      title: plainText(title),
      subtitle: `95 % intervals, n = ${countText(n)} images of ${size} px; dashed: as they are, ${percentText(unchanged.value)}`,
      height: 380,
      parts: {
        showlegend: false,
        ...(Object.fromEntries(axes) as Figure['layout']),
        yaxis: rateAxis('Accuracy (%)', { autorangeoptions: { maxallowed: 1.01 } }),
        shapes: [referenceLine({ axis: 'y', at: unchanged.value })],
      },
    }),
  };
}
