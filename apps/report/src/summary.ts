import {
  countText,
  directionsOf,
  html,
  type Html,
  type Interval,
  percentText,
  rangeText,
} from '@janus/core';
import type { DataSummary } from './data-summary.js';
import { tilesBlock, type Tile } from './page-parts.js';
import type { ReportRun } from './read-runs.js';
import { sourceId } from './runs-section.js';

const detail = (interval: Interval, n: number): string =>
  `${rangeText(interval)}, n = ${countText(n)}`;

/** Directions of a translation that get a tile; a generator of several attributes has more. */
const MAX_DIRECTIONS = 4;

/** Returns the headline figures: of the newest evaluated run of each kind, and of the data. */
function tilesOf(runs: readonly ReportRun[], data: DataSummary | undefined): readonly Tile[] {
  const tiles: Tile[] = [];
  const classifier = runs
    .filter((run) => run.kind === 'classifier' && run.evaluation !== undefined)
    .at(-1);
  if (classifier?.kind === 'classifier' && classifier.evaluation !== undefined) {
    const { target, accuracy, n } = classifier.evaluation;
    tiles.push({
      label: `Accuracy, ${target}`,
      value: percentText(accuracy.value),
      detail: detail(accuracy, n),
      source: sourceId(classifier),
    });
  }
  const translation = runs
    .filter((run) => run.kind !== 'classifier' && run.evaluation !== undefined)
    .at(-1);
  if (
    translation !== undefined &&
    translation.kind !== 'classifier' &&
    translation.evaluation !== undefined
  ) {
    const directions = directionsOf(translation.evaluation).slice(0, MAX_DIRECTIONS);
    for (const { from, to, result } of directions) {
      const { judgedAsTarget, n } = result;
      if (judgedAsTarget === undefined) continue;
      tiles.push({
        label: `${from} → ${to}, judged so`,
        value: percentText(judgedAsTarget.value),
        detail: detail(judgedAsTarget, n),
        source: sourceId(translation),
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

/** Returns the page's first screen: headline figures; nothing where there is no run, but tables alone. */
export function summaryBlock(runs: readonly ReportRun[], data: DataSummary | undefined): Html {
  const tiles = tilesOf(runs, data);
  if (tiles.length === 0 && runs.length === 0) return html``;
  return html`${tiles.length === 0 ? html`<p class="note">No run is evaluated yet: <code>janus evaluate &lt;run&gt;</code> fills in the headline figures.</p>` : tilesBlock(tiles)}
${tiles.length === 0 ? '' : html`<p class="muted small">Below each rate: its 95 % interval and the number of test images they stand on.</p>`}
`;
}
