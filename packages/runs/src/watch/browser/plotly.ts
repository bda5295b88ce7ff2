/** The part of Plotly's bundle that the page uses. */

declare global {
  // The bundle defines it before our script runs.
  var Plotly: {
    react(
      plot: HTMLElement,
      data: readonly unknown[],
      layout: Readonly<Record<string, unknown>>,
      config: object,
    ): Promise<unknown>;
    purge(plot: HTMLElement): void;
  };
}

/** Narrower plots have smaller letters. */
const NARROW_PX = 420;

/** Draws a figure into an element, over what is there. */
export function drawPlot(
  plot: HTMLElement,
  {
    data,
    layout,
  }: { readonly data: readonly unknown[]; readonly layout: Readonly<Record<string, unknown>> },
): void {
  const { font, margin } = layout as { readonly font?: object; readonly margin?: object };
  const narrow = { font: { ...font, size: 11.5 }, margin: { ...margin, l: 8, r: 20 } };
  const fitted = plot.clientWidth < NARROW_PX ? { ...layout, ...narrow } : layout;
  void Plotly.react(plot, data, fitted, { responsive: true, displayModeBar: false });
}
