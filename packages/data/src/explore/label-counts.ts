/** Counts of the values of label columns. */
import { quoted } from '../manifest/database.js';
import {
  ask,
  isNumberSql,
  isNumberText,
  numberOf,
  sortedCounts,
  type Counts,
  type ManifestQuestion,
} from '../manifest/manifest-question.js';

/**
 * Most values of a column whose values are counted: with more, they are measurements or names, not classes.
 */
const MAX_VALUES = 50;

const SPLITS = ['train', 'validation', 'test'];

/** Rows that are read first, to find the columns whose values are worth counting. */
const FIRST_ROWS = 20_000;

/** What the first rows show of a label column. */
interface FirstLook {
  readonly name: string;
  /** Whether they have at most {@link MAX_VALUES} distinct values. */
  readonly few: boolean;
  /** Whether all of their values are numbers, or text of numbers. */
  readonly numbers: boolean;
}

/** Reads the first rows of every label column. */
export async function lookAtLabels(question: ManifestQuestion): Promise<readonly FirstLook[]> {
  const { connection, kept, labels, types } = question;
  if (labels.length === 0) return [];
  const columns = labels.map(
    (name) => `count(DISTINCT ${quoted(name)}), count(*) FILTER (NOT ${isNumberSql(types, name)})`,
  );
  const names = labels.map(quoted).join(', ');
  const [row = []] = await ask(
    connection,
    `SELECT ${columns.join(', ')} FROM (SELECT ${names} FROM ${kept} LIMIT ${FIRST_ROWS})`,
  );
  return labels.map((name, i) => ({
    name,
    few: numberOf(row[2 * i]) <= MAX_VALUES,
    numbers: numberOf(row[2 * i + 1]) === 0,
  }));
}

/** Counts of a label column. */
export interface LabelCount {
  readonly name: string;
  /** Rows with a value. */
  readonly n: number;
  /** Null where there are more than {@link MAX_VALUES}. */
  readonly values: ValueCounts | null;
  /** Whether there are values, and all of them are numbers. */
  readonly numbers: boolean;
}

/** Counts a label column over the kept rows. */
export async function countLabel(question: ManifestQuestion, look: FirstLook): Promise<LabelCount> {
  const { name } = look;
  const { connection, kept, types } = question;
  const values = look.few ? await countValues(question, name) : null;
  if (values !== null) {
    const all = Object.entries(values.all);
    const n = all.reduce((sum, [, count]) => sum + count, 0);
    const numbers = n > 0 && all.every(([value]) => isNumberText(value));
    return { name, n, values, numbers };
  }
  const test = look.numbers ? `count(*) FILTER (NOT ${isNumberSql(types, name)})` : '1';
  const [row = []] = await ask(connection, `SELECT count(${quoted(name)}), ${test} FROM ${kept}`);
  return { name, n: numberOf(row[0]), values, numbers: numberOf(row[1]) === 0 };
}

/** Rows by value, in total and by split. */
interface ValueCounts {
  readonly all: Counts;
  readonly bySplit: Readonly<Record<string, Counts>>;
}

/** Returns the counts of a column's values; null when there are more than {@link MAX_VALUES}. */
async function countValues(
  { connection, kept }: ManifestQuestion,
  name: string,
): Promise<ValueCounts | null> {
  const most = MAX_VALUES * (SPLITS.length + 1);
  const groups = await ask(
    connection,
    `SELECT split, ${quoted(name)}, count(*) FROM ${kept} WHERE ${quoted(name)} IS NOT NULL GROUP BY ALL LIMIT ${most + 1}`,
  );
  if (groups.length > most) return null;
  const values = new Map<string, number>();
  const bySplit = new Map<string, Map<string, number>>();
  for (const [split, value, count] of groups) {
    const text = String(value);
    values.set(text, (values.get(text) ?? 0) + numberOf(count));
    if (typeof split !== 'string') continue;
    const own = bySplit.get(split) ?? new Map<string, number>();
    bySplit.set(split, own.set(text, numberOf(count)));
  }
  if (values.size > MAX_VALUES) return null;
  const parts = SPLITS.flatMap((split): [string, Counts][] => {
    const own = bySplit.get(split);
    return own === undefined ? [] : [[split, sortedCounts(own)]];
  });
  return { all: sortedCounts(values), bySplit: Object.fromEntries(parts) };
}
