/** A range of numbers as lists write it. */
export interface NumberRange {
  /** In the unit of the text; `-Infinity` where the range is open below. */
  readonly low: number;
  /** Equal to `low` for a single number; `Infinity` where the range is open above. */
  readonly high: number;
}

const NUMBER = String.raw`(-?\d+(?:\.\d+)?)`;

/** Ranges with two ends; a single number has one. */
const CLOSED: readonly RegExp[] = [
  new RegExp(`^${NUMBER}$`),
  new RegExp(`^[[(]?\\s*${NUMBER}\\s*(?:-|–|to|,)\\s*${NUMBER}\\s*[\\])]?$`, 'i'),
];
/** Ranges without an upper end. */
const OPEN: readonly RegExp[] = [
  new RegExp(`^${NUMBER}\\s*(?:\\+|and (?:over|above|older|more))$`, 'i'),
  new RegExp(`^(?:more than|over|above|from|>=|≥|>)\\s*${NUMBER}$`, 'i'),
];
/** Ranges without a lower end. */
const BELOW = new RegExp(`^(?:less than|under|below|up to|<=|≤|<)\\s*${NUMBER}$`, 'i');

/**
 * Returns the range that a text writes: `20-29`, `20 to 29`, `(25, 32)`, `70+`, `more than 70`, `under 18`, `5`; undefined for any
 * other text, and for a range whose end is below its start.
 */
export function parseRange(text: string): NumberRange | undefined {
  const trimmed = text.trim();
  for (const pattern of CLOSED) {
    const match = pattern.exec(trimmed);
    if (match === null) continue;
    const low = Number(match[1]);
    const high = Number(match[2] ?? match[1]);
    return high >= low ? { low, high } : undefined;
  }
  for (const pattern of OPEN) {
    const match = pattern.exec(trimmed);
    if (match !== null) return { low: Number(match[1]), high: Infinity };
  }
  const below = BELOW.exec(trimmed);
  return below === null ? undefined : { low: -Infinity, high: Number(below[1]) };
}
