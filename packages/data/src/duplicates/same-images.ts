/** Finds copies among images, by their bytes or their perceptual hashes, and decides which stay. */

import { nearDuplicateClusters } from './near-duplicates.js';

/** What is compared: one element for each image. */
interface ComparedImages {
  /** uint32 [N, 4]: the first 128 bits of each file's sha256. */
  readonly digests: Uint32Array;
  /** Perceptual hashes. */
  readonly hashes: BigUint64Array;
  /** Number of pixels. */
  readonly areas: Float64Array;
  /** A number that stands for the labels, 0 for none, which contradicts nothing; null where labels do not count. */
  readonly labels: BigUint64Array | null;
}

/** What happens to copies whose labels contradict each other. */
export type ConflictPolicy = 'remove-all' | 'keep-first' | 'report';

/** How {@link judgeSame} decides. */
export interface SameRules {
  /** Whether all but the first of byte-identical images are removed. */
  readonly duplicates: boolean;
  /** Most bits in which near duplicates differ; null: they stay. */
  readonly nearDuplicates: number | null;
  readonly conflicts: ConflictPolicy;
}

/** What {@link judgeSame} decided. */
interface SameVerdict {
  /** One for each image. */
  readonly reasons: readonly ('kept' | SameReason)[];
  /** Null where labels do not count. */
  readonly conflicts: SameConflicts | null;
}

/** Copies of one image whose labels differ. */
interface SameConflicts {
  readonly groups: number;
  /** In all groups. */
  readonly images: number;
  /** The images of the first groups, by their indices. */
  readonly shown: readonly (readonly number[])[];
}

/** Groups of copies with different labels that are shown, and images of each. */
const GROUPS_SHOWN = 5;
const IMAGES_SHOWN = 4;

export const SAME_REASONS = ['conflicting labels', 'duplicate', 'near duplicate'] as const;
type SameReason = (typeof SAME_REASONS)[number];

/**
 * Decides which copies stay: of byte-identical images the first, of near duplicates the largest (of several, the
 * first). Groups whose labels differ are judged before that.
 */
export function judgeSame(images: ComparedImages, rules: SameRules): SameVerdict {
  const { hashes, areas, labels } = images;
  const count = hashes.length;
  const identical = firstOfEach(images.digests, count);
  const near =
    rules.nearDuplicates === null ? null : nearDuplicateClusters(hashes, rules.nearDuplicates);
  const groups = near ?? identical;
  const reasons: ('kept' | SameReason)[] = Array.from({ length: count }, () => 'kept');
  const conflicts = labels === null ? null : conflictsIn(groups, labels);
  if (conflicts !== null && labels !== null && rules.conflicts !== 'report') {
    for (let i = 0; i < count; i++) {
      const first = groups[i] ?? i;
      if (conflicts.marked[first] !== 1) continue;
      if (rules.conflicts === 'remove-all' || contradicts(labels[i], conflicts.reference[first])) {
        reasons[i] = 'conflicting labels';
      }
    }
  }
  if (rules.duplicates) {
    // The first that is left: the very first may have been removed for its labels.
    const kept = new Int32Array(count).fill(-1);
    for (let i = 0; i < count; i++) {
      if (reasons[i] !== 'kept') continue;
      const group = identical[i] ?? i;
      if ((kept[group] ?? -1) >= 0) reasons[i] = 'duplicate';
      else kept[group] = i;
    }
  }
  if (near !== null) {
    // Where the first must stay, the size does not count.
    const firstStays = rules.conflicts === 'keep-first' ? conflicts?.marked : undefined;
    const best = new Int32Array(count).fill(-1);
    for (let i = 0; i < count; i++) {
      if (reasons[i] !== 'kept') continue;
      const group = near[i] ?? i;
      const before = best[group] ?? -1;
      if (before < 0) {
        best[group] = i;
        continue;
      }
      const larger = (areas[i] ?? 0) > (areas[before] ?? 0) && firstStays?.[group] !== 1;
      reasons[larger ? before : i] = 'near duplicate';
      if (larger) best[group] = i;
    }
  }
  return {
    reasons,
    conflicts: conflicts && {
      groups: conflicts.groups,
      images: conflicts.images,
      shown: shownOf(groups, conflicts.marked),
    },
  };
}

/** Returns for each digest the index of its first occurrence. */
function firstOfEach(digests: Uint32Array, count: number): Int32Array {
  const size = 2 ** Math.ceil(Math.log2(2 * count + 2));
  const table = new Int32Array(size).fill(-1);
  const first = new Int32Array(count);
  const isSame = (a: number, b: number): boolean =>
    digests[4 * a] === digests[4 * b] &&
    digests[4 * a + 1] === digests[4 * b + 1] &&
    digests[4 * a + 2] === digests[4 * b + 2] &&
    digests[4 * a + 3] === digests[4 * b + 3];
  for (let i = 0; i < count; i++) {
    // The bits of a digest serve as its hash.
    let at = (digests[4 * i] ?? 0) & (size - 1);
    let found = table[at] ?? -1;
    while (found >= 0 && !isSame(found, i)) {
      at = (at + 1) & (size - 1);
      found = table[at] ?? -1;
    }
    if (found < 0) table[at] = i;
    first[i] = found < 0 ? i : found;
  }
  return first;
}

interface Conflicts {
  /** 1 at the first image of each group whose labels differ. */
  readonly marked: Uint8Array;
  /** At the first image of each group: the first label in it; 0 where there is none. */
  readonly reference: BigUint64Array;
  readonly groups: number;
  readonly images: number;
}

function conflictsIn(groups: Int32Array, labels: BigUint64Array): Conflicts {
  const marked = new Uint8Array(groups.length);
  const reference = new BigUint64Array(groups.length);
  let count = 0;
  groups.forEach((first, i) => {
    if (reference[first] === 0n) reference[first] = labels[i] ?? 0n;
    if (!contradicts(labels[i], reference[first]) || marked[first] === 1) return;
    marked[first] = 1;
    count += 1;
  });
  let images = 0;
  for (const first of groups) images += marked[first] ?? 0;
  return { marked, reference, groups: count, images };
}

/** Returns whether two labels are both known, and differ. */
function contradicts(a = 0n, b = 0n): boolean {
  return a !== 0n && b !== 0n && a !== b;
}

/** Returns some images of the first groups that are marked. */
function shownOf(groups: Int32Array, marked: Uint8Array): readonly (readonly number[])[] {
  const shown = new Map<number, number[]>();
  groups.forEach((first, i) => {
    if (marked[first] !== 1) return;
    const own = shown.get(first);
    if (own === undefined) {
      if (shown.size < GROUPS_SHOWN) shown.set(first, [i]);
    } else if (own.length < IMAGES_SHOWN) own.push(i);
  });
  return [...shown.values()];
}
