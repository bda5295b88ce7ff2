/**
 * An image as numbers: what Plotly draws, and what a test, a notebook and the report read. Plain
 * JSON, so it can be stored beside a run.
 */
export interface Figure {
  readonly data: readonly Trace[];
  readonly layout: Layout;
}

/** One series of a figure, in Plotly's words; the fields that our figures use are typed. */
export interface Trace {
  readonly type: 'scatter' | 'bar' | 'heatmap';
  readonly name?: string;
  readonly x?: readonly (number | string)[];
  readonly y?: readonly (number | string)[];
  /** null: nothing there, the background shows. */
  readonly z?: readonly (readonly (number | null)[])[];
  readonly text?: readonly (readonly string[] | string)[];
  readonly error_x?: ErrorBars;
  readonly error_y?: ErrorBars;
  readonly [key: string]: unknown;
}

/** Distances from the point to the two ends of its interval. */
export interface ErrorBars {
  readonly type: 'data';
  readonly symmetric: false;
  readonly array: readonly number[];
  readonly arrayminus: readonly number[];
  readonly [key: string]: unknown;
}

/** Axes, margins, words; Plotly's `layout`. `height` is in pixels. */
export interface Layout {
  readonly height?: number;
  readonly shapes?: readonly Readonly<Record<string, unknown>>[];
  readonly annotations?: readonly Readonly<Record<string, unknown>>[];
  readonly [key: string]: unknown;
}

/** Returns an axis of the layout as a record: for reading a figure in tests and page scripts. */
export function axisOf(figure: Figure, axis: string): Readonly<Record<string, unknown>> {
  const value = figure.layout[axis];
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)
    : {};
}
