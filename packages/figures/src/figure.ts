/**
 * A figure as data: the object Plotly draws, and that tests, notebooks and the report read. It is plain
 * JSON, so it can be stored beside a run.
 */
export interface Figure {
  readonly data: readonly Trace[];
  readonly layout: Layout;
}

/** One Plotly trace; the fields that our figures use most are typed. */
export interface Trace {
  readonly type: 'scatter' | 'bar' | 'heatmap';
  readonly name?: string;
  readonly x?: readonly (number | string)[];
  readonly y?: readonly (number | string)[];
  /** Cells of a heat map [y][x]; null leaves a cell empty. */
  readonly z?: readonly (readonly (number | null)[])[];
  readonly text?: readonly (readonly string[] | string)[];
  readonly error_x?: ErrorBars;
  readonly error_y?: ErrorBars;
  readonly [key: string]: unknown;
}

/** Plotly's error bars: distances from the value up to `array` and down to `arrayminus`. */
export interface ErrorBars {
  readonly type: 'data';
  readonly symmetric: false;
  readonly array: readonly number[];
  readonly arrayminus: readonly number[];
  readonly [key: string]: unknown;
}

/** Plotly's `layout`: axes, margins, title, annotations. */
export interface Layout {
  /** Pixels. */
  readonly height?: number;
  readonly shapes?: readonly Readonly<Record<string, unknown>>[];
  readonly annotations?: readonly Readonly<Record<string, unknown>>[];
  readonly [key: string]: unknown;
}

/** Returns an axis of the layout, `xaxis` or `yaxis2`, as a record; empty when there is none. */
export function axisOf(figure: Figure, axis: string): Readonly<Record<string, unknown>> {
  const value = figure.layout[axis];
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)
    : {};
}
