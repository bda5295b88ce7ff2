/** Draws figures when they come near the screen, in the colours of the reader's theme, and in light ones for the printer. */
import type { PageData } from '../page-data.js';
import type { PlotFigure } from './plotly.js';

/** Pixels above and below the screen in which figures are drawn ahead. */
const AHEAD_PX = 800;

/** Narrower plots have smaller letters. */
const NARROW_PX = 420;

const CONFIG = { responsive: true, displayModeBar: false };

/** Draws on the page. */
export interface Drawing {
  /** Draws a figure into an element, and again when the theme changes. */
  readonly draw: (plot: HTMLElement, figure: PlotFigure) => void;
}

/** Returns the figure that the page holds for an id. */
export function figureOf(id: string): PlotFigure | undefined {
  const text = document.getElementById(`data-${id}`)?.textContent;
  return text === undefined || text === '' ? undefined : (JSON.parse(text) as PlotFigure);
}

/** Begins to draw the page's figures as the reader comes to them. */
export function drawFigures(page: PageData): Drawing {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const drawn = new Map<HTMLElement, PlotFigure>();
  const show = (plot: HTMLElement, isDark: boolean): void => {
    const figure = drawn.get(plot);
    if (figure === undefined) return;
    const { data, layout } = fitted(isDark ? recoloured(figure, page) : figure, plot);
    if (plot.dataset['drawn'] === undefined) plot.replaceChildren();
    plot.dataset['drawn'] = '';
    Plotly.react(plot, data, layout, CONFIG);
  };
  const draw = (plot: HTMLElement, figure: PlotFigure): void => {
    drawn.set(plot, figure);
    show(plot, dark.matches);
  };
  const drawOwn = (plot: HTMLElement): void => {
    const figure = drawn.has(plot) ? undefined : figureOf(plot.dataset['figure'] ?? '');
    if (figure !== undefined) draw(plot, figure);
  };
  const plots = [...document.querySelectorAll<HTMLElement>('.plot[data-figure]')];
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        observer.unobserve(target);
        drawOwn(target as HTMLElement);
      }
    },
    { rootMargin: `${AHEAD_PX}px 0px` },
  );
  for (const plot of plots) observer.observe(plot);
  const redraw = (isDark: boolean): void => {
    for (const plot of drawn.keys()) show(plot, isDark);
  };
  dark.addEventListener('change', () => {
    redraw(dark.matches);
  });
  whenPrinted(
    () => {
      plots.forEach(drawOwn);
      redraw(false);
    },
    () => {
      redraw(dark.matches);
    },
  );
  return { draw };
}

/** Opens all that is folded up for the printer, and folds it up again. */
function whenPrinted(before: () => void, after: () => void): void {
  const folded = new Set<HTMLDetailsElement>();
  addEventListener('beforeprint', () => {
    for (const each of document.querySelectorAll('details')) {
      if (!each.open) folded.add(each);
      each.open = true;
    }
    before();
  });
  addEventListener('afterprint', () => {
    for (const each of folded) each.open = false;
    folded.clear();
    after();
  });
}

function fitted(figure: PlotFigure, plot: HTMLElement): PlotFigure {
  if (plot.clientWidth >= NARROW_PX) return figure;
  const { layout, data } = figure;
  const margin = { ...layout.margin, l: 8, r: 20 };
  return { data, layout: { ...layout, margin, font: { ...layout.font, size: 11.5 } } };
}

function recoloured(figure: PlotFigure, { swap, muted }: PageData): PlotFigure {
  const of = (value: unknown): unknown => {
    if (typeof value === 'string') return swap[value] ?? value.replaceAll(muted[0], muted[1]);
    // The points of a curve: nothing to recolour, and many.
    if (Array.isArray(value)) return typeof value[1] === 'number' ? value : value.map(of);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, of(each)]));
  };
  return of(figure) as PlotFigure;
}
