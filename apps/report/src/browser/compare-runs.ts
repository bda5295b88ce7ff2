/** Two runs beside each other: what differs, and their curves in one figure. */
import type { PageMeasure, PageRun } from '../page-data.js';
import type { PlotFigure, PlotTrace } from './plotly.js';

/** A name with what the two runs have for it. */
export interface ComparedRow {
  readonly name: string;
  readonly first: string;
  readonly second: string;
}

/** Stands where a run lacks what the other has. */
const ABSENT = 'not set';

/** Returns the options in which two runs differ, those of the first run first. */
export function differingOptions(first: PageRun, second: PageRun): readonly ComparedRow[] {
  const names = new Set([...Object.keys(first.options), ...Object.keys(second.options)]);
  return [...names]
    .map((name) => ({
      name,
      first: first.options[name] ?? ABSENT,
      second: second.options[name] ?? ABSENT,
    }))
    .filter((row) => row.first !== row.second);
}

/** Returns every measure that one of two runs has. */
export function measureRows(first: PageRun, second: PageRun): readonly ComparedRow[] {
  const textOf = (measures: readonly PageMeasure[], name: string): string =>
    measures.find((each) => each.name === name)?.text ?? 'not measured';
  const names = new Set([...first.measures, ...second.measures].map(({ name }) => name));
  return [...names].map((name) => ({
    name,
    first: textOf(first.measures, name),
    second: textOf(second.measures, name),
  }));
}

/** Colours of the first and the second run: the palette's blue and orange. */
const COLOURS = ['#1f77b9', '#d97a00'] as const;
const DASHES = ['solid', 'dash', 'dot', 'dashdot'] as const;

/** A run's name with its figure. */
export interface NamedFigure {
  readonly name: string;
  readonly figure: PlotFigure;
}

/**
 * Returns the curves of two runs of a kind in one figure: the colour tells the run, the dash tells the curve. The pale raw
 * curves behind smoothed ones are left out.
 */
export function overlaidCurves(first: NamedFigure, second: NamedFigure): PlotFigure {
  const data = [first, second].flatMap(({ name, figure }, i) =>
    curvesOf(figure).map((trace, at, all): PlotTrace => ({
      ...trace,
      name: `${escaped(name)}: ${trace.name ?? ''}`,
      legendgroup: `${i} ${trace.name ?? ''}`,
      mode: 'lines',
      line: {
        ...trace.line,
        ...{
          width: 1.4,
          color: COLOURS[i] ?? COLOURS[0],
          dash: DASHES[placeIn(all, at) % DASHES.length],
        },
      },
    })),
  );
  const { layout } = first.figure;
  const annotations = (layout.annotations ?? []).filter(({ xref }) => xref === 'paper');
  const title = { ...layout.title, text: 'Curves of both runs, smoothed' };
  return { data, layout: { ...layout, title, annotations, shapes: [] } };
}

const curvesOf = ({ data }: PlotFigure): readonly PlotTrace[] =>
  data.filter(({ name = '' }) => !name.endsWith(', raw'));

/** Returns the place of a trace among those of its panel. */
function placeIn(traces: readonly PlotTrace[], at: number): number {
  const yaxis = traces[at]?.yaxis;
  return traces.slice(0, at).filter((each) => each.yaxis === yaxis).length;
}

/** Plotly reads `<b>` in a name as markup. */
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
