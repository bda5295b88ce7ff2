/** Which rows of a table match what is searched for, and in which order they stand. */

/** What the table sorts by. */
export interface SortKey {
  /** Text of the cell, or its value as text. */
  readonly value: string;
  readonly numeric: boolean;
}

/** Returns whether a text holds every word of a search, in any case and order. */
export function matches(text: string, search: string): boolean {
  const lower = text.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => lower.includes(word));
}

/**
 * Compares two cells for an ascending order; empty ones and those that are not numbers come last in both directions.
 *
 * @param direction 1 for ascending, -1 for descending
 */
export function compareCells(a: SortKey, b: SortKey, direction: 1 | -1): number {
  if (!a.numeric) return direction * a.value.localeCompare(b.value, 'en', { numeric: true });
  const [x, y] = [numberOf(a.value), numberOf(b.value)];
  if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
  return direction * (x - y);
}

const numberOf = (text: string): number => (text === '' ? Number.NaN : Number(text));
