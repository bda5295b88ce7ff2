/** Which labels go together: a model that is to learn one may learn the other. */
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

/** Two label columns and how often their values occur together. */
export interface LabelAssociation extends Association {
  readonly first: string;
  readonly second: string;
  /** Values of the first column, or quarters of its numbers (`32-49`: above 32, up to 49). */
  readonly firstValues: readonly string[];
  readonly secondValues: readonly string[];
  /** By value of the first, then of the second. */
  readonly counts: readonly (readonly number[])[];
}

/** The labels that go together notably, and how they were looked for. */
export interface AssociationReport {
  /** Strongest first. */
  readonly notable: readonly LabelAssociation[];
  /** How many pairs of columns were looked at. */
  readonly pairs: number;
  /** Kept rows that were looked at: all, or a sample drawn by the rows' places. */
  readonly rows: number;
  readonly sampled: boolean;
}

/** A weak effect begins here. Source: Cohen 1988, §7.2 (w = 0.1 for two values). */
export const NOTABLE_V = 0.1;

/** Of all pairs together: each is tested at this level divided by the number of pairs. */
export const NOTABLE_P = 0.05;

/** A column with more values is cut into quarters when it is of numbers, and left out otherwise. */
const MAX_VALUES = 20;

/** Rows times pairs that are looked at at most: about a third of a second on two cores. */
const MAX_CELLS = 4e6;

/** A sample is never smaller: V's standard error is then below 0.01. */
const MIN_SAMPLE = 20_000;
const MAX_SAMPLE = 100_000;

/** What {@link labelAssociations} may be told. */
interface AssociationOptions {
  /**
   * Rows that are looked at, about; more are sampled by their places. Default: 4,000,000 divided by the
   * number of pairs, but from 20,000 to 100,000.
   */
  readonly mostRows?: number;
}

/** Returns whether a column tells how the data were made, not what is on the image. */
export function isBookkeeping(column: string): boolean {
  return column === 'planted' || column === 'copy_of' || column.endsWith('_truth');
}

/** A column as it is compared: SQL of its value as text. */
interface Compared {
  readonly name: string;
  readonly sql: string;
  /** In the order in which they are to be read. */
  readonly values: readonly string[];
}

/**
 * Looks for labels that go together, over all pairs of columns with at most 20 values and of numbers cut
 * into quarters.
 *
 * @param stats of the same folder
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
    const every = Math.ceil(stats.kept / (options.mostRows ?? most));
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

/** Pairs that are counted in one query. */
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
