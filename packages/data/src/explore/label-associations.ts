/** Associations between labels: a model that is trained on one may learn the other. */
import { associationOf, bandsInOrder, type Association } from '@janus/core';
import type { DuckDBConnection } from '@duckdb/node-api';
import { quoted } from '../manifest/database.js';
import type { DatasetStats } from './dataset-stats.js';
import {
  ask,
  labelNumber,
  numberOf,
  withManifest,
  type ManifestQuestion,
} from '../manifest/manifest-question.js';
import { textOf } from '../manifest/manifest-stream.js';

/** The association of two label columns. */
export interface LabelAssociation extends Association {
  readonly first: string;
  readonly second: string;
  /** Values of the first column, or quarters of its numbers (`32-49`: above 32, up to 49). */
  readonly firstValues: readonly string[];
  readonly secondValues: readonly string[];
  /** Rows by value of the first column, then of the second. */
  readonly counts: readonly (readonly number[])[];
}

/** The notable associations, and how they were found. */
export interface AssociationReport {
  /** Strongest first. */
  readonly notable: readonly LabelAssociation[];
  /** Number of pairs of columns that were compared. */
  readonly pairs: number;
  /** Number of kept rows that were read: all, or a sample drawn by row number. */
  readonly rows: number;
  /** Whether it was a sample. */
  readonly sampled: boolean;
}

/** Lowest notable Cramér's V: a small effect. Source: Cohen 1988, §7.2 (w = 0.1 for two values). */
export const NOTABLE_V = 0.1;

/** Level of significance for all pairs together: each is tested at this level divided by their number. */
export const NOTABLE_P = 0.05;

/**
 * Most values of a compared column: with more, one of numbers is divided into quarters, another is left
 * out.
 */
const MAX_VALUES = 20;

/** Most rows times pairs that are read: about a third of a second on two cores. */
const MAX_CELLS = 4e6;

/** Rows of the smallest and largest sample; with the smallest, the standard error of V is below 0.01. */
const MIN_SAMPLE = 20_000;
const MAX_SAMPLE = 100_000;

/** Options of {@link labelAssociations}. */
interface AssociationOptions {
  /**
   * Approximate number of rows above which a sample is drawn. Default: 4,000,000 divided by the number of pairs, but
   * from 20,000 to 100,000.
   */
  readonly maxRows?: number;
}

/** Returns whether a column describes how the data were made, not the image. */
export function isBookkeeping(column: string): boolean {
  return column === 'planted' || column === 'copy_of' || column.endsWith('_truth');
}

/** A compared column. */
interface Compared {
  readonly name: string;
  /** SQL of the value as text. */
  readonly sql: string;
  /** In the order in which they are shown. */
  readonly values: readonly string[];
}

/**
 * Finds associated labels among all pairs of columns with at most 20 values, and of numbers divided into quarters.
 *
 * @param stats counts of the same folder
 * @throws DataError when the folder holds no readable manifest or record
 */
export async function labelAssociations(
  folder: string,
  stats: DatasetStats,
  options: AssociationOptions = {},
): Promise<AssociationReport> {
  return await withManifest(folder, async (question) => {
    const columns = await comparedColumns(question, stats);
    const pairs = columns.flatMap((first, i) =>
      columns.slice(i + 1).map((second) => [first, second] as const),
    );
    if (pairs.length === 0) return { notable: [], pairs: 0, rows: stats.kept, sampled: false };
    const most = Math.min(MAX_SAMPLE, Math.max(MIN_SAMPLE, MAX_CELLS / pairs.length));
    const every = Math.ceil(stats.kept / (options.maxRows ?? most));
    const { connection, kept } = question;
    await connection.run(
      `CREATE TEMP TABLE compared AS
       SELECT ${columns.map(({ name, sql }) => `${sql} AS ${quoted(name)}`).join(', ')} FROM ${kept}
       ${every > 1 ? `WHERE hash(file_row_number) % ${every} = 0` : ''}`,
    );
    const [[rows] = []] = await ask(connection, 'SELECT count(*) FROM compared');
    const found = await countPairs(connection, pairs);
    const level = NOTABLE_P / pairs.length;
    return {
      notable: found
        .filter(({ cramersV, p }) => cramersV >= NOTABLE_V && p < level)
        .sort((a, b) => b.cramersV - a.cramersV),
      pairs: pairs.length,
      rows: numberOf(rows),
      sampled: every > 1,
    };
  });
}

