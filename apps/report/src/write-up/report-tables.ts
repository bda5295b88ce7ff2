/** The tables of a report: what is written to `tables/`, and what a write-up may ask for. */
import { resolve } from 'node:path';
import {
  countText,
  estimateText,
  percentText,
  type Interval,
  type SweepRecord,
  type TranslationSweepRecord,
  type TranslationSweepRow,
} from '@janus/core';
import type { DataSummary } from '../data-summary.js';
import { distinctIds } from '../distinct-ids.js';
import type { ReportRun } from '../read-runs.js';
import { aboutText, mainMeasures, pageRun, type MainMeasure } from '../run-facts.js';
import { numberIn } from '../run-text.js';
import {
  endsText,
  seedsCaption,
  seedsId,
  seedsRows,
  type FoundSeeds,
  type SeedsRow,
} from '../seeds-section.js';
import { textTable, type CsvValue, type TextColumn, type TextTable } from './text-table.js';

/** What tables are made of. */
export interface TabledReport {
  readonly runs: readonly ReportRun[];
  readonly sweeps: readonly SweepRecord[];
  readonly translations: readonly TranslationSweepRecord[];
  readonly seeds: readonly FoundSeeds[];
  readonly data: DataSummary | undefined;
}

const intervalValues = ({ interval, n }: MainMeasure): Readonly<Record<string, CsvValue>> => ({
  ...{ value: interval.value, low: interval.low, high: interval.high, n },
});

/** A run with one of its main measures; a run without any has a row too. */
interface MeasuredRun {
  readonly run: ReportRun;
  readonly measure: MainMeasure | undefined;
}

function runsTable(runs: readonly ReportRun[]): TextTable {
  const rows = runs.flatMap((run): readonly MeasuredRun[] => {
    const measures = mainMeasures(run);
    return measures.length === 0
      ? [{ run, measure: undefined }]
      : measures.map((measure) => ({ run, measure }));
  });
  const count = (name: string, of: string) => ({
    ...{ title: name, numeric: true },
    text: ({ run }: MeasuredRun): string => {
      const value = numberIn(run.record, of);
      return value === undefined ? '' : countText(Math.round(value));
    },
    values: ({ run }: MeasuredRun) => ({ [of]: numberIn(run.record, of) ?? null }),
  });
  return textTable<MeasuredRun>(
    { id: 'runs', caption: 'All runs, with 95 % intervals and the number of test images.' },
    [
      { title: 'Run', text: ({ run }) => run.name },
      { title: 'Setup', text: ({ run }) => aboutText(run) },
      { title: 'Measure', text: ({ measure }) => measure?.name ?? 'not evaluated' },
      {
        ...{ title: 'Result', numeric: true },
        text: ({ measure }) =>
          measure === undefined ? '' : estimateText(measure.interval, measure.n),
        values: ({ measure }) => (measure === undefined ? {} : intervalValues(measure)),
      },
      count('Updates', 'steps'),
      count('Seconds', 'seconds'),
    ],
    rows,
  );
}

/** Returns the name of a sweep's table: that of the sweep, with its data and targets where several have the same. */
export const sweepId = (sweep: SweepRecord, sweeps: readonly SweepRecord[]): string =>
  distinctIds(sweeps, ({ name, data, targets }) => [
    name,
    `${name}-${data}`,
    `${name}-${data}-${targets.join('-')}`,
  ]).get(sweep) ?? '';

/** Returns the run of a sweep's best row; undefined where it is not shown. */
export function bestRun(sweep: SweepRecord, runs: readonly ReportRun[]): ReportRun | undefined {
  const [best] = [...sweep.rows].sort((a, b) => b.ours.value - a.ours.value);
  if (best === undefined) return undefined;
  return runs.find(({ folder }) => resolve(folder) === resolve(best.run));
}

function sweepTable(sweep: SweepRecord, id: string): TextTable {
  const { name, data, targets, scale, majority } = sweep;
  const chance = majority === null ? '' : `; always the commonest class: ${percentText(majority)}`;
  return textTable(
    {
      id,
      caption: `${name} on ${data} (${targets.join(', ')}), images and updates times ${scale}${chance}. Accuracy with its 95 % interval; p: McNemar’s exact test against the best row, corrected by Holm’s method.`,
    },
    [
      {
        title: 'Row',
        numeric: true,
        text: ({ row }) => String(row),
        values: ({ row }) => ({ row }),
      },
      { title: 'Setup', text: (row) => row.name },
      {
        ...{ title: 'Paper', numeric: true },
        text: ({ paper }) => (paper === null ? '' : percentText(paper)),
        values: ({ paper }) => ({ paper }),
      },
      {
        ...{ title: 'Ours', numeric: true },
        text: ({ ours }) => estimateText(ours, ours.n),
        values: ({ ours: { value, low, high, n } }) => ({ value, low, high, n }),
      },
      {
        ...{ title: 'p', numeric: true },
        text: ({ againstBest }) =>
          againstBest === null
            ? 'best'
            : againstBest.holm < 0.001
              ? '< 0.001'
              : againstBest.holm.toFixed(3),
        values: ({ againstBest }) => ({ p: againstBest?.holm ?? null }),
      },
      ...TRAINED_ON,
    ],
    sweep.rows,
  );
}

/** What a row of any table was trained on. */
const TRAINED_ON: readonly TextColumn<{ readonly images: number; readonly updates: number }>[] = [
  {
    ...{ title: 'Images', numeric: true },
    text: ({ images }) => countText(images),
    values: ({ images }) => ({ images }),
  },
  {
    ...{ title: 'Updates', numeric: true },
    text: ({ updates }) => countText(updates),
    values: ({ updates }) => ({ updates }),
  },
];

