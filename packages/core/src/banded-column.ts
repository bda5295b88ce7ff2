/** Columns of labels as groups: texts as they are, numbers such as ages in bands. */
import { bandsInOrder, areBands } from './bands.js';
import { binEdge, binsOf, EDGE_TOLERANCE } from './bins.js';

/** A column in groups. */
export interface BandedColumn {
  /** Names of the groups, in order. */
  readonly groups: readonly string[];
  /** The group of each item, by its number; -1 where it has no value. */
  readonly of: readonly number[];
}

/** Bands of a column of numbers: ages from 0 to 80 get decades. */
const MAX_BANDS = 9;

/** Numbers with at most this many values are groups as they are: a grade, a count. */
const MAX_PLAIN_NUMBERS = 6;

/**
 * Returns a column of labels as groups. Numbers with more than six values are put into at most nine bands or so of one
 * round width (`20-29`); bands of texts come in their order, other texts by name.
 *
 * @param values one per item; null where there is none
 */
export function bandedColumn(values: readonly (string | number | null)[]): BandedColumn {
  const numbers = values.filter((value) => typeof value === 'number' && Number.isFinite(value));
  const distinct = new Set(numbers);
  const given = values.filter((value) => value !== null);
  if (numbers.length === given.length && distinct.size > MAX_PLAIN_NUMBERS) {
    return inBands(values, numbers as number[]);
  }
  const names = [...new Set(given.map(String))];
  const isNumeric = given.every((value) => typeof value === 'number');
  const groups = isNumeric
    ? names.sort((a, b) => Number(a) - Number(b))
    : areBands(names)
      ? bandsInOrder(names)
      : names.sort();
  const places = new Map(groups.map((name, i) => [name, i]));
  return {
    groups,
    of: values.map((value) => (value === null ? -1 : (places.get(String(value)) ?? -1))),
  };
}

function inBands(
  values: readonly (string | number | null)[],
  numbers: readonly number[],
): BandedColumn {
  const bins = binsOf(numbers, MAX_BANDS);
  const whole = numbers.every(Number.isInteger);
  const { first, width, counts } = bins;
  const names = counts.map((_, i) => {
    const [from, to] = [binEdge(bins, i), binEdge(bins, i + 1)];
    if (!whole) return `${from} to ${to}`;
    return width === 1 ? String(from) : `${from}-${to - 1}`;
  });
  return {
    groups: names,
    of: values.map((value) =>
      typeof value === 'number' && Number.isFinite(value)
        ? Math.floor(value / width + EDGE_TOLERANCE) - first
        : -1,
    ),
  };
}