async function comparedColumns(
  question: ManifestQuestion,
  stats: DatasetStats,
): Promise<readonly Compared[]> {
  const { connection, kept, types } = question;
  const columns: Compared[] = [];
  for (const name of question.labels) {
    if (isBookkeeping(name)) continue;
    const values = bandsInOrder(Object.keys(stats.values[name] ?? {}));
    if (values.length >= 2 && values.length <= MAX_VALUES) {
      const column = quoted(name);
      const sql = types.get(name) === 'DOUBLE' ? textOf(column) : `CAST(${column} AS VARCHAR)`;
      columns.push({ name, sql, values });
    } else if (name in stats.numbers) {
      const { sql } = labelNumber(types, name);
      const quarters = [0.25, 0.5, 0.75].map((rate) => `quantile_disc(${sql}, ${rate})`);
      const [row = []] = await ask(connection, `SELECT ${quarters.join(', ')} FROM ${kept}`);
      const bounds = [...new Set(row.map(numberOf))];
      const names = quarterNames(bounds);
      const cases = bounds.map((bound, i) => `WHEN ${sql} <= ${bound} THEN '${names[i] ?? ''}'`);
      columns.push({
        name,
        sql: `CASE WHEN ${sql} IS NULL THEN NULL ${cases.join(' ')} ELSE '${names.at(-1) ?? ''}' END`,
        values: names,
      });
    }
  }
  return columns;
}

function quarterNames(bounds: readonly number[]): readonly string[] {
  return [
    `up to ${bounds[0] ?? 0}`,
    ...bounds.slice(1).map((bound, i) => `${bounds[i] ?? 0}-${bound}`),
    `above ${bounds.at(-1) ?? 0}`,
  ];
}

/** Most pairs that are counted in one query. */
const PAIRS_AT_ONCE = 50;

async function countPairs(
  connection: DuckDBConnection,
  pairs: readonly (readonly [Compared, Compared])[],
): Promise<readonly LabelAssociation[]> {
  const found: LabelAssociation[] = [];
  for (let begin = 0; begin < pairs.length; begin += PAIRS_AT_ONCE) {
    const some = pairs.slice(begin, begin + PAIRS_AT_ONCE);
    const tables = some.map(([first, second]) =>
      first.values.map(() => second.values.map(() => 0)),
    );
    const queries = some.map(([first, second], i) => {
      const [a, b] = [quoted(first.name), quoted(second.name)];
      return `SELECT ${i}, ${a}, ${b}, count(*) FROM compared WHERE ${a} IS NOT NULL AND ${b} IS NOT NULL GROUP BY ${a}, ${b}`;
    });
    for (const [pair, a, b, n] of await ask(connection, queries.join(' UNION ALL '))) {
      const place = some[numberOf(pair)];
      const row = tables[numberOf(pair)]?.[place?.[0].values.indexOf(String(a)) ?? -1];
      const column = place?.[1].values.indexOf(String(b)) ?? -1;
      if (row !== undefined && column >= 0) row[column] = numberOf(n);
    }
    some.forEach(([first, second], i) => {
      const counts = tables[i] ?? [];
      found.push({
        ...associationOf(counts),
        first: first.name,
        second: second.name,
        firstValues: first.values,
        secondValues: second.values,
        counts,
      });
    });
  }
  return found;
}
