/** The tables that sweeps made, each with its rows beside the paper. */
import {
  countText,
  html,
  percentText,
  rangeText,
  readSweep,
  type Html,
  type SweepRecord,
  type SweepRowRecord,
} from '@janus/core';
import { sweepFigure } from '@janus/figures';
import { distinctIds } from './distinct-ids.js';
import { table } from './html.js';
import { figureBlock, type CaptionedFigure, type Section } from './page-parts.js';
import { readTables, type SkippedRun } from './read-runs.js';

/** Returns the sweeps in a folder of runs and in the folders of it; a broken one goes to `skipped`. */
export async function readSweeps(
  folder: string,
  skipped: SkippedRun[],
): Promise<readonly SweepRecord[]> {
  const found = await readTables(folder, skipped, { file: 'sweep.json', read: readSweep });
  return found.map(({ record }) => record);
}

function comparisonCell({ againstBest }: SweepRowRecord): Html | string {
  if (againstBest === null) return 'best';
  const { holm, onlyBest, onlyThis } = againstBest;
  return html`${holm < 0.001 ? '< 0.001' : holm.toFixed(3)}<br /><span class="muted small">${onlyThis} against ${onlyBest}</span>`;
}

function rowsTable(rows: readonly SweepRowRecord[], sourceOf: SourceOf): Html {
  return table<SweepRowRecord>(
    [
      { title: 'Row', cell: ({ row }) => row, numeric: true },
      { title: 'Setup', cell: ({ name }) => name },
      {
        title: 'Paper',
        cell: ({ paper }) => (paper === null ? '' : percentText(paper)),
        numeric: true,
      },
      {
        title: 'Ours',
        cell: ({ ours, run }) =>
          html`${linked(percentText(ours.value), sourceOf(run))}<br /><span class="muted small">${rangeText(ours)}, n = ${countText(ours.n)}</span>`,
        numeric: true,
      },
      {
        title: 'Validation loss',
        cell: ({ validationLoss }) => validationLoss?.toFixed(3) ?? '',
        numeric: true,
      },
      { title: 'p', cell: comparisonCell, numeric: true },
      { title: 'Images', cell: ({ images }) => countText(images), numeric: true },
      { title: 'Updates', cell: ({ updates }) => countText(updates), numeric: true },
      {
        title: 'Seconds',
        cell: ({ seconds }) => seconds.toFixed(seconds < 10 ? 1 : 0),
        numeric: true,
      },
    ],
    rows,
  );
}

/** Returns the id of the place that says where a run's numbers come from, by its folder; undefined for a run that is not shown. */
export type SourceOf = (folder: string) => string | undefined;

const linked = (text: string, source: string | undefined): Html | string =>
  source === undefined ? text : html`<a href="#${source}">${text}</a>`;

/** Returns the id of a sweep's section and chart among those of all sweeps. */
export const sweepFigureId = (sweep: SweepRecord, sweeps: readonly SweepRecord[]): string =>
  distinctIds(sweeps, ({ name, data, targets }) => [
    `sweep-${name}-${data}`,
    `sweep-${name}-${data}-${targets.join('-')}`,
  ]).get(sweep) ?? '';

/**
 * Returns a sweep as a chart and a table, whose numbers lead to the runs that are shown too.
 *
 * @param sweeps all that the page shows
 */
export function sweepSection(
  sweep: SweepRecord,
  sweeps: readonly SweepRecord[],
  sourceOf: SourceOf,
): Section {
  const { name, data, targets, scale, rows, failed, left, majority, intervalMethod } = sweep;
  const id = sweepFigureId(sweep, sweeps);
  const isOnly = sweeps.filter((each) => each.name === name && each.data === data).length === 1;
  const title = `${name} on ${data}${isOnly ? '' : `, ${targets.join(', ')}`}`;
  const figures: CaptionedFigure[] =
    rows.length === 0
      ? []
      : [
          {
            id,
            figure: sweepFigure(rows, {
              title,
              ...(majority === null ? {} : { majority }),
            }),
            caption:
              'Each row of the table, measured on the same test images. The paper’s images were others: an orientation and not a contest.',
          },
        ];
  const notes = [
    ...left.map((each) => `Row ${each.row} (${each.name}) is not finished.`),
    ...failed.map((each) => `Row ${each.row} (${each.name}) failed: ${each.reason}`),
  ];
  return {
    id,
    title: `Table: ${title}`,
    body: html`<p>${targets.join(', ')}; images and updates of the table times ${scale}.${intervalMethod === null ? '' : ` Intervals: ${intervalMethod}.`}
p: McNemar’s exact test against the best row, corrected by Holm’s method for the number of rows; below it, the images that only this row and only the best got right.</p>
${figures.map(figureBlock)}
${rows.length === 0 ? '' : rowsTable(rows, sourceOf)}
${notes.length === 0 ? '' : html`<ul>${notes.map((note) => html`<li>${note}</li>`)}</ul>`}`,
    figures,
  };
}
