/** Several runs of one recipe, which differ by their seed, as one curve. */
import { OptionsError } from '@janus/core';
import type { Trace } from './figure.js';
import type { Series } from './series.js';
import { PALE, withOpacity } from './theme.js';

/** Mean and range of curves at some places. */
export interface SeedBand {
  readonly x: readonly number[];
  readonly mean: readonly number[];
  /** Lowest of the curves. */
  readonly low: readonly number[];
  /** Highest of the curves. */
  readonly high: readonly number[];
}

/** Places of a band: what a screen can show. */
const PLACES = 200;

/** Returns the height of a curve at a place within it, between its points on a straight line. */
function heightAt({ x, y }: Series, at: number): number {
  const after = Math.max(
    1,
    x.findIndex((each) => each >= at),
  );
  const [x0 = at, x1 = at, y0 = 0, y1 = y0] = [x[after - 1], x[after], y[after - 1], y[after]];
  return x1 === x0 ? y1 : y0 + ((at - x0) / (x1 - x0)) * (y1 - y0);
}

/**
 * Returns mean, lowest and highest of several curves where all of them are: from the latest beginning to the earliest end. Between
 * its points a curve is a straight line.
 *
 * @param curves their places grow
 * @throws OptionsError when there is no curve, or one without a point
 */
export function seedBand(curves: readonly Series[]): SeedBand {
  if (curves.length === 0 || curves.some(({ x }) => x.length === 0)) {
    throw new OptionsError(
      `seedBand: needs at least one curve with points each, but got ${curves.length} with ${curves.map(({ x }) => x.length).join(', ')}. Leave out runs that have not begun.`,
    );
  }
  const from = Math.max(...curves.map(({ x }) => x[0] ?? 0));
  const to = Math.min(...curves.map(({ x }) => x.at(-1) ?? 0));
  const all = [...new Set(curves.flatMap(({ x }) => x))].filter((x) => x >= from && x <= to);
  all.sort((a, b) => a - b);
  const stride = Math.max(1, Math.ceil(all.length / PLACES));
  const x = all.filter((_, i) => i % stride === 0 || i === all.length - 1);
  const heights = x.map((at) => curves.map((curve) => heightAt(curve, at)));
  return {
    x,
    mean: heights.map((each) => each.reduce((sum, value) => sum + value, 0) / each.length),
    low: heights.map((each) => Math.min(...each)),
    high: heights.map((each) => Math.max(...each)),
  };
}

/** How {@link bandTraces} draws. */
export interface BandLook {
  readonly name: string;
  /** `#rrggbb`. */
  readonly colour: string;
  /** Plotly's name of the axis: `y`, `y2`. */
  readonly yaxis: string;
  /** Marks the points of a single run; the mean of several has none of its own. Default false. */
  readonly markers?: boolean;
  /** Default true. */
  readonly showlegend?: boolean;
}

/**
 * Draws runs of one recipe: each run pale, the range of all as an area, their mean as a line. A single run is a line alone; runs that
 * share no place have no mean.
 */
export function bandTraces(curves: readonly Series[], look: BandLook): readonly Trace[] {
  const begun = curves.filter(({ x }) => x.length > 0);
  if (begun.length === 0) return [];
  const { name, colour, yaxis, markers = false, showlegend = true } = look;
  const common = { type: 'scatter', yaxis, legendgroup: name, hoverinfo: 'skip' } as const;
  const band = seedBand(begun);
  const line: Trace = {
    ...{ type: 'scatter', yaxis, legendgroup: name, name, showlegend },
    mode: markers && begun.length === 1 ? 'lines+markers' : 'lines',
    ...{ x: band.x, y: band.mean },
    line: { color: colour, width: 2.2 },
    marker: { color: colour, size: 5 },
  };
  if (begun.length === 1) return [line];
  const pale = withOpacity(colour, PALE);
  const area: Trace = {
    ...{ ...common, name: `${name}, range`, showlegend: false, mode: 'lines' },
    x: [...band.x, ...[...band.x].reverse()],
    y: [...band.high, ...[...band.low].reverse()],
    ...{ fill: 'toself', fillcolor: pale, line: { width: 0 } },
  };
  const each = begun.map(({ x, y }, i): Trace => ({
    ...{ ...common, name: `${name}, run ${i + 1}`, showlegend: false, mode: 'lines' },
    ...{ x, y, line: { color: pale, width: 1 } },
  }));
  return [area, ...each, line];
}
