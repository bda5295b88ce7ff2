/**
 * All pairs of 64-bit hashes that differ in a few bits, found without comparing all pairs.
 *
 * Multi-index hashing (Norouzi, Punjani and Fleet 2012, arXiv 1307.2982) by agreement alone: of
 * `bands` pieces of the 64 bits, two hashes within distance d agree on at least `bands - d`. A search
 * groups the hashes by one piece, each group by a later piece, and so on, until comparing what is left
 * is cheaper than grouping it further.
 */

import { OptionsError } from '@janus/core';
import { joinClusters, rootOf } from './clusters.js';

/** Largest distance that means a likeness: two unrelated hashes differ in 32 bits on average. */
export const MAX_HASH_DISTANCE = 32;

/** Rough costs in nanoseconds: comparing two hashes, putting one into its group, visiting a group. */
const COMPARE_COST = 1;
const PLACE_COST = 12;
const GROUP_COST = 2;

/**
 * Up to this size, all hashes of a group are compared: neither grouping nor looking up clusters saves time.
 */
const SMALL_GROUP = 64;

/** The hashes as two 32-bit words each. */
interface Words {
  readonly high: Uint32Array;
  readonly low: Uint32Array;
}

/** A piece of a hash: the bits `mask` of one word, from bit `shift` on. */
interface Band {
  readonly word: keyof Words;
  readonly shift: number;
  readonly mask: number;
}

/** Hashes in the order in which one level of the search has grouped them. */
interface Level extends Words {
  /** Index of each hash. */
  readonly item: Int32Array;
}

/**
 * Returns the cluster of every hash: the smallest index among all hashes that are connected with it by steps of at
 * most `maxDistance` differing bits. The result is exact: only repeated hashes, and pairs that are in one cluster
 * already, are not compared.
 *
 * @param hashes 64 bits each
 * @param maxDistance differing bits, a whole number from 0 to 32; time grows steeply above 10
 * @returns int32 [hashes.length]
 * @throws OptionsError when `maxDistance` is out of range
 */
export function nearDuplicateClusters(hashes: BigUint64Array, maxDistance: number): Int32Array {
  if (!Number.isInteger(maxDistance) || maxDistance < 0 || maxDistance > MAX_HASH_DISTANCE) {
    throw new OptionsError(
      `nearDuplicateClusters: maxDistance must be a whole number from 0 to ${MAX_HASH_DISTANCE}, but got ${maxDistance}. Try 4.`,
    );
  }
  const { words, kind, first } = distinctOf(hashes);
  const parent = Int32Array.from(first, (_, i) => i);
  // The nearest come first: what they connect need not be compared at a greater distance.
  const distances = new Set([1, maxDistance]);
  for (const distance of [...distances].sort((a, b) => a - b)) {
    if (distance > 0 && distance <= maxDistance) connect(words, distance, parent);
  }
  return kind.map((each) => first[rootOf(parent, each)] ?? 0);
}

/** Returns the number of bits, 0 to 64, in which two hashes differ. */
export function hashDistance(a: bigint, b: bigint): number {
  const differing = a ^ b;
  return onesOf(Number(differing >> 32n) | 0, Number(differing & 0xffffffffn) | 0);
}

/** Returns how many bits of two words are set. */
function onesOf(high: number, low: number): number {
  let a = high - ((high >>> 1) & 0x55555555);
  let b = low - ((low >>> 1) & 0x55555555);
  a = (a & 0x33333333) + ((a >>> 2) & 0x33333333);
  b = (b & 0x33333333) + ((b >>> 2) & 0x33333333);
  // Four bits hold up to 15; the two words add up to at most 8 in each.
  const sum = a + b;
  return Math.imul((sum & 0x0f0f0f0f) + ((sum >>> 4) & 0x0f0f0f0f), 0x01010101) >>> 24;
}

