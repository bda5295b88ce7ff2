/** Which split every row goes to: groups stay whole, and each stratum is divided by the same shares. */

import { joinClusters, rootOf } from '../duplicates/clusters.js';
import { SPLIT_NAMES, type SplitName } from '../manifest/split-name.js';
import type { ResolvedSplitOptions } from './split-options.js';
import type { SplitRows } from './split-rows.js';

/** Why a row is in no split: undersampled, or a leak that was dropped. */
export const REMOVALS = ['balance', 'leak'] as const;

/** What a split decided, one element for each row. */
export interface SplitOutcome {
  /** Index in `SPLIT_NAMES`; -1 for a row that is removed. */
  readonly part: Int8Array;
  /** Index in `REMOVALS`; -1 for a row that stays. */
  readonly removal: Int8Array;
  /** The fold, -1 for a row that is removed; null without folds. */
  readonly fold: Int16Array | null;
  readonly groups: number;
  /** Rows of the largest group. */
  readonly largestGroup: number;
}

/** The options that decide. */
type DivideOptions = Omit<
  ResolvedSplitOptions,
  'allowLeaks' | 'stratify' | 'nearDuplicates' | 'seed'
>;

/**
 * Returns the split of a fold's rows in one run of a cross-validation: fold `run` is test, the next one
 * validation, all others train.
 */
export function partInFold(fold: number, run: number, folds: number): SplitName {
  if (fold === run) return 'test';
  return fold === (run + 1) % folds ? 'validation' : 'train';
}

/**
 * Assigns every row. Rows with an equal value in one of `options.group`, the same bytes, or near perceptual hashes
 * form a group. The groups of a stratum come in an order drawn by hashing the seed and their names, and each goes to
 * the split that is furthest below its share.
 */
export function divideRows(rows: SplitRows, options: DivideOptions): SplitOutcome {
  const { count } = rows;
  const group = groupsOf(rows, options);
  const kept = keptParts(rows, options.keep);
  const destination = destinationsOf(group, kept);
  const removal = new Int8Array(count).fill(-1);
  if (options.dropLeaks) {
    for (let row = 0; row < count; row++) {
      const own = kept[row] ?? -1;
      if (own >= 0 && own < (destination[group[row] ?? row] ?? -1)) removal[row] = 1;
    }
  }
  if (options.balance !== null) {
    balance(rows, { group, kept, destination, removal });
  }
  const shares = sharesOf(options);
  const isEven = options.folds !== null;
  const dealt = deal(rows, { group, kept, destination, removal, shares, isEven });
  const part = new Int8Array(count).fill(-1);
  const fold = options.folds === null ? null : new Int16Array(count).fill(-1);
  const sizes = new Int32Array(count);
  for (let row = 0; row < count; row++) {
    if ((removal[row] ?? -1) >= 0) continue;
    const root = group[row] ?? row;
    sizes[root] = (sizes[root] ?? 0) + 1;
    const [own, sent] = [kept[row] ?? -1, destination[root] ?? -1];
    const given = dealt[root] ?? -1;
    if (fold === null) {
      part[row] = own >= 0 ? own : sent >= 0 ? sent : given;
    } else {
      fold[row] = given;
      part[row] = SPLIT_NAMES.indexOf(partInFold(given, 0, options.folds ?? 0));
    }
  }
  let groups = 0;
  let largestGroup = 0;
  for (const size of sizes) {
    if (size > 0) groups += 1;
    if (size > largestGroup) largestGroup = size;
  }
  return { part, removal, fold, groups, largestGroup };
}

/** Returns the group of every row: its first row. */
function groupsOf(rows: SplitRows, options: DivideOptions): Int32Array {
  const parent = rows.name.slice();
  const links = [rows.exact, rows.near, ...rows.others];
  if (options.group.includes('identity')) links.push(rows.identity);
  for (const link of links) {
    for (let row = 0; row < rows.count; row++) {
      const other = link[row] ?? -1;
      if (other >= 0 && other !== row) joinClusters(parent, row, other);
    }
  }
  return parent.map((_, row) => rootOf(parent, row));
}

