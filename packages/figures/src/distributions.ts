import {
  bandsInOrder,
  binEdge,
  binsOf,
  countText,
  OptionsError,
  percentText,
  type Bins,
} from '@janus/core';
import type { Figure } from './figure.js';
import { plainText } from './text.js';
import {
  axis,
  countAxis,
  layoutOf,
  legendAt,
  PALETTE,
  rateAxis,
  SERIES_COLOURS,
  textColourOn,
} from './theme.js';

/** Number of rows by value: `{ female: 912, male: 933 }`. */
export type ValueCounts = Readonly<Record<string, number>>;

/** Options of the figures that draw counts. */
export interface DistributionOptions {
  /** Default: says what the figure shows. */
  readonly title?: string;
  /** What is counted, as a plural noun; default `images`. */
  readonly unit?: string;
}

/** Bars of {@link labelDistribution}; beyond this, the last one sums up the rest. */
const MAX_BARS = 20;

/**
 * Draws how often each value of a label occurs, most frequent first, as horizontal bars with count and
 * share. With more than 20 values, the last bar sums up the rest.
 *
 * @throws OptionsError when all counts are 0
 */
export function labelDistribution(counts: ValueCounts, options: DistributionOptions = {}): Figure {
  const unit = options.unit ?? 'images';
  const total = Object.values(counts).reduce((sum, n) => sum + n, 0);
  if (!(total > 0)) {
    throw new OptionsError(
      `labelDistribution: counts must hold something, but got ${total} ${unit}. Check the column.`,
    );
  }
  const sorted = Object.entries(counts).sort((a, b) => b[1] - a[1]);
  const rest = sorted.splice(sorted.length > MAX_BARS ? MAX_BARS - 1 : MAX_BARS);
  if (rest.length > 0) {
    sorted.push([`${rest.length} other values`, rest.reduce((sum, [, n]) => sum + n, 0)]);
  }
  return {
    data: [
      {
        type: 'bar',
        orientation: 'h',
        x: sorted.map(([, n]) => n),
        y: sorted.map(([value]) => plainText(value)),
        text: sorted.map(([, n]) => `${countText(n)} (${percentText(n / total)})`),
        textposition: 'auto',
        insidetextanchor: 'end',
        cliponaxis: false,
        marker: { color: PALETTE.blue },
        hovertemplate: '%{y}: %{text}<extra></extra>',
      },
    ],
    layout: layoutOf({
      title: options.title ?? 'Distribution',
      subtitle: `n = ${countText(total)} ${unit}`,
      height: 150 + 34 * sorted.length,
      parts: {
        showlegend: false,
        xaxis: countAxis(`Count (${unit})`, Math.max(...sorted.map(([, n]) => n))),
        yaxis: axis('', { autorange: 'reversed', showgrid: false, ticks: '', type: 'category' }),
      },
    }),
  };
}

/** Options of {@link histogram}. */
export interface HistogramOptions extends DistributionOptions {
  /** The quantity with its unit, for the axis: `Age (years)`, `Shorter side (px)`. */
  readonly quantity: string;
  /** Largest number of bins; default 30. Ignored where `values` are binned already. */
  readonly bins?: number;
}

/**
 * Draws a histogram with round bin edges; each bin includes its lower edge and excludes its upper one.
 *
 * @param values the values, or their counts in bins where there are too many to hold in memory
 * @throws OptionsError when none of the values is finite
 */
export function histogram(values: readonly number[] | Bins, options: HistogramOptions): Figure {
  const bins = 'counts' in values ? values : binsOf(values, options.bins ?? 30);
  const { counts, width } = bins;
  const total = counts.reduce((sum, n) => sum + n, 0);
  if (!(total > 0)) {
    throw new OptionsError(
      `histogram: counts must hold something, but got ${counts.length} bins with ${total}. Check the column.`,
    );
  }
  const edge = (i: number): number => binEdge(bins, i);
  const unit = options.unit ?? 'images';
  return {
    data: [
      {
        type: 'bar',
        x: counts.map((_, i) => Number(((edge(i) + edge(i + 1)) / 2).toPrecision(12))),
        y: counts,
        width: counts.map(() => width),
        text: counts.map((n, i) => `${edge(i)} to below ${edge(i + 1)}: ${countText(n)}`),
        textposition: 'none',
        hovertemplate: '%{text}<extra></extra>',
        marker: { color: PALETTE.blue, line: { color: '#ffffff', width: 1 } },
      },
    ],
    layout: layoutOf({
      title: options.title ?? options.quantity,
      subtitle: `n = ${countText(total)} ${unit}, bins of ${width}`,
      parts: {
        showlegend: false,
        bargap: 0,
        xaxis: axis(options.quantity, { showgrid: false }),
        yaxis: countAxis(`Count (${unit})`, Math.max(...counts)),
      },
    }),
  };
}

