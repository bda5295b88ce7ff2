/** The table of all runs, and where a run's numbers come from. */
import { countText, html, percentText, rangeText, type Html, type HtmlPart } from '@janus/core';
import type { Section } from './page-parts.js';
import type { ReportRun } from './read-runs.js';
import { aboutText, mainMeasures, runCommands, type MainMeasure } from './run-facts.js';
import { numberIn, optionText } from './run-text.js';

/** A column of the table: its cells can be sorted by. */
interface RunColumn {
  readonly title: string;
  readonly numeric?: boolean;
  readonly cell: (run: ReportRun) => HtmlPart;
  /** What is sorted by; default the cell's text. */
  readonly value?: (run: ReportRun) => number | string | undefined;
}

/** Id of the place that says where a run's numbers come from. */
export const sourceId = (run: { readonly id: string }): string => `source-${run.id}`;

/** Measures that a row shows: a generator of several attributes has one a change. */
const SHOWN_MEASURES = 4;

function measureCell(run: ReportRun): HtmlPart {
  const measures = mainMeasures(run);
  if (run.evaluation === undefined && measures.length === 0) return 'not evaluated';
  if (measures.length === 0) return html`<a href="#${sourceId(run)}">no classifier judged</a>`;
  const more = measures.length - SHOWN_MEASURES;
  const shown = measures
    .slice(0, SHOWN_MEASURES)
    .map(
      ({ name, interval, n }: MainMeasure) =>
        html`<div><a href="#${sourceId(run)}">${percentText(interval.value)}</a> <span class="muted small">${rangeText(interval)}, n = ${countText(n)}<br />${name}</span></div>`,
    );
  return more <= 0
    ? shown
    : [...shown, html`<div><a href="#${run.id}" class="small">${more} more</a></div>`];
}

const COLUMNS: readonly RunColumn[] = [
  { title: 'Run', cell: (run) => html`<a href="#${run.id}">${run.name}</a>` },
  { title: 'Kind', cell: ({ kind }) => kind },
  { title: 'What', cell: aboutText },
  {
    ...{ title: 'Result (95 % interval)', numeric: true, cell: measureCell },
    value: (run) => mainMeasures(run)[0]?.interval.value,
  },
  {
    ...{ title: 'Steps', numeric: true, value: ({ record }) => numberIn(record, 'steps') },
    cell: ({ record }) => countText(numberIn(record, 'steps') ?? 0),
  },
  {
    ...{ title: 'Seconds', numeric: true, value: ({ record }) => numberIn(record, 'seconds') },
    cell: ({ record }) => countText(Math.round(numberIn(record, 'seconds') ?? 0)),
  },
  { title: 'Seed', numeric: true, cell: ({ record }) => record.seed },
  { title: 'Status', cell: ({ record }) => record.status },
  { title: 'Started (UTC)', cell: ({ record }) => record.started.slice(0, 16).replace('T', ' ') },
];

/** Returns all that a search finds a run by. */
function wordsOf(run: ReportRun): string {
  const options = Object.entries(run.record.options).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const measures = mainMeasures(run).map(({ name }) => name);
  return [run.name, run.kind, run.record.status, aboutText(run), ...measures, ...options].join(' ');
}

function rowOf(run: ReportRun): Html {
  const cells = COLUMNS.map(({ cell, value, numeric }) => {
    const key = value === undefined ? undefined : String(value(run) ?? '');
    const attribute = key === undefined ? '' : html` data-value="${key}"`;
    return html`<td class="${numeric === true ? 'numeric' : ''}"${attribute}>${cell(run)}</td>`;
  });
  return html`<tr data-run="${run.id}" data-kind="${run.kind}" data-words="${wordsOf(run)}"><td><input type="checkbox" value="${run.id}" aria-label="Compare ${run.name}"></td>${cells}</tr>\n`;
}

const head = ({ title, numeric }: RunColumn): Html =>
  html`<th scope="col" class="${numeric === true ? 'numeric' : ''}"><button type="button">${title}</button></th>`;

/** Returns the table of runs, which the page's script sorts and filters. */
export function runsSection(runs: readonly ReportRun[]): Section {
  const kinds = [...new Set(runs.map(({ kind }) => kind))].sort();
  const body = html`<form class="tools" role="search" onsubmit="return false">
<label>Search <input type="search" autocomplete="off" placeholder="name, option=value, status"></label>
<label>Kind <select><option value="">all</option>${kinds.map((kind) => html`<option>${kind}</option>`)}</select></label>
<output aria-live="polite">${runs.length} of ${runs.length} runs</output>
<button type="button" class="compare" disabled>Compare two</button>
</form>
<div class="scroll" tabindex="0" role="region" aria-label="Table of runs"><table>
<thead><tr><td><span class="hidden">Compare</span></td>${COLUMNS.map(head)}</tr></thead>
<tbody>${runs.map(rowOf)}</tbody>
</table></div>
<p class="muted small">A column’s title sorts by it. Check two runs to see their options, measures and curves side by side.
A result leads to the run and the command that made it.</p>`;
  return { id: 'runs', title: 'Runs', body, figures: [] };
}

/** Returns the section that the page’s script fills with two runs; hidden until then. */
export function comparisonSection(): Section {
  return {
    ...{ id: 'compare', title: 'Two runs side by side', figures: [], hidden: true },
    body: html`<div class="compared" aria-live="polite"></div>
<p class="muted small">Intervals of two runs on the same test images overlap more than their difference is uncertain:
<code>janus evaluate --against</code> compares them image by image.</p>`,
  };
}

/** Returns where a run's numbers come from: its folder, the commands, its record. */
export function sourceBlock(run: ReportRun, runs: string): Html {
  return html`<details class="source" id="${sourceId(run)}"><summary>Run <code>${run.name}</code>: where its numbers come from</summary>
<p>${optionText(run.record)}. Folder <code>${run.folder}</code>; <a href="#record-${run.id}">its record</a>.</p>
<pre tabindex="0"><code>${runCommands(run, runs).join('\n')}</code></pre></details>`;
}
