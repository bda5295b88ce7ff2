/** Marks that several figures share: error bars, lines to compare with. */
import type { ErrorBars } from './figure.js';
import { PALETTE } from './theme.js';

/** A value with the ends of its interval, where it has one. */
export interface Ranged {
  readonly value: number;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
}

/**
 * Returns Plotly's error bars from values to the ends of their intervals; a value without an interval gets none.
 *
 * @param look Plotly's options: `color`, `thickness`, `width`
 */
export function errorBars(
  rows: readonly Ranged[],
  look: Readonly<Record<string, unknown>>,
): ErrorBars {
  return {
    type: 'data',
    symmetric: false,
    array: rows.map(({ value, high = value }) => high - value),
    arrayminus: rows.map(({ value, low = value }) => value - low),
    ...look,
  };
}

/** Where a line is drawn, and how. */
export interface ReferenceLine {
  /** Plotly's name of the axis that it crosses: `x`, `y2`. */
  readonly axis: string;
  /** On that axis. */
  readonly at: number;
  /** `#rrggbb`; default grey. */
  readonly colour?: string;
  /** Default `dash`. */
  readonly dash?: 'solid' | 'dash' | 'dot';
  /** The part of the plot that it crosses, from 0 to 1; default all. */
  readonly across?: readonly [number, number];
}

/** Returns a line across the plot at a value of one axis, behind the data. */
export function referenceLine(line: ReferenceLine): Readonly<Record<string, unknown>> {
  const { axis, at, colour = PALETTE.grey, dash = 'dash', across: [from, to] = [0, 1] } = line;
  const look = { type: 'line', layer: 'below', line: { color: colour, width: 1.4, dash } };
  return axis.startsWith('x')
    ? { ...look, xref: axis, yref: 'paper', x0: at, x1: at, y0: from, y1: to }
    : { ...look, xref: 'paper', yref: axis, x0: from, x1: to, y0: at, y1: at };
}
