/** Figures in the colours of another theme, and the look as a template for figures of one's own. */
import type { Figure, Layout } from './figure.js';
import { axis, colourSwap, layoutOf, THEMES, type ThemeName } from './theme.js';

/** Returns a value of a figure with the light theme's colours replaced, also within marked-up text. */
function recoloured(value: unknown, name: ThemeName): unknown {
  const swap = colourSwap(name);
  const [from, to] = [THEMES.light.mutedText, THEMES[name].mutedText];
  const within = (each: unknown): unknown => {
    if (typeof each === 'string') return swap[each] ?? each.replaceAll(from, to);
    if (Array.isArray(each)) return each.map(within);
    if (typeof each !== 'object' || each === null) return each;
    return Object.fromEntries(Object.entries(each).map(([key, inner]) => [key, within(inner)]));
  };
  return within(value);
}

/** Returns a figure in the colours of a theme; figures are made in those of the light one. */
export function themed(figure: Figure, name: ThemeName): Figure {
  return name === 'light' ? figure : (recoloured(figure, name) as Figure);
}

/** What Plotly takes as `layout.template`. */
export interface PlotlyTemplate {
  readonly layout: Layout;
}

/** Returns the look of a title without what it says. */
const withoutText = (title: unknown): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(title as object).filter(([name]) => name !== 'text'));

/** Returns the parts of a layout that are a look, without those of one figure. */
function lookOf(): Layout {
  const { paper_bgcolor, plot_bgcolor, font, colorway, title, margin, legend, hoverlabel, bargap } =
    layoutOf({ title: '' });
  const { title: axisTitle, ...axisLook } = axis('');
  const titleLook = withoutText(title);
  const axes = { ...axisLook, title: withoutText(axisTitle) };
  return {
    ...{ paper_bgcolor, plot_bgcolor, font, colorway, title: titleLook },
    ...{ margin, legend, hoverlabel, bargap, xaxis: axes, yaxis: axes },
  };
}

/**
 * Returns the look of all our figures as a Plotly template: fonts, colours of series in their order, background, grid, axes, places of title
 * and legend. `layout.template` of any Plotly figure takes it, also in Python.
 */
export function plotlyTemplate(name: ThemeName = 'light'): PlotlyTemplate {
  return recoloured({ layout: lookOf() }, name) as PlotlyTemplate;
}
