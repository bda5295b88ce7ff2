/** Which of many images are the same: by their bytes, or by their perceptual hashes. */

import { nearDuplicateClusters } from './near-duplicates.js';

/** What is known of each image that may be one of several. */
interface ComparedImages {
  /** uint32 [N, 4]: 128 bits of the sha256 of each file. */
  readonly digests: Uint32Array;
  readonly hashes: BigUint64Array;
  /** Pixels of each. */
  readonly areas: Float64Array;
  /** What each is labelled, as a number; null where labels do not count. */
  readonly labels: BigUint64Array | null;
}

/** What becomes of the images of a group whose labels contradict each other. */
export type ConflictPolicy = 'remove-all' | 'keep-first' | 'report';

/** How {@link judgeSame} decides. */
export interface SameRules {
  /** Whether later ones of byte-identical images go. */
  readonly duplicates: boolean;
  /** Most differing bits of near duplicates; null: they stay. */
  readonly nearDuplicates: number | null;
  readonly conflicts: ConflictPolicy;
}

/** What {@link judgeSame} finds. */
interface SameVerdict {
  /** One an image. */
  readonly reasons: readonly ('kept' | SameReason)[];
  /** Groups of same images with different labels, and the images in them; null where labels do not count. */
  readonly conflicts: { readonly groups: number; readonly images: number } | null;
}

export const SAME_REASONS = ['conflicting labels', 'duplicate', 'near duplicate'] as const;
type SameReason = (typeof SAME_REASONS)[number];

/**
 * Decides which of the same images stay: of byte-identical ones the first, of near duplicates the
 * largest (the first of several). Groups of different labels are judged before that.
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
      if (rules.conflicts === 'remove-all' || labels[i] !== labels[first]) {
        reasons[i] = 'conflicting labels';
      }
    }
  }
  if (rules.duplicates) {
    // The first that is still there: conflicts may have taken the very first.
    const kept = new Int32Array(count).fill(-1);
    for (let i = 0; i < count; i++) {
      if (reasons[i] !== 'kept') continue;
      const group = identical[i] ?? i;
      if ((kept[group] ?? -1) >= 0) reasons[i] = 'duplicate';
      else kept[group] = i;
    }
  }
  if (near !== null) {
    // Where the first must stay, size does not count.
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
    conflicts: conflicts && { groups: conflicts.groups, images: conflicts.images },
  };
}

/** Returns, of each digest, the first place where it stands. */
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
    // Bits of a digest are as good as random.
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
  /** 1 at the first image of each group that contradicts itself. */
  readonly marked: Uint8Array;
  readonly groups: number;
  readonly images: number;
}

function conflictsIn(groups: Int32Array, labels: BigUint64Array): Conflicts {
  const marked = new Uint8Array(groups.length);
  let count = 0;
  groups.forEach((first, i) => {
    if (labels[i] === labels[first] || marked[first] === 1) return;
    marked[first] = 1;
    count += 1;
  });
  let images = 0;
  for (const first of groups) images += marked[first] ?? 0;
  return { marked, groups: count, images };
}