/** Returns the split that each row is kept in; -1 for rows that are free. */
function keptParts(rows: SplitRows, keep: readonly SplitName[]): Int8Array {
  return rows.part.map((part) => {
    const name = SPLIT_NAMES[part];
    return name !== undefined && keep.includes(name) ? part : -1;
  });
}

/** Returns for each group the last split that one of its rows is kept in: its free rows follow. */
function destinationsOf(group: Int32Array, kept: Int8Array): Int8Array {
  const destination = new Int8Array(group.length).fill(-1);
  group.forEach((root, row) => {
    const part = kept[row] ?? -1;
    if (part > (destination[root] ?? -1)) destination[root] = part;
  });
  return destination;
}

/** What is decided before rows are dealt. */
interface Decided {
  readonly group: Int32Array;
  readonly kept: Int8Array;
  readonly destination: Int8Array;
  readonly removal: Int8Array;
}

/**
 * Removes rows until every class is of the size of the smallest one, among the rows that are dealt and among those
 * of each kept split. Groups come in an order drawn from the seed, so that at most one group of a class loses only
 * some of its rows; rows without a class stay.
 */
function balance(rows: SplitRows, { group, kept, destination, removal }: Decided): void {
  const free = SPLIT_NAMES.length;
  const classes = rows.balanced.reduce((most, each) => Math.max(most, each), -1) + 1;
  const poolOf = (row: number): number => {
    const own = kept[row] ?? -1;
    const sent = destination[group[row] ?? row] ?? -1;
    return own >= 0 ? own : sent >= 0 ? sent : free;
  };
  const counts = new Int32Array((free + 1) * classes);
  const cellOf = (row: number): number => {
    const own = rows.balanced[row] ?? -1;
    return own < 0 || (removal[row] ?? -1) >= 0 ? -1 : poolOf(row) * classes + own;
  };
  for (let row = 0; row < rows.count; row++) {
    const cell = cellOf(row);
    if (cell >= 0) counts[cell] = (counts[cell] ?? 0) + 1;
  }
  const smallest = Array.from({ length: free + 1 }, (_, pool) =>
    counts
      .subarray(pool * classes, (pool + 1) * classes)
      .reduce((least, each) => (each > 0 && each < least ? each : least), Infinity),
  );
  const taken = new Int32Array(counts.length);
  const all = Int32Array.from({ length: rows.count }, (_, row) => row);
  const keys = rows.balanceKey;
  for (const row of sortedBy(all, (each) => keys[group[each] ?? each] ?? 0)) {
    const cell = cellOf(row);
    if (cell < 0) continue;
    if ((taken[cell] ?? 0) < (smallest[poolOf(row)] ?? 0)) taken[cell] = (taken[cell] ?? 0) + 1;
    else removal[row] = 0;
  }
}

/** Returns the share of the free rows that each split or fold gets. */
function sharesOf({ validation, test, folds, keep }: DivideOptions): readonly number[] {
  if (folds !== null) return Array.from({ length: folds }, () => 1 / folds);
  const shares = [1 - validation - test, validation, test];
  const open = SPLIT_NAMES.map((name) => !keep.includes(name));
  if (open.every((each) => each) || open.every((each) => !each)) return shares;
  const total = shares.reduce((sum, share, i) => sum + (open[i] === true ? share : 0), 0);
  return shares.map((share, i) => (open[i] === true && total > 0 ? share / total : 0));
}

