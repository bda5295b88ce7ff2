import { countText, html, type Html, percentText } from '@janus/core';
import { join } from 'node:path';
import { dataSetFigures, type DataSetFigure } from '@janus/figures';
import type { DataStep, DataSummary } from './data-summary.js';
import { definitions, table } from './html.js';
import { figureBlock, imageBlock, type CaptionedFigure, type Section } from './page-parts.js';

/** Columns that the page shows; the rest are in the data set's own statistics. */
const MAX_DISTRIBUTIONS = 6;

const STEP_NAMES: Readonly<Record<string, string>> = {
  import: 'Imported',
  fetch: 'Fetched',
  crop: 'Cropped',
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

/** Where the summary's images lie, and what the runs are about. */
export interface DataSectionOptions {
  readonly folder: string;
  /** Columns whose distribution comes first. */
  readonly targets: readonly string[];
}

function captionOf({ about, column = '' }: DataSetFigure): Html {
  switch (about) {
    case 'steps':
      return html`Images in use after each step, and what the step removed.`;
    case 'column':
      return html`Values of <b>${column}</b> among the kept images.`;
    case 'split':
      return html`Values of <b>${column}</b> in each split: nearly equal shares mean that a score on the test split is about the same mixture that was trained on.`;
    case 'missing':
      return html`Kept images without a value, by column.`;
    case 'sizes':
      return html`Width and height of the kept images; darker is more, on a logarithmic scale.`;
    case 'boxes':
      return html`Width and height of the boxes of what is to be looked at, in pixels of the image.`;
  }
}

/** Returns what the images are, how many went at each step and why, and how they spread. */
export async function dataSection(
  summary: DataSummary,
  options: DataSectionOptions,
): Promise<Section> {
  const { folder, targets } = options;
  const all = dataSetFigures(summary, { targets });
  const columns = all.filter(({ about }) => about === 'column');
  const left = columns.slice(MAX_DISTRIBUTIONS);
  const figures = all
    .filter((each) => !left.includes(each))
    .map((each): CaptionedFigure => {
      const { name, figure } = each;
      return { id: `data-${name}`, figure, caption: captionOf(each) };
    });
  const sheets = await Promise.all(
    (summary.sheets ?? []).map(({ title, file }) =>
      imageBlock(join(folder, file), { alt: title, caption: title }),
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
${left.length > 0 ? html`<p class="muted">${left.length} more columns: <code>janus data stats &lt;dir&gt; --figures &lt;out&gt;</code>.</p>` : ''}
${sheets}`;
  return { id: 'data', title: 'Data', body, figures };
}
