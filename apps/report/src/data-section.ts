import { join } from 'node:path';
import { countText, labelDistribution, percentText, splitBalance } from '@janus/figures';
import type { DataStep, DataSummary } from './data-summary.js';
import { definitions, html, table, type Html } from './html.js';
import { figureBlock, pictureBlock, type CaptionedFigure, type Section } from './page-parts.js';

/** Distributions that the page shows; the rest are in the data set's own statistics. */
const MOST_DISTRIBUTIONS = 6;

const STEP_NAMES: Readonly<Record<string, string>> = {
  import: 'Imported',
  fetch: 'Fetched',
  crop: 'Cropped to the face',
  clean: 'Cleaned',
  split: 'Split',
};

function reasonsOf(step: DataStep): Html {
  const reasons = Object.entries(step.reasons).sort((a, b) => b[1] - a[1]);
  const splits = Object.entries(step.splits ?? {});
  if (reasons.length === 0 && splits.length === 0)
    return html`<span class="muted">none left out</span>`;
  return html`${[...reasons, ...splits].map(
    ([name, n]) => html`<span class="chip">${name} <b>${countText(n)}</b></span> `,
  )}`;
}

/** Where the summary's pictures lie, and what the runs are about. */
export interface DataSectionOptions {
  readonly folder: string;
  /** Columns whose distribution comes first. */
  readonly targets: readonly string[];
}

/** Columns that tell how the data were made come last. */
function rankOf(column: string, targets: readonly string[]): number {
  if (targets.includes(column)) return 0;
  return column === 'planted' || column.endsWith('_truth') ? 2 : 1;
}

/** Returns what the pictures are, how many went at each step and why, and how they spread. */
export async function dataSection(
  summary: DataSummary,
  options: DataSectionOptions,
): Promise<Section> {
  const { folder, targets } = options;
  const distributions = Object.entries(summary.distributions ?? {})
    .filter(([, counts]) => Object.values(counts).some((n) => n > 0))
    .sort(([a], [b]) => rankOf(a, targets) - rankOf(b, targets));
  const figures: CaptionedFigure[] = distributions
    .slice(0, MOST_DISTRIBUTIONS)
    .map(([column, counts], i) => ({
      id: `data-${i + 1}-${column.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`,
      figure: labelDistribution(counts, { title: column }),
      caption: html`Values of <b>${column}</b> among the kept images.`,
    }));
  if (summary.splitBalance !== undefined && Object.keys(summary.splitBalance).length > 0) {
    figures.push({
      id: 'data-splits',
      figure: splitBalance(summary.splitBalance),
      caption:
        'The target’s values in each split: nearly equal shares mean that a score on the test split is about the same mixture that was trained on.',
    });
  }
  const sheets = await Promise.all(
    (summary.sheets ?? []).map(({ title, file }) =>
      pictureBlock(join(folder, file), { alt: title, caption: title }),
    ),
  );
  const body = html`
${definitions([
  ['Data set', summary.name],
  ['Source', summary.source],
  ['Licence', summary.licence],
])}
${table<DataStep>(
  [
    { title: 'Step', cell: (step) => STEP_NAMES[step.step] ?? step.step },
    { title: 'Images kept', cell: (step) => countText(step.rows), numeric: true },
    {
      title: 'Left out',
      cell: (step) =>
        step.rejected === 0
          ? '0'
          : `${countText(step.rejected)} (${percentText(step.rejected / Math.max(1, step.rows + step.rejected))})`,
      numeric: true,
    },
    { title: 'Why, or where to', cell: reasonsOf },
  ],
  summary.steps,
)}
<div class="columns">${figures.map(figureBlock)}</div>
${distributions.length > MOST_DISTRIBUTIONS ? html`<p class="muted">${distributions.length - MOST_DISTRIBUTIONS} more columns: <code>janus data stats</code>.</p>` : ''}
${sheets}`;
  return { id: 'data', title: 'Data', body, figures };
}