/** Returns the distinct hashes, in the order in which they first occur. */
function distinctOf(hashes: BigUint64Array): {
  readonly words: Words;
  /** Index of each hash among the distinct ones. */
  readonly kind: Int32Array;
  /** Where each distinct hash first occurs. */
  readonly first: Int32Array;
} {
  const halves = new Uint32Array(hashes.buffer, hashes.byteOffset, 2 * hashes.length);
  const count = hashes.length;
  const size = 2 ** Math.ceil(Math.log2(2 * count + 2));
  const table = new Int32Array(size).fill(-1);
  const [low, high] = [new Uint32Array(count), new Uint32Array(count)];
  const [kind, first] = [new Int32Array(count), new Int32Array(count)];
  let distinct = 0;
  for (let i = 0; i < count; i++) {
    const a = halves[2 * i] ?? 0;
    const b = halves[2 * i + 1] ?? 0;
    let mixed = Math.imul(a ^ Math.imul(b, 0x9e3779b1), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 15) ^ b, 0xc2b2ae35);
    let at = (mixed ^ (mixed >>> 13)) & (size - 1);
    let found = table[at] ?? -1;
    while (found >= 0 && (low[found] !== a || high[found] !== b)) {
      at = (at + 1) & (size - 1);
      found = table[at] ?? -1;
    }
    if (found < 0) {
      found = distinct++;
      table[at] = found;
      low[found] = a;
      high[found] = b;
      first[found] = i;
    }
    kind[i] = found;
  }
  const words = { low: low.slice(0, distinct), high: high.slice(0, distinct) };
  return { words, kind, first: first.slice(0, distinct) };
}

/**
 * Returns the bands of a search: three or four more than the distance, so that close hashes agree on three or four,
 * and an even number, so that no band lies in both words.
 */
function bandsOf(distance: number): readonly Band[] {
  const perWord = Math.ceil((distance + 3) / 2);
  return (['high', 'low'] as const).flatMap((word) =>
    Array.from({ length: perWord }, (_, i): Band => {
      const shift = Math.round((32 * i) / perWord);
      const width = Math.round((32 * (i + 1)) / perWord) - shift;
      return { word, shift, mask: 2 ** width - 1 };
    }),
  );
}

/** Places of a level: `from` up to, but not including, `to`. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/** Hashes that agree in all bands that they were grouped by so far. */
interface Node extends Range {
  readonly depth: number;
  /** The first band that has not been visited. */
  readonly band: number;
  /** Most bits of the unvisited bands in which a wanted pair differs. */
  readonly budget: number;
}

/** Joins the clusters of all distinct hashes within a distance of each other. */
function connect(words: Words, distance: number, parent: Int32Array): void {
  const count = parent.length;
  const bands = bandsOf(distance);
  const levels: Level[] = [{ ...words, item: Int32Array.from(parent, (_, i) => i) }];
  const levelAt = (depth: number): Level =>
    (levels[depth] ??= {
      high: new Uint32Array(count),
      low: new Uint32Array(count),
      item: new Int32Array(count),
    });
  const search = (node: Node): void => {
    const { depth, from, to, band, budget } = node;
    const level = levelAt(depth);
    if (isOneCluster(level.item, node, parent)) return;
    if (band + budget >= bands.length || !isGroupingCheaper(to - from, budget, bands[band])) {
      compareLarge(level, node, { parent, distance });
      return;
    }
    for (let spent = 0; spent <= budget; spent++) {
      // Wanted pairs differ in the `spent` bands before this one, and agree here.
      const here = bands[band + spent];
      if (here === undefined) continue;
      const target = levelAt(depth + 1);
      const ends = groupBy(here, node, { source: level, target });
      const below = { depth: depth + 1, band: band + spent + 1, budget: budget - spent };
      let start = from;
      for (const end of ends) {
        if (end - start > SMALL_GROUP) search({ ...below, from: start, to: end });
        else if (end - start > 1) compareSmall(target, start, end);
        start = end;
      }
    }
  };
  const compareSmall = ({ high, low, item }: Level, from: number, to: number): void => {
    for (let a = from + 1; a < to; a++) {
      const highA = high[a] ?? 0;
      const lowA = low[a] ?? 0;
      for (let b = from; b < a; b++) {
        if (onesOf(highA ^ (high[b] ?? 0), lowA ^ (low[b] ?? 0)) <= distance) {
          joinClusters(parent, item[a] ?? 0, item[b] ?? 0);
        }
      }
    }
  };
  if (count > SMALL_GROUP) search({ depth: 0, from: 0, to: count, band: 0, budget: distance });
  else compareSmall(levelAt(0), 0, count);
}

