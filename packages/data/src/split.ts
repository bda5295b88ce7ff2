import { DataError, hashOfText, OptionsError } from '@janus/core';
import {
  labelColumnsOf,
  readManifest,
  recordStep,
  writeManifest,
  type ManifestRow,
  type StepResult,
} from './manifest.js';

/** The three parts of a data set. */
export type SplitName = 'train' | 'validation' | 'test';

/** Options of {@link splitDataset}. */
export interface SplitOptions {
  /** Shares of the kept rows, each from 0 to below 1; defaults 0.15 and 0.15. */
  readonly validation?: number;
  readonly test?: number;
  /** Default 1. */
  readonly seed?: number;
  /** Columns whose values are spread evenly over the parts; default none. */
  readonly stratify?: readonly string[];
  /** Column whose values stay in one part; default `identity`. */
  readonly group?: string;
}

/** What a split did. */
export interface SplitResult extends StepResult {
  readonly splits: Readonly<Record<SplitName, number>>;
  /** How many groups (people) there are. */
  readonly groups: number;
}

/** A group of rows that stay together. */
interface Group {
  readonly name: string;
  readonly stratum: string;
  readonly size: number;
}

/**
 * Assigns every kept row to train, validation or test: whole groups, each stratum in the asked
 * shares. The outcome depends on the seed and on what the rows are, not on their order.
 *
 * @throws OptionsError when a share or column is wrong; DataError when a stratified column has one
 * value, or a part stays empty
 */
export async function splitDataset(
  folder: string,
  options: SplitOptions = {},
): Promise<SplitResult> {
  const { validation = 0.15, test = 0.15, seed = 1, stratify = [], group = 'identity' } = options;
  if (!(validation >= 0) || !(test > 0) || validation + test >= 1) {
    throw new OptionsError(
      `split: validation and test must be shares that leave something to train on, but got ${validation} and ${test}. Try 0.15 each.`,
    );
  }
  const rows = await readManifest(folder);
  const kept = rows.filter((row) => row.status === 'kept');
  checkColumns(kept, [...stratify, ...(group === 'identity' ? [] : [group])], stratify);
  const assignment = assignSplits(kept, { validation, test, seed, stratify, group });
  const splits: Record<SplitName, number> = { train: 0, validation: 0, test: 0 };
  for (const split of assignment.values()) splits[split] += 1;
  for (const name of ['train', 'test'] as const) {
    if (splits[name] === 0) {
      throw new DataError(
        `${folder}: every part needs rows, but ${name} would have none of ${kept.length}. Import more pictures.`,
        { path: folder },
      );
    }
  }
  await writeManifest(
    folder,
    rows.map((row) => ({ ...row, split: assignment.get(row.id) ?? null })),
  );
  const groups = new Set(kept.map((row) => groupOf(row, group))).size;
  const result = { rows: kept.length, rejected: 0, reasons: {}, splits, groups };
  await recordStep(folder, 'split', {
    result,
    options: { validation, test, seed, stratify, group },
  });
  return result;
}

function checkColumns(
  rows: readonly ManifestRow[],
  columns: readonly string[],
  stratify: readonly string[],
): void {
  const known = labelColumnsOf(rows);
  for (const column of columns) {
    if (!known.includes(column)) {
      throw new OptionsError(
        `split: columns must be those of the data (${known.join(', ')}), but got ${column}. Choose one of them.`,
      );
    }
  }
  for (const column of stratify) {
    const values = new Set(rows.map((row) => String(row.labels[column])));
    if (values.size < 2) {
      throw new DataError(
        `split: ${column} must have at least two values among the kept rows, but has ${[...values].join(', ') || 'none'}. Choose another column.`,
      );
    }
  }
}

function groupOf(row: ManifestRow, column: string): string {
  const value = column === 'identity' ? row.identity : row.labels[column];
  // A picture without identity is a person of its own; the same picture twice is one person.
  return value === null || value === undefined ? `picture ${row.sha256 ?? row.id}` : String(value);
}

/**
 * Returns the part of each row, by id.
 *
 * Groups of a stratum are taken in an order drawn by hashing seed and group name, and each goes to
 * the part that lacks the most rows against its share.
 */
export function assignSplits(
  rows: readonly ManifestRow[],
  options: Required<SplitOptions>,
): Map<string, SplitName> {
  const { validation, test, seed, stratify, group } = options;
  const members = new Map<string, ManifestRow[]>();
  for (const row of rows) {
    const name = groupOf(row, group);
    const list = members.get(name);
    if (list === undefined) members.set(name, [row]);
    else list.push(row);
  }
  const groups = [...members.entries()].map(([name, own]): Group => {
    // A person with several values (a party switcher) counts for the smallest of them by name.
    const strata = own.map((row) => stratify.map((column) => String(row.labels[column])).join('|'));
    return { name, stratum: strata.sort()[0] ?? '', size: own.length };
  });
  const shares: Record<SplitName, number> = {
    train: 1 - validation - test,
    validation,
    test,
  };
  const chosen = new Map<string, SplitName>();
  for (const stratum of [...new Set(groups.map((each) => each.stratum))].sort()) {
    const own = groups
      .filter((each) => each.stratum === stratum)
      .map((each) => ({ ...each, key: hashOfText(`${seed}/split/${each.name}`) }))
      .sort((a, b) => a.key - b.key || (a.name < b.name ? -1 : 1));
    const counts: Record<SplitName, number> = { train: 0, validation: 0, test: 0 };
    let total = 0;
    for (const each of own) {
      total += each.size;
      const lack = (split: SplitName): number => shares[split] * total - counts[split];
      const split = (['train', 'validation', 'test'] as const).reduce((best, next) =>
        lack(next) > lack(best) ? next : best,
      );
      counts[split] += each.size;
      chosen.set(each.name, split);
    }
  }
  return new Map(rows.map((row) => [row.id, chosen.get(groupOf(row, group)) ?? 'train']));
}
