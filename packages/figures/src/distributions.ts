import { OptionsError } from '@janus/core';
import type { Figure } from './figure.js';
import { countText, percentText, plainText } from './text.js';
import { axis, layoutOf, legendAt, PALETTE, rateAxis, SERIES_COLOURS } from './theme.js';

/** Counts by value: `{ female: 912, male: 933 }`. */
export type Counts = Readonly<Record<string, number>>;

/** What the figures of counts may be told. */
export interface DistributionOptions {
  readonly title?: string;
  /** What is counted, for the axis; default `images`. */
  readonly unit?: string;
}

/** Values that a bar chart shows before it sums up the rest. */
const MOST_BARS = 20;

/**
 * Returns how often each value of a label occurs, the most frequent first, as horizontal bars with
 * count and share. Past 20 values the rest is one bar.
 *
 * @throws OptionsError when nothing is counted
 */
export function labelDistribution(counts: Counts, options: DistributionOptions = {}): Figure {
  const unit = options.unit ?? 'images';
  const total = Object.values(counts).reduce((sum, n) => sum + n, 0);
  if (!(total > 0)) {
    throw new OptionsError(
      `labelDistribution: counts must hold something, but got ${total} ${unit}. Check the column.`,
    );
  }
  const sorted = Object.entries(counts).sort((a, b) => b[1] - a[1]);
  const rest = sorted.splice(sorted.length > MOST_BARS ? MOST_BARS - 1 : MOST_BARS);
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
        xaxis: axis(`Count (${unit})`, { rangemode: 'tozero', tickformat: ',d' }),
        yaxis: axis('', { autorange: 'reversed', showgrid: false, ticks: '', type: 'category' }),
      },
    }),
  };
}

/** What {@link histogram} is told. */
export interface HistogramOptions extends DistributionOptions {
  /** What is measured, with its unit: `Age (years)`, `Shorter side (px)`. */
  readonly quantity: string;
  /** How many bins at most; default 30. The edges are round numbers. */
  readonly bins?: number;
}

/** Returns the smallest of 1, 2, 2.5, 5 times a power of ten that is not below `step`. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  const factor = [1, 2, 2.5, 5, 10].find((each) => each * power >= step * (1 - 1e-9)) ?? 10;
  return factor * power;
}

/**
 * Returns how values spread, in bins with round edges; a bin holds its lower edge.
 *
 * @throws OptionsError when there is no finite value
 */
export function histogram(values: readonly number[], options: HistogramOptions): Figure {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) {
    throw new OptionsError(
      `histogram: values must hold a finite number, but got ${values.length} values without one. Check the column.`,
    );
  }
  // Not Math.min(...): a table's column may be longer than a call's arguments can be.
  const low = finite.reduce((a, b) => Math.min(a, b));
  const high = finite.reduce((a, b) => Math.max(a, b));
  const width = high > low ? roundStep((high - low) / Math.max(1, options.bins ?? 30)) : 1;
  const first = Math.floor(low / width + 1e-9);
  const counts = Array.from({ length: Math.floor(high / width + 1e-9) - first + 1 }, () => 0);
  for (const value of finite) {
    const bin = Math.floor(value / width + 1e-9) - first;
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const edge = (i: number): number => Number(((first + i) * width).toPrecision(12));
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
      subtitle: `n = ${countText(finite.length)} ${unit}, bins of ${width}`,
      parts: {
        showlegend: false,
        bargap: 0,
        xaxis: axis(options.quantity, { showgrid: false }),
        yaxis: axis(`Count (${unit})`, { rangemode: 'tozero', tickformat: ',d' }),
      },
    }),
  };
}

/**
 * Returns the share of each class in each split: bars of equal length that show at once when a
 * split is out of balance.
 *
 * @param splits counts by split, then by class
 * @throws OptionsError when there is no split, or all are empty
 */
export function splitBalance(
  splits: Readonly<Record<string, Counts>>,
  options: DistributionOptions = {},
): Figure {
  const names = Object.keys(splits);
  const classes = [...new Set(names.flatMap((name) => Object.keys(splits[name] ?? {})))].sort();
  const count = (split: string, value: string): number => splits[split]?.[value] ?? 0;
  const totals = names.map((name) => classes.reduce((sum, value) => sum + count(name, value), 0));
  if (totals.every((total) => total === 0)) {
    throw new OptionsError(
      'splitBalance: splits must hold rows, but got none. Split the data set first.',
    );
  }
  const unit = options.unit ?? 'images';
  return {
    data: classes.map((value, i) => ({
      type: 'bar',
      orientation: 'h',
      name: plainText(value),
      x: names.map((name, j) => count(name, value) / Math.max(1, totals[j] ?? 0)),
      y: names.map((name, j) => `${plainText(name)}<br>n = ${countText(totals[j] ?? 0)}`),
      customdata: names.map((name) => count(name, value)),
      text: names.map((name, j) => percentText(count(name, value) / Math.max(1, totals[j] ?? 0))),
      textposition: 'inside',
      insidetextanchor: 'middle',
      textangle: 0,
      marker: { color: SERIES_COLOURS[i % SERIES_COLOURS.length] },
      hovertemplate: `${plainText(value)}: %{customdata} (%{x:.1%})<extra></extra>`,
    })),
    layout: layoutOf({
      title: options.title ?? 'Balance of the splits',
      subtitle: `share of each value; n = ${countText(totals.reduce((a, b) => a + b, 0))} ${unit}`,
      height: 170 + 48 * names.length,
      parts: {
        barmode: 'stack',
        legend: { ...legendAt('left'), traceorder: 'normal' },
        xaxis: rateAxis(`Share (% of ${unit})`, { range: [0, 1] }),
        yaxis: axis('', { autorange: 'reversed', showgrid: false, ticks: '', type: 'category' }),
      },
    }),
  };
}
