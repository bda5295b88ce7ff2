/** The curves of the chosen run, drawn again when they have grown. */
import type { CurvesView, RunView } from '../run-view.js';
import { byId, textElement } from './page.js';
import { drawPlot } from './plotly.js';

/** Milliseconds between two drawings: curves are looked at, not counted. */
const PAUSE_MS = 2000;

/** Draws curves. */
export interface Curves {
  /** Takes the newest view of the chosen run. */
  readonly show: (run: RunView) => void;
}

/** Returns what draws the curves of the chosen run. */
export function openCurves(): Curves {
  const place = byId('curves');
  const dark = matchMedia('(prefers-color-scheme: dark)');
  let wanted: RunView | undefined;
  let drawn = '';
  let pausing = false;
  const keyOf = (run: RunView): string => JSON.stringify([run.id, run.curves, dark.matches]);
  const update = async (): Promise<void> => {
    const run = wanted;
    if (run === undefined || pausing || keyOf(run) === drawn) return;
    pausing = true;
    try {
      const key = keyOf(run);
      const curves = await fetchCurves(run, dark.matches ? 'dark' : 'light');
      // Another one was chosen meanwhile.
      if (wanted?.id === run.id) {
        draw(place, run, curves);
        drawn = key;
      }
    } catch {
      // The command has ended, which the page says; the next view draws again.
    }
    setTimeout(
      () => {
        pausing = false;
        void update();
      },
      wanted?.id === run.id ? PAUSE_MS : 0,
    );
  };
  dark.addEventListener('change', () => void update());
  return {
    show: (run) => {
      if (wanted?.id !== run.id) clear(place);
      wanted = run;
      void update();
    },
  };
}

async function fetchCurves({ id }: RunView, theme: 'light' | 'dark'): Promise<CurvesView> {
  const answer = await fetch(`/curves?run=${encodeURIComponent(id)}&theme=${theme}`);
  if (!answer.ok) throw new Error(answer.statusText);
  return (await answer.json()) as CurvesView;
}

function clear(place: HTMLElement): void {
  for (const plot of place.querySelectorAll<HTMLElement>('.plot')) Plotly.purge(plot);
  place.replaceChildren();
}

function draw(place: HTMLElement, run: RunView, { figures }: CurvesView): void {
  for (const [i, { title, data, layout }] of figures.entries()) {
    const plot = place.querySelectorAll<HTMLElement>('.plot')[i] ?? plotOf(place, title);
    plot.style.height = `${Number(layout['height'])}px`;
    const [updates, , , newest] = run.cells;
    plot.setAttribute('aria-label', `${title} of ${run.id}, ${updates} updates: ${newest}`);
    drawPlot(plot, { data, layout });
  }
}

function plotOf(place: HTMLElement, title: string): HTMLElement {
  const figure = document.createElement('figure');
  const plot = textElement('div', '', 'plot');
  plot.setAttribute('role', 'img');
  plot.dataset['title'] = title;
  figure.append(plot);
  place.append(figure);
  return plot;
}
