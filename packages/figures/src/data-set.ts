/** Figures of a data set: age bands, image sizes, missing values, rows left after each step. */
import {
  bandsInOrder,
  binEdge,
  countText,
  OptionsError,
  percentText,
  type BinGrid,
} from '@janus/core';
import type { DistributionOptions, ValueCounts } from './distributions.js';
import type { Figure } from './figure.js';
import { plainText } from './text.js';
import {
  axis,
  countAxis,
  layoutOf,
  legendAt,
  PALETTE,
  rateAxis,
  textColourOn,
  THEMES,
} from './theme.js';

/** Options of {@link bandDistribution}. */
export interface BandOptions extends DistributionOptions {
  /** The quantity divided into bands, with its unit, for the axis: `Age (years)`. */
  readonly quantity: string;
}

/**
 * Draws counts by bands of a quantity (`0-2`, `3-9`, `more than 70`) as columns in the quantity's order,
 * with count and share.
 *
 * @throws OptionsError when all counts are 0
 */
export function bandDistribution(counts: ValueCounts, options: BandOptions): Figure {
  const total = Object.values(counts).reduce((sum, n) => sum + n, 0);
  if (!(total > 0)) {
    throw new OptionsError(
      'bandDistribution: counts must hold something, but got none. Check the column.',
    );
  }
  const unit = options.unit ?? 'images';
  const bands = bandsInOrder(Object.keys(counts));
  const values = bands.map((band) => counts[band] ?? 0);
  return {
    data: [
      {
        type: 'bar',
        x: bands.map(plainText),
        y: values,
        text: values.map((n) => `${countText(n)}<br>${percentText(n / total)}`),
        textposition: 'auto',
        textangle: 0,
        cliponaxis: false,
        marker: { color: PALETTE.blue },
        hovertemplate: '%{x}: %{y:,d}<extra></extra>',
      },
    ],
    layout: layoutOf({
      title: options.title ?? options.quantity,
      subtitle: `n = ${countText(total)} ${unit}`,
      parts: {
        showlegend: false,
        xaxis: axis(options.quantity, { showgrid: false, ticks: '', type: 'category' }),
        yaxis: countAxis(`Count (${unit})`, Math.max(...values)),
      },
    }),
  };
}

/** Columns that {@link missingValues} shows; the subtitle counts the rest. */
const MAX_COLUMNS = 24;

/**
 * Draws the share of missing values per column, for columns that have any, most missing first; the subtitle
 * counts the others. When no column has missing values, all are shown.
 *
 * @param missing rows without a value, by column
 * @param options `rows`: rows of the table
 * @throws OptionsError when there are 0 rows or columns, or a count is not from 0 to `rows`
 */
export function missingValues(
  missing: ValueCounts,
  options: DistributionOptions & { readonly rows: number },
): Figure {
  const { rows, unit = 'images' } = options;
  const sorted = Object.entries(missing).sort((a, b) => b[1] - a[1]);
  const wrong = sorted.find(([, n]) => !(n >= 0 && n <= rows));
  if (!(rows > 0) || sorted.length === 0 || wrong !== undefined) {
    throw new OptionsError(
      `missingValues: counts must be from 0 to the number of rows, but got ${wrong?.[1] ?? 'none'} of ${rows}. Count them over the same rows.`,
    );
  }
  const lacking = sorted.filter(([, n]) => n > 0);
  const shown = (lacking.length > 0 ? lacking : sorted).slice(0, MAX_COLUMNS);
  const notes = [
    [Math.max(0, lacking.length - shown.length), 'with fewer missing'],
    [lacking.length > 0 ? sorted.length - lacking.length : 0, 'without missing values'],
  ] as const;
  const rest = notes
    .filter(([n]) => n > 0)
    .map(([n, what]) => `; ${n} ${n === 1 ? 'column' : 'columns'} ${what}`);
  return {
    data: [
      {
        type: 'bar',
        orientation: 'h',
        x: shown.map(([, n]) => n / rows),
        y: shown.map(([name]) => plainText(name)),
        text: shown.map(([, n]) => `${countText(n)} (${percentText(n / rows)})`),
        textposition: shown.map(([, n]) => (n / rows > 0.5 ? 'inside' : 'outside')),
        insidetextanchor: 'end',
        insidetextfont: { color: textColourOn(PALETTE.orange) },
        cliponaxis: false,
        marker: { color: PALETTE.orange },
        hovertemplate: '%{y}: %{text}<extra></extra>',
      },
    ],
    layout: layoutOf({
      title: options.title ?? 'Missing values',
      subtitle: `n = ${countText(rows)} ${unit}${rest.join('')}`,
      height: 140 + 30 * shown.length,
      parts: {
        showlegend: false,
        xaxis: rateAxis(`Missing (% of ${unit})`, { range: [0, 1] }),
        yaxis: axis('', { autorange: 'reversed', showgrid: false, ticks: '', type: 'category' }),
      },
    }),
  };
}