/** Returns the split or fold of each group without kept rows; -1 for the others. */
function deal(
  rows: SplitRows,
  decided: Decided & { readonly shares: readonly number[]; readonly isEven: boolean },
): Int16Array {
  const { group, destination, removal, shares } = decided;
  const sizes = new Int32Array(rows.count);
  // A group in several strata (somebody who changed party) counts for the first of them by name.
  const strata = new Int32Array(rows.count);
  for (let row = 0; row < rows.count; row++) {
    const root = group[row] ?? row;
    if ((removal[row] ?? -1) >= 0 || (destination[root] ?? -1) >= 0) continue;
    const own = rows.stratum[row] ?? 0;
    if (sizes[root] === 0 || own < (strata[root] ?? 0)) strata[root] = own;
    sizes[root] = (sizes[root] ?? 0) + 1;
  }
  const groups = Int32Array.from(sizes, (_, root) => root).filter((root) => (sizes[root] ?? 0) > 0);
  const drawn = sortedBy(
    sortedBy(groups, (root) => rows.key[root] ?? 0),
    (root) => strata[root] ?? 0,
  );
  const rowsOf = new Int32Array(rows.stratum.reduce((most, each) => Math.max(most, each), 0) + 1);
  for (const root of drawn) {
    const stratum = strata[root] ?? 0;
    rowsOf[stratum] = (rowsOf[stratum] ?? 0) + (sizes[root] ?? 0);
  }
  // A stratum too small to give each split a row would always fill the same splits first: such strata are dealt
  // together, one after the other.
  const enough = Math.ceil(1 / Math.min(...shares.filter((share) => share > 0)));
  const isRare = (root: number): boolean => (rowsOf[strata[root] ?? 0] ?? 0) < enough;
  const result = new Int16Array(rows.count).fill(-1);
  let before = -1;
  // All folds lack the same at first: without this, the first would get one row more of each stratum.
  const overall = decided.isEven ? new Int32Array(shares.length) : null;
  let dealing = dealer(shares, overall);
  for (const root of drawn) {
    if (isRare(root)) continue;
    const stratum = strata[root] ?? 0;
    if (stratum !== before) dealing = dealer(shares, overall);
    before = stratum;
    result[root] = dealing(sizes[root] ?? 0);
  }
  dealing = dealer(shares, overall);
  for (const root of drawn) {
    if (isRare(root)) result[root] = dealing(sizes[root] ?? 0);
  }
  return result;
}

/**
 * Returns a function that assigns a group of a given size to the share that lacks the most rows; of several, to the
 * one with the fewest rows in `overall`, else to the first.
 *
 * @param overall rows of each share over all strata, kept up to date; null where they do not count
 */
function dealer(shares: readonly number[], overall: Int32Array | null): (size: number) => number {
  const counts = shares.map(() => 0);
  let total = 0;
  return (size) => {
    total += size;
    let best = 0;
    let most = -Infinity;
    for (let i = 0; i < shares.length; i++) {
      const lack = (shares[i] ?? 0) * total - (counts[i] ?? 0);
      const isEmptier =
        overall !== null && lack === most && (overall[i] ?? 0) < (overall[best] ?? 0);
      if (lack > most || isEmptier) {
        best = i;
        most = lack;
      }
    }
    counts[best] = (counts[best] ?? 0) + size;
    if (overall !== null) overall[best] = (overall[best] ?? 0) + size;
    return best;
  };
}

/** Returns the items in ascending order of 32-bit keys; equal keys keep their order (radix sort). */
function sortedBy(items: Int32Array, keyOf: (item: number) => number): Int32Array {
  const digit = 11;
  const mask = 2 ** digit - 1;
  let from = { item: items.slice(), key: new Uint32Array(items.length) };
  let to = { item: new Int32Array(items.length), key: new Uint32Array(items.length) };
  for (let i = 0; i < items.length; i++) from.key[i] = keyOf(items[i] ?? 0);
  const largest = from.key.reduce((most, key) => (key > most ? key : most), 0);
  for (let shift = 0; shift < 32 && largest >>> shift > 0; shift += digit) {
    const starts = new Int32Array(mask + 2);
    for (const key of from.key) {
      const next = ((key >>> shift) & mask) + 1;
      starts[next] = (starts[next] ?? 0) + 1;
    }
    for (let i = 1; i < starts.length; i++) starts[i] = (starts[i] ?? 0) + (starts[i - 1] ?? 0);
    for (let i = 0; i < items.length; i++) {
      const key = from.key[i] ?? 0;
      const at = starts[(key >>> shift) & mask] ?? 0;
      starts[(key >>> shift) & mask] = at + 1;
      to.item[at] = from.item[i] ?? 0;
      to.key[at] = key;
    }
    [from, to] = [to, from];
  }
  return from.item;
}
