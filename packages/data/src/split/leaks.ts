/** Images and people that are in more than one split, which makes a test result worthless. */

import { hashDistance } from '../duplicates/near-duplicates.js';
import { SPLIT_NAMES } from '../manifest/split-name.js';
import { LEAK_KINDS, type LeakKind } from './leak-kind.js';
import type { SplitRows } from './split-rows.js';

/** The extent of one kind of leak. */
export interface LeakCount {
  /** Images, or people, that are in more than one split. */
  readonly clusters: number;
  /** Rows of these images or people. */
  readonly rows: number;
}

/** A row whose image or person is in another split too. */
export interface Leak {
  readonly kind: LeakKind;
  /** The same number for the rows of one image or person. */
  readonly cluster: number;
  /** Row number in the manifest, from 0. */
  readonly place: number;
  /** Index in `SPLIT_NAMES`. */
  readonly part: number;
  /**
   * Bits in which the perceptual hash differs from the nearest one in another split; null for an identity.
   */
  readonly distance: number | null;
}

/** Distinct hashes of one cluster up to which each is compared with each. */
const MAX_COMPARED = 2_000;

/**
 * Returns every row whose image or person is in another split too. An exact copy is not listed again as a near
 * duplicate.
 *
 * @param part the split of each row, an index in `SPLIT_NAMES`; -1 for none
 * @param maxDistance most bits in which the perceptual hashes of near duplicates differ
 */
export function findLeaks(rows: SplitRows, part: Int8Array, maxDistance: number): readonly Leak[] {
  const leaks: Leak[] = [];
  const isExact = new Uint8Array(rows.count);
  const rowOf = (row: number): Pick<Leak, 'place' | 'part'> => ({
    place: rows.place[row] ?? 0,
    part: part[row] ?? 0,
  });
  const exact = spanning(rows.exact, part);
  for (const [cluster, members] of exact) {
    for (const row of members) {
      isExact[row] = 1;
      leaks.push({ kind: 'exact', cluster, distance: 0, ...rowOf(row) });
    }
  }
  for (const [cluster, members] of spanning(rows.near, part)) {
    const distances = distancesOf(rows, part, members);
    members.forEach((row, i) => {
      const distance = distances[i] ?? null;
      if (isExact[row] === 1 || (distance !== null && distance > maxDistance)) return;
      leaks.push({ kind: 'near-duplicate', cluster, distance, ...rowOf(row) });
    });
  }
  for (const [cluster, members] of spanning(rows.identity, part)) {
    for (const row of members) {
      leaks.push({ kind: 'identity', cluster, distance: null, ...rowOf(row) });
    }
  }
  return leaks;
}

/** Returns counts of the kinds that occur. */
export function countLeaks(leaks: readonly Leak[]): Partial<Record<LeakKind, LeakCount>> {
  const counts: Partial<Record<LeakKind, LeakCount>> = {};
  for (const kind of LEAK_KINDS) {
    const own = leaks.filter((leak) => leak.kind === kind);
    if (own.length === 0) continue;
    counts[kind] = { clusters: new Set(own.map((leak) => leak.cluster)).size, rows: own.length };
  }
  return counts;
}

/** Returns what there is of one kind and in which splits: `1 identity is in train and test (2 rows)`. */
export function leakLine(kind: LeakKind, leaks: readonly Leak[]): string {
  const own = leaks.filter((leak) => leak.kind === kind);
  const clusters = new Set(own.map((leak) => leak.cluster)).size;
  const parts = SPLIT_NAMES.filter((_, i) => own.some((leak) => leak.part === i));
  const what = {
    exact: clusters === 1 ? 'image is byte for byte' : 'images are byte for byte',
    'near-duplicate': clusters === 1 ? 'image is nearly the same' : 'images are nearly the same',
    identity: clusters === 1 ? 'identity is' : 'identities are',
  }[kind];
  return `${clusters} ${what} in ${listOf(parts)} (${own.length} rows)`;
}

function listOf(names: readonly string[]): string {
  return [names.slice(0, -1).join(', '), ...names.slice(-1)].join(' and ');
}

/** Returns the members of the clusters that are in more than one split. */
function spanning(clusters: Int32Array, part: Int8Array): ReadonlyMap<number, readonly number[]> {
  const found = new Map<number, number[]>();
  const parts = new Uint8Array(clusters.length);
  clusters.forEach((cluster, row) => {
    const own = part[row] ?? -1;
    if (cluster >= 0 && own >= 0) parts[cluster] = (parts[cluster] ?? 0) | (1 << own);
  });
  clusters.forEach((cluster, row) => {
    const own = part[row] ?? -1;
    const mask = cluster >= 0 && own >= 0 ? (parts[cluster] ?? 0) : 0;
    if ((mask & (mask - 1)) === 0) return;
    const members = found.get(cluster);
    if (members === undefined) found.set(cluster, [row]);
    else members.push(row);
  });
  return found;
}

/** Returns for each member in how many bits it differs from the nearest one in another split. */
function distancesOf(
  rows: SplitRows,
  part: Int8Array,
  members: readonly number[],
): readonly (number | null)[] {
  const parts = new Map<bigint, number>();
  const hashOf = (row: number): bigint => rows.hash[row] ?? 0n;
  for (const row of members) {
    const hash = hashOf(row);
    parts.set(hash, (parts.get(hash) ?? 0) | (1 << (part[row] ?? 0)));
  }
  if (parts.size > MAX_COMPARED) return members.map(() => null);
  const known = new Map<string, number>();
  return members.map((row) => {
    const hash = hashOf(row);
    const own = 1 << (part[row] ?? 0);
    const key = `${hash}/${own}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    let nearest = 64;
    for (const [other, mask] of parts) {
      if ((mask & ~own) !== 0) nearest = Math.min(nearest, hashDistance(hash, other));
    }
    known.set(key, nearest);
    return nearest;
  });
}
