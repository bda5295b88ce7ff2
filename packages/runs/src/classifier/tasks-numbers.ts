import { parseRange } from '@janus/core';

/**
 * Returns the number that a cell holds: the number itself, the number that a text writes, or the middle of the range
 * that it writes; null for any other text, and for an open range, whose middle depends on its neighbours.
 */
export function numberOf(cell: string | number | null): number | null {
  if (typeof cell === 'number') return Number.isFinite(cell) ? cell : null;
  const range = cell === null ? undefined : parseRange(cell);
  if (range === undefined) return null;
  const middle = (range.low + range.high) / 2;
  return Number.isFinite(middle) ? middle : null;
}
