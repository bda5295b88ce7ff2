import { intervalText, type Interval } from '@janus/core';

/** Characters of a text in a table's cell; longer ones are cut. */
const MOST_CHARACTERS = 120;

/** Returns whether a value is an interval of shares. */
const isInterval = (value: object): value is Interval =>
  'value' in value && 'low' in value && 'high' in value;

/** Returns whether a cell holds a number, which stands at the right. */
export const isNumeric = (value: unknown): boolean =>
  typeof value === 'number' || typeof value === 'bigint';

/**
 * Returns what a table shows of a value: four significant digits of a fraction, an interval of shares in percent, nothing
 * for what is missing.
 */
export function cellText(value: unknown): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '';
  if (typeof value === 'number') {
    return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
  }
  if (typeof value === 'string') return cut(value);
  if (typeof value === 'boolean' || typeof value === 'bigint') return cut(String(value));
  if (typeof value !== 'object') return '';
  if (value instanceof Date) return value.toISOString();
  return isInterval(value) ? intervalText(value) : cut(JSON.stringify(value));
}

const cut = (text: string): string =>
  text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS - 1)}…`;