/** Options of {@link sizeMap}. */
export interface SizeMapOptions extends DistributionOptions {
  /** Median width and median height, in pixels. */
  readonly median: { readonly width: number; readonly height: number };
}

/**
 * Draws the joint distribution of widths and heights as a heat map. Colour is the count on a logarithmic
 * scale, so that a few unusual sizes stay visible beside the common one.
 *
 * @param grid counts by width (x) and height (y), in pixels
 * @throws OptionsError when all counts are 0
 */
export function sizeMap(grid: BinGrid, options: SizeMapOptions): Figure {
  const total = grid.counts.flat().reduce((sum, n) => sum + n, 0);
  if (!(total > 0)) {
    throw new OptionsError(
      'sizeMap: the grid must hold counts, but got none. Measure sizes first.',
    );
  }
  const { unit = 'images', median } = options;
  const largest = Math.max(...grid.counts.map((row) => Math.max(...row)));
  const columns = (grid.counts[0] ?? []).map((_, i) => i);
  const middle = (bins: BinGrid['x'], i: number): number =>
    Number(((binEdge(bins, i) + binEdge(bins, i + 1)) / 2).toPrecision(12));
  const span = (bins: BinGrid['x'], i: number): string =>
    `${binEdge(bins, i)} to below ${binEdge(bins, i + 1)} px`;
  const ticks = Array.from({ length: Math.floor(Math.log10(largest)) + 1 }, (_, i) => 10 ** i);
  return {
    data: [
      {
        type: 'heatmap',
        x: columns.map((i) => middle(grid.x, i)),
        y: grid.counts.map((_, j) => middle(grid.y, j)),
        z: grid.counts.map((row) => row.map((n) => (n > 0 ? Math.log10(n) : null))),
        text: grid.counts.map((row, j) =>
          row.map((n, i) => `${span(grid.x, i)} by ${span(grid.y, j)}: ${countText(n)}`),
        ),
        hovertemplate: '%{text}<extra></extra>',
        colorscale: [
          [0, '#c9ddf0'],
          [1, THEMES.light.heat[1]],
        ],
        zmin: 0,
        zmax: Math.max(1, Math.log10(largest)),
        xgap: 1,
        ygap: 1,
        colorbar: {
          title: { text: `Count (${unit})`, side: 'right', font: { size: 12 } },
          tickvals: ticks.map(Math.log10),
          ticktext: ticks.map(countText),
          outlinewidth: 0,
          thickness: 14,
        },
      },
    ],
    layout: layoutOf({
      title: options.title ?? 'Sizes',
      subtitle: `n = ${countText(total)} ${unit}, median ${countText(median.width)} x ${countText(median.height)} px`,
      height: 420,
      parts: {
        showlegend: false,
        xaxis: axis('Width (px)', { rangemode: 'tozero', tickformat: ',d' }),
        yaxis: axis('Height (px)', { rangemode: 'tozero', tickformat: ',d' }),
      },
    }),
  };
}

/** One step of {@link stepFunnel}. */
export interface FunnelStep {
  /** As shown in the figure: `Imported`, `Cleaned`. */
  readonly name: string;
  /** Rows in use after the step. */
  readonly rows: number;
  /** Rows removed by the step. */
  readonly rejected: number;
  /** Removed rows by reason. */
  readonly reasons: ValueCounts;
}

/** Reasons listed under a bar; the rest are summed up. */
const MAX_REASONS = 3;

/** Characters that fit under the bars of the narrowest figure, half a report's width. */
const LINE_LENGTH = 44;

/** Heights in pixels of a bar, of a line of text under it, and of the space before the next bar. */
const BAR_HEIGHT = 30;
const LINE_HEIGHT = 16;
const SPACE = 14;

