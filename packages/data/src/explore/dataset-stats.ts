/** What a data folder holds, counted by SQL over its manifest: a million rows in less than a second. */
import { countLabel, lookAtLabels, type LabelCount } from './label-counts.js';
import {
  ask,
  labelNumber,
  numberOf,
  sortedCounts,
  withManifest,
  type Counts,
  type ManifestQuestion,
} from '../manifest/manifest-question.js';
import {
  sizeColumns,
  sizeOf,
  summarise,
  type NumberSummary,
  type SizeSummary,
} from './number-summaries.js';
import type { Cell } from '../manifest/cell.js';

/** Counts of a data set; everything but `rows` and `removed` is about the kept rows. */
export interface DatasetStats {
  readonly rows: number;
  readonly kept: number;
  /** By reason. */
  readonly removed: Counts;
  /** By the step that took them out, then by reason. */
  readonly removedBySteps: Readonly<Record<string, Counts>>;
  readonly splits: Counts;
  /** People; an image of nobody known counts as one. */
  readonly identities: number;
  /** People who are known and have several images. */
  readonly repeated: {
    readonly identities: number;
    /** Their images. */
    readonly rows: number;
    /** Of the person with the most. */
    readonly most: number;
  };
  /** Rows without a value, by label column; `identity` too where anybody is known. */
  readonly missing: Counts;
  /** Counts of each value of the label columns with at most 50 values. */
  readonly values: Readonly<Record<string, Counts>>;
  /** The same by split: column, then split, then value; only rows that are in a split. */
  readonly splitValues: Readonly<Record<string, Readonly<Record<string, Counts>>>>;
  /** Label columns whose values are all numbers. */
  readonly numbers: Readonly<Record<string, NumberSummary>>;
  /** Of the images, where they were measured. */
  readonly sizes: SizeSummary | null;
  /** Of the boxes, where there are any. */
  readonly boxes: SizeSummary | null;
}

/**
 * Counts what a data folder holds.
 *
 * @param source a data folder, or an opened data set (its folder is read; its rows are not)
 * @throws DataError when the folder holds no readable manifest or record
 */
export async function datasetStats(
  source: string | { readonly folder: string },
): Promise<DatasetStats> {
  const folder = typeof source === 'string' ? source : source.folder;
  return await withManifest(folder, async (question) => {
    const counted = await countRows(question);
    const { kept } = counted;
    const people = await countPeople(question, kept);
    const labels: LabelCount[] = [];
    for (const look of await lookAtLabels(question)) labels.push(await countLabel(question, look));
    const numeric = labels.filter(({ numbers }) => numbers).map(({ name }) => name);
    const { box } = question;
    const summaries = await summarise(
      question,
      [
        ...numeric.map((name) => labelNumber(question.types, name)),
        ...sizeColumns({ width: 'width', height: 'height', whole: true }),
        ...(box === null ? [] : sizeColumns({ ...box, whole: false })),
      ],
      kept,
    );
    const sizes = summaries.slice(numeric.length);
    const valued = labels.flatMap(({ name, values }) =>
      values === null ? [] : [{ name, values }],
    );
    const missing = labels.map(({ name, n }): [string, number] => [name, kept - n]);
    if (people.known > 0) missing.push(['identity', kept - people.known]);
    return {
      ...counted,
      identities: people.identities,
      repeated: people.repeated,
      missing: Object.fromEntries(missing),
      values: Object.fromEntries(valued.map(({ name, values }) => [name, values.all])),
      splitValues: Object.fromEntries(valued.map(({ name, values }) => [name, values.bySplit])),
      numbers: Object.fromEntries(
        numeric.flatMap((name, i) => {
          const summary = summaries[i] ?? null;
          return summary === null ? [] : [[name, summary]];
        }),
      ),
      sizes: sizeOf(sizes.slice(0, 3)),
      boxes: sizeOf(sizes.slice(3)),
    };
  });
}

type RowCounts = Pick<DatasetStats, 'rows' | 'kept' | 'removed' | 'removedBySteps' | 'splits'>;

async function countRows({ connection, all, types }: ManifestQuestion): Promise<RowCounts> {
  // Folders of before the column existed were only ever cleaned.
  const step = types.has('removedBy') ? `coalesce("removedBy", 'clean')` : `'clean'`;
  const groups = await ask(
    connection,
    `SELECT status, CASE WHEN reason IS NOT NULL THEN ${step} END, reason, split, count(*) FROM ${all} GROUP BY ALL`,
  );
  const totals = { rows: 0, kept: 0 };
  const removed = new Map<string, number>();
  const splits = new Map<string, number>();
  const bySteps = new Map<string, Map<string, number>>();
  const add = (counts: Map<string, number>, name: Cell | undefined, n: number): void => {
    if (typeof name === 'string') counts.set(name, (counts.get(name) ?? 0) + n);
  };
  for (const [status, by, reason, split, count] of groups) {
    const n = numberOf(count);
    totals.rows += n;
    add(removed, reason, n);
    if (typeof by === 'string') {
      const own = bySteps.get(by) ?? new Map<string, number>();
      bySteps.set(by, own);
      add(own, reason, n);
    }
    if (status !== 'kept') continue;
    totals.kept += n;
    add(splits, split, n);
  }
  return {
    ...totals,
    removed: sortedCounts(removed),
    removedBySteps: Object.fromEntries(
      [...bySteps].map(([name, own]) => [name, sortedCounts(own)]),
    ),
    splits: sortedCounts(splits),
  };
}

interface People extends Pick<DatasetStats, 'identities' | 'repeated'> {
  /** Rows that say who is on them. */
  readonly known: number;
}

async function countPeople({ connection, kept }: ManifestQuestion, rows: number): Promise<People> {
  const [row = []] = await ask(
    connection,
    `SELECT count(*), sum(n), count(*) FILTER (n > 1), sum(n) FILTER (n > 1), max(n)
     FROM (SELECT count(*) AS n FROM ${kept} WHERE identity IS NOT NULL GROUP BY identity)`,
  );
  const [people, known, several, theirs, most] = row.map(numberOf);
  return {
    known: known ?? 0,
    identities: (people ?? 0) + rows - (known ?? 0),
    repeated: { identities: several ?? 0, rows: theirs ?? 0, most: most ?? 0 },
  };
}
