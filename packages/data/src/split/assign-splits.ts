/** A split of rows in memory. */

import type { ManifestRow } from '../manifest/manifest-row.js';
import { resolveSplitOptions, type SplitOptions } from './split-options.js';
import { SPLIT_NAMES, type SplitName } from '../manifest/split-name.js';
import { divideRows, REMOVALS } from './split-parts.js';
import { collectRows } from './split-rows.js';

/** The outcome of a row. */
export interface SplitAssignment {
  /** Null for a row that is removed. */
  readonly split: SplitName | null;
  readonly fold: number | null;
  readonly reason: string | null;
}

/**
 * Returns what `splitDataset` would decide for rows in memory, by id; all of them are judged.
 *
 * @throws OptionsError when an option breaks its rule
 */
export function assignSplits(
  rows: readonly ManifestRow[],
  options: SplitOptions = {},
): ReadonlyMap<string, SplitAssignment> {
  const resolved = resolveSplitOptions(options);
  const { seed, stratify, group, balance, nearDuplicates } = resolved;
  const [named, ...further] = group;
  const namesAreIdentities = named === 'identity';
  const others = [
    ...(namesAreIdentities ? [] : ['identity']),
    ...further.filter((name) => name !== 'identity'),
  ];
  const cell = (row: ManifestRow, name: string | null | undefined): string | null => {
    if (name === null || name === undefined) return null;
    const value = name === 'identity' ? row.identity : row.labels[name];
    return value === null || value === undefined ? null : String(value);
  };
  const numbers = new Map<string, bigint>();
  const numberOf = (text: string | null): bigint | null => {
    if (text === null) return null;
    const number = numbers.get(text) ?? BigInt(numbers.size);
    numbers.set(text, number);
    return number;
  };
  const stratumOf = ({ labels }: ManifestRow): string =>
    stratify.map((column) => String(labels[column])).join('|');
  const strata = [...new Set(rows.map(stratumOf))].sort();
  const classes = [...new Set(rows.map((row) => cell(row, balance)))].filter(
    (value) => value !== null,
  );
  const ordered = rows
    .map((row, place) => {
      const value = cell(row, named);
      const name = value ?? `image ${row.sha256 ?? row.id}`;
      return { row, place, name, isNamed: value !== null };
    })
    .sort((a, b) => compare(a.name, b.name) || compare(a.row.id, b.row.id));
  const collector = collectRows({
    count: rows.length,
    seed,
    namesAreIdentities,
    others: others.length,
    nearDuplicates,
  });
  for (const { row, place, name, isNamed } of ordered) {
    collector.add({
      place,
      name,
      isNamed,
      stratum: strata.indexOf(stratumOf(row)),
      balanced: classes.findIndex((value) => value === cell(row, balance)),
      part: row.split === null ? -1 : SPLIT_NAMES.indexOf(row.split),
      hash: row.phash === null ? null : BigInt(`0x${row.phash}`),
      exact: numberOf(row.sha256),
      others: others.map((each) => numberOf(cell(row, each))),
    });
  }
  const collected = collector.finish();
  const { part, removal, fold } = divideRows(collected, resolved);
  return new Map(
    ordered.map(({ row }, i) => {
      const own = fold?.[i] ?? -1;
      return [
        row.id,
        {
          split: SPLIT_NAMES[part[i] ?? -1] ?? null,
          fold: own < 0 ? null : own,
          reason: REMOVALS[removal[i] ?? -1] ?? null,
        },
      ];
    }),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
