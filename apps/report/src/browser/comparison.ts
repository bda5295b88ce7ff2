/** The part of the page that shows two runs side by side. */
import type { PageRun } from '../page-data.js';
import { differingOptions, measureRows, overlaidCurves, type ComparedRow } from './compare-runs.js';
import { figureOf, type Drawing } from './draw-figures.js';

/** Returns an element with text or elements in it. */
function element(name: string, children: readonly (Node | string)[]): HTMLElement {
  const made = document.createElement(name);
  made.append(...children);
  return made;
}

function runLink({ id, name }: PageRun): HTMLElement {
  const link = document.createElement('a');
  link.href = `#${id}`;
  link.textContent = name;
  return link;
}

/** Returns a table of what two runs have by name. */
function pairTable(rows: readonly ComparedRow[], runs: readonly [PageRun, PageRun]): HTMLElement {
  const heads = ['', ...runs.map(({ name }) => name)].map((text) => {
    const head = element(text === '' ? 'td' : 'th', [text]);
    if (text !== '') head.setAttribute('scope', 'col');
    return head;
  });
  const body = rows.map(({ name, first, second }) => {
    const head = element('th', [name]);
    head.setAttribute('scope', 'row');
    return element('tr', [head, element('td', [first]), element('td', [second])]);
  });
  const scroll = element('div', [
    element('table', [element('thead', [element('tr', heads)]), element('tbody', body)]),
  ]);
  scroll.className = 'scroll';
  return scroll;
}

/** Returns what makes both runs again. */
function commands(runs: readonly PageRun[]): HTMLElement {
  return element('details', [
    element('summary', ['The commands that train them']),
    ...runs.flatMap((run) => [
      element('p', [runLink(run)]),
      element('pre', [element('code', [run.command])]),
    ]),
  ]);
}

/** Shows two runs in the section `compare`, and moves the reader there. */
export function showComparison(runs: readonly [PageRun, PageRun], drawing: Drawing): void {
  const section = document.getElementById('compare');
  const place = section?.querySelector('.compared');
  if (section === null || place === null || place === undefined) return;
  const [first, second] = runs;
  const options = differingOptions(first, second);
  const measures = measureRows(first, second);
  const curves = overlay(runs);
  const plot = document.createElement('div');
  plot.className = 'plot';
  place.replaceChildren(
    element('p', [runLink(first), ' against ', runLink(second)]),
    element('h3', ['Options that differ']),
    options.length === 0 ? element('p', ['None.']) : pairTable(options, runs),
    element('h3', ['Measures']),
    measures.length === 0 ? element('p', ['Neither is evaluated.']) : pairTable(measures, runs),
    element('h3', ['Curves']),
    typeof curves === 'string' ? element('p', [curves]) : plot,
    commands(runs),
  );
  section.hidden = false;
  // Plotly measures the place that it draws into, so it must be shown by now.
  if (typeof curves !== 'string') {
    plot.style.height = `${curves.layout.height ?? 420}px`;
    drawing.draw(plot, curves);
  }
  section.scrollIntoView();
  section.querySelector<HTMLElement>('h2')?.focus({ preventScroll: true });
}

/** Returns the curves of both in one figure, or why there are none. */
function overlay([first, second]: readonly [PageRun, PageRun]):
  ReturnType<typeof overlaidCurves> | string {
  if (first.kind !== second.kind) {
    return 'Runs of different kinds have no curve in common: compare runs of one kind.';
  }
  const [a, b] = [first, second].map(({ curves }) =>
    curves === null ? undefined : figureOf(curves),
  );
  if (a === undefined || b === undefined) return 'One of the runs has no curves.';
  return overlaidCurves({ name: first.name, figure: a }, { name: second.name, figure: b });
}
