/** Trainings with several seeds: what the seeds vary, a table each. */
import { basename } from 'node:path';
import {
  countText,
  html,
  readSeedsOfEither,
  seedLeftText,
  seedsMeasureText,
  type Html,
  type Interval,
  type SeedsMean,
  type SeedsMeasureText,
  type SeedsRecord,
  type TranslationSeedsRecord,
} from '@janus/core';
import { table } from './html.js';
import type { Section } from './page-parts.js';
import { readTables, type SkippedRun } from './read-runs.js';
import type { SourceOf } from './sweep-section.js';

/** A `seeds.json` and the name of its folder. */
export interface FoundSeeds {
  readonly name: string;
  readonly record: SeedsRecord | TranslationSeedsRecord;
}

/** A measure of a target, or of a direction of a translation, over the seeds. */
export interface SeedsRow {
  /** The target, or `xToY` or `yToX`. */
  readonly key: string;
  /** The target, or `cats to dogs`. */
  readonly of: string;
  /** Images that were measured. */
  readonly n: number;
  /** As in `seeds.json`. */
  readonly measure: string;
  readonly words: SeedsMeasureText;
  readonly mean: number;
  readonly values: readonly number[];
  readonly seeds: SeedsMean['seeds'];
  /** Where the mean would lie on other images; of a translation each run's evaluation tells that. */
  readonly images?: Interval;
}

/** Returns what was trained with several seeds in a folder of runs and in the folders of it; a broken file goes to `skipped`. */
export async function readAllSeeds(
  folder: string,
  skipped: SkippedRun[],
): Promise<readonly FoundSeeds[]> {
  const found = await readTables(folder, skipped, { file: 'seeds.json', read: readSeedsOfEither });
  return found.map(({ folder: own, record }) => ({ name: basename(own), record }));
}

/** Returns the measures of several seeds, one row each, in the order of the file. */
export function seedsRows(record: FoundSeeds['record']): readonly SeedsRow[] {
  const rowOf = (
    [measure, { values, seeds, images }]: readonly [string, SeedsMean & { images?: Interval }],
    { to, ...about }: Pick<SeedsRow, 'key' | 'of' | 'n'> & { readonly to?: string },
  ): SeedsRow => ({
    ...{ ...about, measure, words: seedsMeasureText(measure, to) },
    ...{ values, seeds, mean: seeds?.value ?? images?.value ?? values[0] ?? NaN },
    ...(images === undefined ? {} : { images }),
  });
  if ('targets' in record) {
    return Object.entries(record.targets).flatMap(([of, { n, measures }]) =>
      Object.entries(measures).map((each) => rowOf(each, { key: of, of, n })),
    );
  }
  const { x, y } = record.domains;
  return (
    [
      ['xToY', x, y],
      ['yToX', y, x],
    ] as const
  ).flatMap(([key, from, to]) =>
    Object.entries(record[key]?.measures ?? {}).map((each) =>
      rowOf(each, { key, of: `${from} to ${to}`, n: record[key]?.n ?? 0, to }),
    ),
  );
}

/** Returns the ends of an interval: `88.7 to 97.5`. */
export const endsText = (
  { low, high }: Pick<Interval, 'low' | 'high'>,
  { plain }: SeedsMeasureText,
): string => `${plain(low)} to ${plain(high)}`;

/** Returns the id of a section and table of several seeds. */
export const seedsId = ({ name }: FoundSeeds): string =>
  `seeds-${name}`.toLowerCase().replace(/[^a-z0-9]+/g, '-');

/** Returns a line about what was trained, for captions. */
export function seedsCaption({ name, record }: FoundSeeds): string {
  const seeds = new Set(record.runs.map(({ seed }) => seed)).size;
  const folds =
    'targets' in record && record.folds !== undefined ? `, each of ${record.folds} folds` : '';
  return `${name}: ${seeds} ${seeds === 1 ? 'seed' : 'seeds'}${folds}, test images.`;
}

/** Returns several seeds as a table, with the runs behind it. */
export function seedsSection(found: FoundSeeds, sourceOf: SourceOf): Section {
  const { record } = found;
  const rows = seedsRows(record);
  const hasImages = rows.some(({ images }) => images !== undefined);
  const notes = [
    ...('note' in record && record.note !== undefined ? [record.note] : []),
    ...record.left.map(seedLeftText),
  ];
  return {
    id: seedsId(found),
    title: `Several seeds: ${found.name}`,
    body: html`<p>${seedsCaption(found)} ${record.intervalMethod}</p>
${table<SeedsRow>(
  [
    {
      title: 'Of',
      cell: ({ of, n }) => html`${of}<br /><span class="muted small">n = ${countText(n)}</span>`,
    },
    { title: 'Measure', cell: ({ words }) => words.words },
    { title: 'Mean', cell: ({ mean, words }) => words.text(mean), numeric: true },
    {
      title: 'By seed',
      cell: ({ values, words }) => values.map(words.plain).join(', '),
      numeric: true,
    },
    {
      title: 'Deviation',
      cell: ({ seeds, words }) => (seeds === null ? '' : words.plain(seeds.deviation)),
      numeric: true,
    },
    {
      title: 'Other seeds',
      cell: ({ seeds, words }) => (seeds === null ? '' : endsText(seeds, words)),
      numeric: true,
    },
    ...(hasImages
      ? [
          {
            title: 'Other images',
            cell: ({ images, words }: SeedsRow): string =>
              images === undefined ? '' : endsText(images, words),
            numeric: true,
          },
        ]
      : []),
  ],
  rows,
)}
<p class="muted small">Runs: ${record.runs.map((run, i) => html`${i === 0 ? '' : ', '}${runLink(run, sourceOf)}`)}</p>
${notes.length === 0 ? '' : html`<ul>${notes.map((note) => html`<li>${note}</li>`)}</ul>`}`,
    figures: [],
  };
}

function runLink(
  { run, seed, fold }: FoundSeeds['record']['runs'][number],
  sourceOf: SourceOf,
): Html | string {
  const text = `seed ${seed}${fold === undefined ? '' : `, fold ${fold}`}`;
  const source = sourceOf(run);
  return source === undefined ? text : html`<a href="#${source}">${text}</a>`;
}