/** Returns a column of a number of both directions. */
function bothWays(
  title: string,
  name: 'cycleL1' | 'changeL1' | 'kid',
): TextColumn<TranslationSweepRow> {
  return {
    ...{ title, numeric: true },
    text: ({ xToY, yToX }) =>
      [xToY[name], yToX[name]].map((value) => value?.toFixed(3) ?? 'not measured').join(' / '),
    values: ({ xToY, yToX }) => ({
      [`${name}_x_to_y`]: xToY[name] ?? null,
      [`${name}_y_to_x`]: yToX[name] ?? null,
    }),
  };
}

function translationTable(
  { name, domains, scale, rows }: TranslationSweepRecord,
  id: string,
): TextTable {
  return textTable<TranslationSweepRow>(
    {
      id,
      caption: `${name}: ${domains.x} to ${domains.y} / back, images and updates times ${scale}. Judged: share of fakes of both directions that a classifier takes for the other value, with its 95 % interval.`,
    },
    [
      {
        title: 'Row',
        numeric: true,
        text: ({ row }) => String(row),
        values: ({ row }) => ({ row }),
      },
      { title: 'Setup', text: (row) => row.name },
      { title: 'Paper', text: ({ paper }) => paper ?? '' },
      {
        ...{ title: 'Judged as the other', numeric: true },
        text: ({ ours }) => (ours === null ? 'no judge' : estimateText(ours, ours.n)),
        values: ({ ours }) => ({
          ...{ value: ours?.value ?? null, low: ours?.low ?? null, high: ours?.high ?? null },
          n: ours?.n ?? null,
        }),
      },
      bothWays('Cycle error', 'cycleL1'),
      bothWays('Kernel distance', 'kid'),
      ...TRAINED_ON,
    ],
    rows,
  );
}

function seedsTable(found: FoundSeeds): TextTable {
  const ends = (
    title: string,
    name: string,
    of: (row: SeedsRow) => Pick<Interval, 'low' | 'high'> | null | undefined,
  ): TextColumn<SeedsRow> => ({
    ...{ title, numeric: true },
    text: (row) => {
      const interval = of(row) ?? null;
      return interval === null ? '' : endsText(interval, row.words);
    },
    values: (row) => ({
      [`${name}_low`]: of(row)?.low ?? null,
      [`${name}_high`]: of(row)?.high ?? null,
    }),
  });
  return textTable<SeedsRow>(
    { id: seedsId(found), caption: `${seedsCaption(found)} ${found.record.intervalMethod}` },
    [
      { title: 'Of', text: ({ of }) => of },
      {
        title: 'Measure',
        text: ({ words }) => words.words,
        values: ({ measure }) => ({ measure }),
      },
      { title: 'n', numeric: true, text: ({ n }) => countText(n), values: ({ n }) => ({ n }) },
      {
        ...{ title: 'Mean', numeric: true },
        text: ({ mean, words }) => words.text(mean),
        values: ({ mean }) => ({ mean }),
      },
      {
        ...{ title: 'By seed', numeric: true },
        text: ({ values, words }) => values.map(words.plain).join(', '),
        values: ({ values }) => ({ by_seed: values.join(' ') }),
      },
      ends('Other seeds', 'seeds', ({ seeds }) => seeds),
      ends('Other images', 'images', ({ images }) => images),
    ],
    seedsRows(found.record),
  );
}

function dataTable(data: DataSummary): TextTable {
  return textTable(
    { id: 'data-steps', caption: `What each step kept of ${data.name}, and why the others went.` },
    [
      { title: 'Step', text: ({ step }) => step },
      {
        ...{ title: 'Kept', numeric: true },
        text: ({ rows }) => countText(rows),
        values: ({ rows }) => ({ rows }),
      },
      {
        ...{ title: 'Left out', numeric: true },
        text: ({ rejected }) => countText(rejected),
        values: ({ rejected }) => ({ rejected }),
      },
      {
        title: 'Why, or where to',
        text: ({ reasons, splits = {} }) =>
          Object.entries({ ...reasons, ...splits })
            .map(([name, n]) => `${name} ${countText(n)}`)
            .join(', '),
      },
    ],
    data.steps,
  );
}

function measuresTable(run: ReportRun): TextTable {
  return textTable(
    { id: `${run.id}-measures`, caption: `Measures of ${run.name}.` },
    [
      { title: 'Measure', text: ({ name }) => name },
      { title: 'Value (95 % interval)', text: ({ text }) => text },
    ],
    pageRun(run).measures,
  );
}

/** Returns all tables of a report; those without a row are left out. */
export function reportTables({
  runs,
  sweeps,
  translations,
  seeds,
  data,
}: TabledReport): readonly TextTable[] {
  const translationIds = distinctIds(translations, ({ name, domains: { x, y } }) => [
    name,
    `${name}-${x}-${y}`,
  ]);
  return [
    runsTable(runs),
    ...(data === undefined ? [] : [dataTable(data)]),
    ...sweeps.map((sweep) => sweepTable(sweep, sweepId(sweep, sweeps))),
    ...translations.map((each) => translationTable(each, translationIds.get(each) ?? '')),
    ...seeds.map(seedsTable),
    ...runs.map(measuresTable),
  ].filter(({ rows }) => rows.length > 0);
}
