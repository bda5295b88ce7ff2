/** Ages as tables state them: numbers, bands, and dates of birth. */

import type { Cell } from '../manifest/cell.js';

const NUMBER = String.raw`(\d+(?:\.\d+)?)`;
const FROM_THERE = new RegExp(
  String.raw`^(?:(?:more than|older than|over|above|at least|from|>=?)\s*)?${NUMBER}\s*(?:\+|years?(?: old)?|(?:and|or) (?:over|older|more|above))?$`,
);
const BAND = new RegExp(String.raw`^[([]?\s*${NUMBER}\s*(?:-|–|to|,)\s*${NUMBER}\s*[)\]]?$`);
const UP_TO = new RegExp(
  String.raw`^(?:less than|younger than|under|below|up to|<=?)\s*${NUMBER}$`,
);

/**
 * Returns the lowest age in years that fits a cell: `34`, `3-9` (3), `more than 70` and `70+` (70), `under 3` (0);
 * null when the cell holds no age.
 */
export function leastAge(cell: Cell): number | null {
  if (typeof cell === 'number') return Number.isFinite(cell) && cell >= 0 ? cell : null;
  const text = (cell ?? '').trim().toLowerCase();
  const found = BAND.exec(text) ?? FROM_THERE.exec(text);
  if (found !== null) return Number(found[1]);
  return UP_TO.test(text) ? 0 : null;
}

/** Year, month and day; the day, or month and day, may be missing. */
const DATE = /^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:[T ].*)?$/;

/** Returns whether a text is a year, a month or a day, as ISO 8601 writes them. */
export function isDate(text: string): boolean {
  return DATE.test(text.trim());
}

/** Returns the year, and a number by which the days of a year can be compared. */
function dayOf(cell: Cell, ambiguous: 'first' | 'last'): readonly [number, number] | null {
  const found = DATE.exec(String(cell ?? '').trim());
  if (found === null) return null;
  const [, year, month, day] = found;
  const first = ambiguous === 'first';
  const m = month === undefined ? (first ? 1 : 12) : Number(month);
  const d = day === undefined ? (first ? 1 : 31) : Number(day);
  return [Number(year), m * 31 + d];
}

/**
 * Returns the lowest age in full years that a person born at one date can have at another: where a month or day is
 * missing, the birth counts as late and the other date as early as possible. Null when either is not a date, or the
 * birth comes after.
 */
export function leastAgeAt(birth: Cell, at: Cell): number | null {
  const born = dayOf(birth, 'last');
  const seen = dayOf(at, 'first');
  if (born === null || seen === null) return null;
  const age = seen[0] - born[0] - (seen[1] < born[1] ? 1 : 0);
  // In the year of birth, nobody is a year old.
  if (age === -1 && seen[0] === born[0]) return 0;
  return age < 0 ? null : age;
}