function reasonsOf(step: FunnelStep): readonly string[] {
  const reasons = Object.entries(step.reasons).sort((a, b) => b[1] - a[1]);
  const rest = reasons.slice(MAX_REASONS).reduce((sum, [, n]) => sum + n, 0);
  const named = reasons.slice(0, MAX_REASONS).map(([name, n]) => `${countText(n)} ${name}`);
  return rest > 0 ? [...named, `${countText(rest)} other`] : named;
}

/** Returns the reasons of a step, broken into lines. */
function reasonLines(step: FunnelStep): readonly string[] {
  if (step.rejected === 0) return [];
  const lines: string[] = [];
  for (const reason of reasonsOf(step)) {
    const last = lines.at(-1);
    if (last === undefined) lines.push(`removed: ${reason}`);
    else if (last.length + reason.length + 2 <= LINE_LENGTH) {
      lines[lines.length - 1] = `${last}, ${reason}`;
    } else {
      lines[lines.length - 1] = `${last},`;
      lines.push(reason);
    }
  }
  return lines;
}

/**
 * Draws how many rows each step kept and removed, with the most frequent reasons: a funnel from the source
 * to the rows that are trained on.
 *
 * @param steps in the order in which they ran
 * @throws OptionsError when `steps` is empty, or the first one had no rows
 */
export function stepFunnel(
  steps: readonly FunnelStep[],
  options: DistributionOptions = {},
): Figure {
  const first = steps[0];
  const source = (first?.rows ?? 0) + (first?.rejected ?? 0);
  if (!(source > 0)) {
    throw new OptionsError(
      'stepFunnel: steps must begin with rows, but got none. Import a data set first.',
    );
  }
  const { unit = 'images' } = options;
  const names = steps.map((step) => plainText(step.name));
  const lines = steps.map(reasonLines);
  const slot = BAR_HEIGHT + SPACE + LINE_HEIGHT * Math.max(0, ...lines.map((each) => each.length));
  // Bars are at the top of their slots, with room for the reasons below.
  const above = -(BAR_HEIGHT + SPACE) / slot / 2;
  const below =
    steps.length - 1 + (lines.at(-1)?.length === 0 ? -above : 1 - BAR_HEIGHT / slot / 2);
  const bar = {
    type: 'bar',
    orientation: 'h',
    y: names,
    width: BAR_HEIGHT / slot,
    insidetextanchor: 'middle',
    textangle: 0,
    cliponaxis: false,
  } as const;
  return {
    data: [
      {
        ...bar,
        name: 'in use',
        x: steps.map((step) => step.rows),
        text: steps.map((step) => `${countText(step.rows)} (${percentText(step.rows / source)})`),
        textposition: 'auto',
        marker: { color: PALETTE.blue },
        hovertemplate: '%{y}: %{text}<extra></extra>',
      },
      {
        ...bar,
        name: 'removed by the step',
        x: steps.map((step) => step.rejected),
        text: steps.map((step) => (step.rejected > 0 ? countText(step.rejected) : '')),
        customdata: steps.map((step) => plainText(reasonsOf(step).join(', '))),
        textposition: 'auto',
        insidetextfont: { color: textColourOn(PALETTE.orange) },
        marker: { color: PALETTE.orange },
        hovertemplate: '%{y}: %{customdata}<extra></extra>',
      },
    ],
    layout: layoutOf({
      title: options.title ?? 'Rows left after each step',
      subtitle: `share of the ${countText(source)} ${unit} in the source`,
      height: 150 + Math.round(slot * (below - above)),
      parts: {
        barmode: 'stack',
        legend: { ...legendAt('left'), traceorder: 'normal' },
        xaxis: countAxis(`Count (${unit})`, source, { range: [0, source * 1.04] }),
        yaxis: axis('', {
          range: [below, above],
          showgrid: false,
          ticks: '',
          type: 'category',
        }),
        annotations: lines.flatMap((each, i) =>
          each.length > 0
            ? [
                {
                  x: 0,
                  y: i + BAR_HEIGHT / slot / 2,
                  xref: 'x',
                  yref: 'y',
                  xanchor: 'left',
                  yanchor: 'top',
                  align: 'left',
                  text: each.map(plainText).join('<br>'),
                  showarrow: false,
                  font: { size: 11.5, color: THEMES.light.mutedText },
                },
              ]
            : [],
        ),
      },
    }),
  };
}
