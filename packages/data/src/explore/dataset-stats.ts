/** Counts of a data folder, by SQL over its manifest: a million rows take less than a second. */
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

/** Counts of a data set; all but `rows`, `removed` and `removedBySteps` are of the kept rows. */
export interface DatasetStats {
  /** All rows. */
  readonly rows: number;
  readonly kept: number;
  /** Removed rows by reason. */
  readonly removed: Counts;
  /** Removed rows by the step that removed them, then by reason. */
  readonly removedBySteps: Readonly<Record<string, Counts>>;
  /** Rows by split. */
  readonly splits: Counts;
  /** People; each image of an unknown person counts as one. */
  readonly identities: number;
  /** Known people with several images. */
  readonly repeated: {
    readonly identities: number;
    /** Their images. */
    readonly rows: number;
    /** Images of the person with the most. */
    readonly most: number;
  };
  /** Rows without a value by label column, and by `identity` where any is known. */
  readonly missing: Counts;
  /** Rows by value, for each label column with at most 50 values. */
  readonly values: Readonly<Record<string, Counts>>;
  /** Rows by column, then split, then value; only rows in a split. */
  readonly splitValues: Readonly<Record<string, Readonly<Record<string, Counts>>>>;
  /** Summaries of the label columns whose values are all numbers. */
  readonly numbers: Readonly<Record<string, NumberSummary>>;
  /** Sizes of the images; null where they are not measured. */
  readonly sizes: SizeSummary | null;
  /** Sizes of the boxes; null without boxes. */
  readonly boxes: SizeSummary | null;
}

/**
 * Counts the rows, labels and sizes of a data folder.
 *
 * @param source a data folder, or an opened data set, whose folder is read again
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
  // Before the column existed, only clean removed rows.
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
  /** Rows with an identity. */
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
