/** Which images a pretraining learns from, and which it measures on. */
import { DataError, permutationOf, streamOf } from '@janus/core';
import { NEAR_DUPLICATE_DISTANCE, nearDuplicateClusters, type ManifestRow } from '@janus/data';

/** Share of the images that are kept aside. */
const ASIDE = 0.1;

/**
 * Returns the rows to learn from, and those to measure on: a tenth, drawn by the seed. Images of one person, of the same
 * bytes, or with near perceptual hashes stay together.
 *
 * @param options `place`: the data folder, for messages
 * @throws DataError when no group of images can be kept aside
 */
export function pretrainParts(
  rows: readonly ManifestRow[],
  { seed, place }: { readonly seed: number; readonly place: string },
): Record<'train' | 'validation', readonly ManifestRow[]> {
  const wanted = Math.max(1, Math.round(ASIDE * rows.length));
  const order = permutationOf(rows.length, streamOf(seed, 'pretrain', 'aside'));
  const groups = groupsOf(rows, [...order]);
  const aside = new Set<number>();
  for (const group of groups) {
    if (aside.size + group.length <= wanted) for (const i of group) aside.add(i);
  }
  // Where all groups are larger than that, one of the smallest.
  const [smallest = []] = [...groups].sort((a, b) => a.length - b.length);
  if (aside.size === 0) for (const i of smallest) aside.add(i);
  if (aside.size === rows.length) {
    throw new DataError(
      `${place}: must have images of two people or more outside of its test part, but has ${rows.length} images of ${groups.length}. Import more, or split the data again with a smaller --test.`,
      { path: place },
    );
  }
  return {
    train: rows.filter((_, i) => !aside.has(i)),
    validation: rows.filter((_, i) => aside.has(i)),
  };
}

/** Returns the places of rows that belong together, in the order in which the first of each is drawn. */
function groupsOf(rows: readonly ManifestRow[], order: readonly number[]): readonly number[][] {
  const keys = keysOf(rows);
  const members = new Map<string, number[]>();
  keys.forEach((own, i) => {
    for (const key of own) {
      const known = members.get(key);
      if (known === undefined) members.set(key, [i]);
      else known.push(i);
    }
  });
  const seen = new Set<number>();
  return order.flatMap((first) => {
    const group: number[] = [];
    const open = [first];
    for (let i = open.pop(); i !== undefined; i = open.pop()) {
      if (seen.has(i)) continue;
      seen.add(i);
      group.push(i);
      for (const key of keys[i] ?? []) {
        for (const other of members.get(key) ?? []) open.push(other);
        members.delete(key);
      }
    }
    return group.length === 0 ? [] : [group];
  });
}

/** Returns what each row shares with those that belong to it: person, bytes, cluster of near duplicates. */
function keysOf(rows: readonly ManifestRow[]): readonly (readonly string[])[] {
  const hashed = rows.flatMap(({ phash }, i) => (phash === null ? [] : [{ phash, i }]));
  const near = nearDuplicateClusters(
    BigUint64Array.from(hashed, ({ phash }) => BigInt(`0x${phash}`)),
    NEAR_DUPLICATE_DISTANCE,
  );
  const clusters = new Map(hashed.map(({ i }, h) => [i, near[h]]));
  return rows.map(({ identity, sha256 }, i) => {
    const cluster = clusters.get(i);
    return [
      ...(identity === null ? [] : [`person ${identity}`]),
      ...(sha256 === null ? [] : [`bytes ${sha256}`]),
      ...(cluster === undefined ? [] : [`near ${cluster}`]),
    ];
  });
}
