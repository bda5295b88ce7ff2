/** Model cards, run records, and what the figures do not say. */
import { html, type Html } from '@janus/core';
import { definitions, table } from './html.js';
import { markdown } from './markdown.js';
import type { Section } from './page-parts.js';
import type { ReportRun, SkippedRun } from './read-runs.js';
import { optionText, valueText } from './run-text.js';

/** Returns the cards that training wrote, folded up; `undefined` when no run has one. */
export function cardsSection(runs: readonly ReportRun[]): Section | undefined {
  const cards = runs.flatMap((run) => (run.card === undefined ? [] : [{ run, card: run.card }]));
  if (cards.length === 0) return undefined;
  return {
    id: 'cards',
    title: 'Model cards',
    body: html`${cards.map(
      ({ run, card }) =>
        html`<details class="card" ${cards.length <= 2 ? 'open' : ''}><summary>${run.name}</summary><div class="markdown">${markdown(card, 4)}</div></details>`,
    )}`,
    figures: [],
  };
}

function recordBlock(run: ReportRun): Html {
  const { record } = run;
  return html`<details class="card" id="record-${run.id}"><summary>${run.name} <span class="muted">${optionText(record)}</span></summary>
${definitions([
  ['Kind', record.kind],
  ['Started', record.started],
  ['Seed', record.seed],
  ['Engine', record.engine],
  ['Git commit', record.gitCommit ?? 'none'],
  ['Data hash', html`<code>${record.dataHash}</code>`],
  ...Object.entries(record.versions).map(([name, version]) => [name, version] as const),
])}
<h4>Options</h4>
${table<readonly [string, unknown]>(
  [
    { title: 'Option', cell: ([name]) => html`<code>${name}</code>` },
    { title: 'Value', cell: ([, value]) => valueText(value) },
  ],
  Object.entries(record.options),
)}</details>`;
}

/** Returns what it takes to repeat each run. */
export function recordsSection(runs: readonly ReportRun[]): Section {
  return {
    id: 'records',
    title: 'Run records',
    body: html`<p>A run can be repeated from its record: same options, seed and data give the same numbers on the same engine.</p>${runs.map(recordBlock)}`,
    figures: [],
  };
}

/** Returns what could not be read, so that nobody takes the page for the whole. */
export function skippedSection(skipped: readonly SkippedRun[]): Section {
  return {
    id: 'skipped',
    title: 'Left out',
    body: html`<p class="note">These could not be read and are not part of this page.</p>${table<SkippedRun>(
      [
        { title: 'Run or file', cell: ({ name }) => html`<code>${name}</code>` },
        { title: 'Why', cell: ({ reason }) => reason },
      ],
      skipped,
    )}`,
    figures: [],
  };
}

/** Returns limits and consent: part of every report. */
export function limitsSection(): Section {
  return {
    id: 'limits',
    title: 'Limits and responsible use',
    body: html`<ul>
<li><b>Labels are perceived.</b> A label says how somebody (or a generator) described an image, not who a person is. Nothing here measures gender, party or any other identity of a person.</li>
<li><b>Fakes are generated.</b> Every translated face is made by a network. Do not show one without saying so, and do not make one of a person who has not agreed.</li>
<li><b>Consent.</b> The data set that comes with Janus is drawn, no person is in it. Who brings photographs answers for their licence and for the consent of the people in them.</li>
<li><b>An interval covers chance, not bias.</b> It says how far the figure would move with other images of the same source. Other cameras, ages, skin tones or countries may do far worse; look at the classes and slices before using an average.</li>
<li><b>A judge is a classifier.</b> “Judged as the other value” shares the judge’s blind spots: a fake can convince it and no person.</li>
<li><b>Not for decisions about people.</b> Not for identification, hiring, policing, border control, advertising by group, or telling anybody’s gender, politics or origin.</li>
</ul>`,
    figures: [],
  };
}