/** Returns whether grouping by one more band saves time, if the hashes are spread evenly over its values. */
function isGroupingCheaper(size: number, budget: number, band: Band | undefined): boolean {
  const values = (band?.mask ?? 0) + 1;
  const comparing = (COMPARE_COST * size * size) / 2;
  const grouping = PLACE_COST * size + GROUP_COST * values + comparing / values;
  return (budget + 1) * grouping < comparing;
}

function isOneCluster(item: Int32Array, { from, to }: Range, parent: Int32Array): boolean {
  const root = rootOf(parent, item[from] ?? 0);
  for (let at = from + 1; at < to; at++) {
    if (rootOf(parent, item[at] ?? 0) !== root) return false;
  }
  return true;
}

/** Sorts a range by the values of a band (counting sort); returns where each value ends. */
function groupBy(
  { word, shift, mask }: Band,
  { from, to }: Range,
  { source, target }: { readonly source: Level; readonly target: Level },
): Uint32Array {
  const values = source[word];
  const { high, low, item } = source;
  const ends = new Uint32Array(mask + 1);
  for (let at = from; at < to; at++) {
    const value = ((values[at] ?? 0) >>> shift) & mask;
    ends[value] = (ends[value] ?? 0) + 1;
  }
  let start = from;
  for (let value = 0; value <= mask; value++) {
    const size = ends[value] ?? 0;
    ends[value] = start;
    start += size;
  }
  for (let at = from; at < to; at++) {
    const value = ((values[at] ?? 0) >>> shift) & mask;
    const place = ends[value] ?? 0;
    ends[value] = place + 1;
    target.high[place] = high[at] ?? 0;
    target.low[place] = low[at] ?? 0;
    target.item[place] = item[at] ?? 0;
  }
  return ends;
}

/** Compares all hashes of a range, except pairs that are in one cluster already. */
function compareLarge(
  level: Level,
  range: Range,
  found: { readonly parent: Int32Array; readonly distance: number },
): void {
  const { parent, distance } = found;
  const { high, low, item, starts } = byCluster(level, range, parent);
  for (let a = 0; a < item.length; a++) {
    const highA = high[a] ?? 0;
    const lowA = low[a] ?? 0;
    const end = starts[a] ?? 0;
    for (let b = 0; b < end; b++) {
      if (onesOf(highA ^ (high[b] ?? 0), lowA ^ (low[b] ?? 0)) <= distance) {
        joinClusters(parent, item[a] ?? 0, item[b] ?? 0);
      }
    }
  }
}

/** Returns a range sorted by cluster, and where the cluster of each place starts. */
function byCluster(
  { high, low, item }: Level,
  { from, to }: Range,
  parent: Int32Array,
): Level & { readonly starts: Int32Array } {
  const size = to - from;
  // Cluster and place in one number; both are below 2^26.
  const keys = new Float64Array(size);
  for (let i = 0; i < size; i++) keys[i] = rootOf(parent, item[from + i] ?? 0) * 2 ** 26 + i;
  keys.sort();
  const ordered = {
    high: new Uint32Array(size),
    low: new Uint32Array(size),
    item: new Int32Array(size),
    starts: new Int32Array(size),
  };
  let before = -1;
  let start = 0;
  for (let i = 0; i < size; i++) {
    const key = keys[i] ?? 0;
    const root = Math.floor(key / 2 ** 26);
    const at = from + (key - root * 2 ** 26);
    if (root !== before) start = i;
    before = root;
    ordered.high[i] = high[at] ?? 0;
    ordered.low[i] = low[at] ?? 0;
    ordered.item[i] = item[at] ?? 0;
    ordered.starts[i] = start;
  }
  return ordered;
}