/** Legend entries that fit beside each other in a narrow figure. */
const LEGEND_COLUMNS = 4;

/** Smallest share, 0 to 1, whose part of a bar has room for its text. */
const MIN_LABELLED_SHARE = 0.06;

/** Returns a distinct colour for each class: the series' colours, or shades from light to dark for more. */
function colourOfClass(i: number, classes: number): string {
  const own = SERIES_COLOURS[i];
  if (classes <= SERIES_COLOURS.length && own !== undefined) return own;
  const [light, dark] = [
    [201, 221, 240],
    [11, 70, 125],
  ] as const;
  const at = i / Math.max(1, classes - 1);
  const channels = light.map((from, c) => Math.round(from + at * ((dark[c] ?? 0) - from)));
  return `#${channels.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

/**
 * Draws the share of each class in each split as stacked bars of equal length, in which an unbalanced split
 * stands out.
 *
 * @param splits counts by split, then by class
 * @throws OptionsError when `splits` is empty, or all splits are
 */
export function splitBalance(
  splits: Readonly<Record<string, ValueCounts>>,
  options: DistributionOptions = {},
): Figure {
  const names = Object.keys(splits);
  const classes = bandsInOrder([
    ...new Set(names.flatMap((name) => Object.keys(splits[name] ?? {}))),
  ]);
  const count = (split: string, value: string): number => splits[split]?.[value] ?? 0;
  const totals = names.map((name) => classes.reduce((sum, value) => sum + count(name, value), 0));
  if (totals.every((total) => total === 0)) {
    throw new OptionsError(
      'splitBalance: splits must hold rows, but got none. Split the data set first.',
    );
  }
  const unit = options.unit ?? 'images';
  const share = (j: number, value: string): number =>
    count(names[j] ?? '', value) / Math.max(1, totals[j] ?? 0);
  const legendHeight = 22 * Math.ceil(classes.length / LEGEND_COLUMNS);
  return {
    data: classes.map((value, i) => ({
      type: 'bar',
      orientation: 'h',
      name: plainText(value),
      x: names.map((_, j) => share(j, value)),
      y: names.map((name, j) => `${plainText(name)}<br>n = ${countText(totals[j] ?? 0)}`),
      customdata: names.map((name) => count(name, value)),
      text: names.map((_, j) =>
        share(j, value) < MIN_LABELLED_SHARE ? '' : percentText(share(j, value)),
      ),
      textposition: 'inside',
      insidetextanchor: 'middle',
      insidetextfont: { color: textColourOn(colourOfClass(i, classes.length)) },
      textangle: 0,
      marker: { color: colourOfClass(i, classes.length), line: { color: '#ffffff', width: 1 } },
      hovertemplate: `${plainText(value)}: %{customdata} (%{x:.1%})<extra></extra>`,
    })),
    layout: layoutOf({
      title: options.title ?? 'Balance of the splits',
      subtitle: `share of each value; n = ${countText(totals.reduce((a, b) => a + b, 0))} ${unit}`,
      height: 144 + legendHeight + 48 * names.length,
      parts: {
        margin: { l: 64, r: 24, t: 68 + legendHeight, b: 54, pad: 2 },
        barmode: 'stack',
        legend: { ...legendAt('left'), traceorder: 'normal' },
        xaxis: rateAxis(`Share (% of ${unit})`, { range: [0, 1] }),
        yaxis: axis('', { autorange: 'reversed', showgrid: false, ticks: '', type: 'category' }),
      },
    }),
  };
}
