/** What a table says of how old somebody is: numbers, bands, and dates of birth. */

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
 * Returns the least age, in years, that fits what a cell says: `34`, `3-9` (3), `more than 70` and `70+`
 * (70), `under 3` (0); null when it says no age.
 */
export function leastAge(cell: Cell): number | null {
  if (typeof cell === 'number') return Number.isFinite(cell) && cell >= 0 ? cell : null;
  const text = (cell ?? '').trim().toLowerCase();
  const found = BAND.exec(text) ?? FROM_THERE.exec(text);
  if (found !== null) return Number(found[1]);
  return UP_TO.test(text) ? 0 : null;
}

/** Year, month and day, of which months and days may be left out. */
const DATE = /^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:[T ].*)?$/;

/** Returns whether a text is a year, a month or a day, as ISO 8601 writes them. */
export function isDate(text: string): boolean {
  return DATE.test(text.trim());
}

/** Returns days since the year 0, in a calendar of months of 31 days: only their order counts. */
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
 * Returns the least age, in full years, of somebody at a date: where days are unknown, born as late and
 * seen as early as can be; null when either is no date, or the birth comes after.
 */
export function leastAgeAt(birth: Cell, at: Cell): number | null {
  const born = dayOf(birth, 'last');
  const seen = dayOf(at, 'first');
  if (born === null || seen === null) return null;
  const age = seen[0] - born[0] - (seen[1] < born[1] ? 1 : 0);
  // Seen in the year of birth: not a year old, whatever the days.
  if (age === -1 && seen[0] === born[0]) return 0;
  return age < 0 ? null : age;
}
