import { areBands, bandsInOrder } from '@janus/core';
import type { Counts } from '@janus/data';

/** Returns counts as text, bands in their order: `0-2 5, 3-9 12`. */
export function countsText(counts: Counts): string {
  const names = Object.keys(counts);
  return (
    (areBands(names) ? bandsInOrder(names) : names)
      .map((name) => `${name} ${counts[name] ?? 0}`)
      .join(', ') || 'none'
  );
}
