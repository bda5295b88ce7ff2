/** The tables of translations: each row's measures, and the same images through all rows. */
import { join } from 'node:path';
import {
  countText,
  html,
  percentText,
  rangeText,
  readTranslationSweep,
  type EpochSheet,
  type Html,
  type TranslationMeasures,
  type TranslationSweepRecord,
  type TranslationSweepRow,
} from '@janus/core';
import { distinctIds } from './distinct-ids.js';
import { table } from './html.js';
import { imageBlock, type Section } from './page-parts.js';
import { readTables, type FoundTable, type SkippedRun } from './read-runs.js';

/** A sweep and where its sheets are. */
export type FoundTranslations = FoundTable<TranslationSweepRecord>;

/** Returns the sweeps of translations in a folder of runs and in the folders of it; a broken one goes to `skipped`. */
export async function readTranslationSweeps(
  folder: string,
  skipped: SkippedRun[],
): Promise<readonly FoundTranslations[]> {
  const table = { file: 'translations.json', read: readTranslationSweep };
  return await readTables(folder, skipped, table);
}

/** Returns a number of both directions. */
function bothWays(
  { xToY, yToX }: TranslationSweepRow,
  of: (measures: TranslationMeasures) => number | undefined,
): string {
  const text = (measures: TranslationMeasures): string => of(measures)?.toFixed(2) ?? '';
  const [there, back] = [text(xToY), text(yToX)];
  return there === '' && back === '' ? '' : `${there} / ${back}`;
}

function rowsTable(rows: readonly TranslationSweepRow[]): Html {
  return table<TranslationSweepRow>(
    [
      { title: 'Row', cell: ({ row }) => row, numeric: true },
      { title: 'Setup', cell: ({ name }) => name },
      { title: 'Paper', cell: ({ paper }) => paper ?? '' },
      {
        title: 'Judged as the target',
        cell: ({ ours }) =>
          ours === null
            ? ''
            : html`${percentText(ours.value)}<br /><span class="muted small">${rangeText(ours)}, n = ${countText(ours.n)}</span>`,
        numeric: true,
      },
      {
        title: 'Twin error (features)',
        cell: (row) => bothWays(row, ({ twinErrorFeatures }) => twinErrorFeatures),
        numeric: true,
      },
      {
        title: 'Twin error (pixels)',
        cell: (row) => bothWays(row, ({ twinErrorPixels }) => twinErrorPixels),
        numeric: true,
      },
      { title: 'Kernel distance', cell: (row) => bothWays(row, ({ kid }) => kid), numeric: true },
      {
        title: 'of the originals',
        cell: (row) => bothWays(row, ({ kidOriginals }) => kidOriginals),
        numeric: true,
      },
      { title: 'Images', cell: ({ images }) => countText(images), numeric: true },
      { title: 'Updates', cell: ({ updates }) => countText(updates), numeric: true },
      { title: 'Seconds', cell: ({ seconds }) => seconds.toFixed(0), numeric: true },
    ],
    rows,
  );
}

/** Returns the images of an epoch, both directions. */
async function sheetBlocks(
  { epoch, files }: EpochSheet,
  { folder, record }: FoundTranslations,
): Promise<readonly Html[]> {
  const { x, y } = record.domains;
  const titles = [`${x} to ${y}`, `${y} to ${x}`];
  return await Promise.all(
    files.map((file, i) => {
      const words = `${titles[i] ?? ''}, epoch ${epoch} of the table`;
      return imageBlock(join(folder, file), {
        alt: words,
        caption: `${words}: originals, and what rows that have this epoch make of them.`,
      });
    }),
  );
}

/**
 * Returns the section of a sweep of translations.
 *
 * @param all those that the page shows
 */
export async function translationSweepSection(
  found: FoundTranslations,
  all: readonly FoundTranslations[],
): Promise<Section> {
  const ids = distinctIds(
    all,
    ({
      record: {
        name: of,
        domains: { x, y },
      },
    }) => [`translations-${of}`, `translations-${of}-${x}-${y}`],
  );
  const { name, domains, scale, judge, rows, sheets, failed, left } = found.record;
  const images = await Promise.all(sheets.map((sheet) => sheetBlocks(sheet, found)));
  const notes = [
    ...left.map((each) => `Row ${each.row} (${each.name}) is not finished.`),
    ...failed.map((each) => `Row ${each.row} (${each.name}) failed: ${each.reason}`),
  ];
  return {
    id: ids.get(found) ?? '',
    title: `Table: ${name}, ${domains.x} and ${domains.y}`,
    body: html`<p>Images and updates of the table times ${scale}. ${judge === null ? 'No classifier judged the fakes.' : `Judged by ${judge}, both directions together, with 95 % intervals.`}
Other figures: ${domains.x} to ${domains.y} / back. Twin error: distance to the same face drawn with the other value; 1 means not better than no change. A share counts only where the kernel distance is below that of the originals. The paper looked at its results, of other images.</p>
${rows.length === 0 ? '' : rowsTable(rows)}
${notes.length === 0 ? '' : html`<ul>${notes.map((note) => html`<li>${note}</li>`)}</ul>`}
${images.flat()}`,
    figures: [],
  };
}
