/** The part of Plotly's bundle, and of its figures, that the page uses. */

/** A trace as our figures have it. */
export interface PlotTrace {
  readonly name?: string;
  readonly yaxis?: string;
  readonly showlegend?: boolean;
  readonly line?: Readonly<Record<string, unknown>>;
  readonly [key: string]: unknown;
}

/** Plotly's `layout`. */
export interface PlotLayout {
  readonly margin?: Readonly<Record<string, unknown>>;
  readonly font?: Readonly<Record<string, unknown>>;
  readonly title?: Readonly<Record<string, unknown>>;
  readonly annotations?: readonly Readonly<Record<string, unknown>>[];
  readonly height?: number;
  readonly [key: string]: unknown;
}

/** A figure as the page holds it. */
export interface PlotFigure {
  readonly data: readonly PlotTrace[];
  readonly layout: PlotLayout;
}

declare global {
  // The bundle defines it before our script runs.
  var Plotly: {
    react(plot: HTMLElement, data: readonly PlotTrace[], layout: PlotLayout, config: object): void;
  };
}
