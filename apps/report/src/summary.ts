import { countText, html, type Html, type Interval, percentText, rangeText } from '@janus/core';
import { runWords } from './classifier-section.js';
import type { DataSummary } from './data-summary.js';
import { table } from './html.js';
import { tilesBlock, type Tile } from './page-parts.js';
import type { ClassifierRun, ReportRun } from './read-runs.js';
import { optionText } from './run-text.js';

const detail = (interval: Interval, n: number): string =>
  `${rangeText(interval)}, n = ${countText(n)}`;

/** Returns the headline figures: of the newest evaluated run of each kind, and of the data. */
function tilesOf(runs: readonly ReportRun[], data: DataSummary | undefined): readonly Tile[] {
  const tiles: Tile[] = [];
  const classifier = runs
    .flatMap((run) => (run.kind === 'classifier' ? (run.evaluation ?? []) : []))
    .at(-1);
  if (classifier !== undefined) {
    const { target, accuracy, n } = classifier;
    tiles.push({
      label: `Accuracy, ${target}`,
      value: percentText(accuracy.value),
      detail: detail(accuracy, n),
    });
  }
  const translation = runs
    .flatMap((run) => (run.kind === 'cyclegan' ? (run.evaluation ?? []) : []))
    .at(-1);
  if (translation !== undefined) {
    const { domains, xToY, yToX } = translation;
    for (const [words, { judgedAsTarget, n }] of [
      [`${domains.x} → ${domains.y}`, xToY],
      [`${domains.y} → ${domains.x}`, yToX],
    ] as const) {
      if (judgedAsTarget === undefined) continue;
      tiles.push({
        label: `${words}, judged so`,
        value: percentText(judgedAsTarget.value),
        detail: detail(judgedAsTarget, n),
      });
    }
  }
  const first = data?.steps[0];
  const last = data?.steps.at(-1);
  if (first !== undefined && last !== undefined) {
    tiles.push({
      label: 'Images used',
      value: countText(last.rows),
      detail: `of ${countText(first.rows + first.rejected)}; ${countText(first.rows + first.rejected - last.rows)} left out`,
    });
  }
  return tiles;
}

function comparison(runs: readonly ClassifierRun[]): Html {
  return html`<h3>All classifiers</h3>${table<ClassifierRun>(
    [
      { title: 'Run', cell: (run) => html`<a href="#${run.id}">${run.name}</a>` },
      { title: 'Model', cell: runWords },
      {
        title: 'Target',
        cell: ({ evaluation, targets }) =>
          evaluation?.target ?? Object.keys(targets?.targets ?? {}).join(', '),
      },
      {
        title: 'Accuracy (95 % interval)',
        cell: (run) =>
          run.evaluation === undefined
            ? run.targets === undefined
              ? 'not evaluated'
              : 'see below'
            : `${percentText(run.evaluation.accuracy.value)} (${rangeText(run.evaluation.accuracy)})`,
        numeric: true,
      },
      {
        title: 'n',
        cell: (run) => (run.evaluation === undefined ? '' : countText(run.evaluation.n)),
        numeric: true,
      },
      { title: 'Training', cell: (run) => optionText(run.record) },
    ],
    runs,
  )}`;
}

/** Returns the page's first screen: headline figures, and a comparison where there is one. */
export function summaryBlock(runs: readonly ReportRun[], data: DataSummary | undefined): Html {
  const classifiers = runs.filter((run) => run.kind === 'classifier');
  const tiles = tilesOf(runs, data);
  return html`${tiles.length === 0 ? html`<p class="note">No run is evaluated yet: <code>janus evaluate &lt;run&gt;</code> fills in the headline figures.</p>` : tilesBlock(tiles)}
${tiles.length === 0 ? '' : html`<p class="muted small">Below each rate: its 95 % interval and the number of test images they stand on.</p>`}
${classifiers.length > 1 ? comparison(classifiers) : ''}`;
}
