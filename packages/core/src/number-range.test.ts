import { describe, expect, it } from 'vitest';
import { parseRange } from './number-range.js';

describe('parseRange', () => {
  it.each([
    ['20-29', 20, 29],
    ['0-2', 0, 2],
    ['20 to 29', 20, 29],
    ['(25, 32)', 25, 32],
    ['[0.5, 1]', 0.5, 1],
    ['-5-5', -5, 5],
    ['7', 7, 7],
    ['70+', 70, Infinity],
    ['more than 70', 70, Infinity],
    ['> 70', 70, Infinity],
    ['60 and over', 60, Infinity],
    ['under 18', -Infinity, 18],
  ])('reads %s', (text, low, high) => {
    expect(parseRange(text)).toEqual({ low, high });
  });

  it.each(['young', '', '29-20', '20-', 'a-b', '3 of 4', '1-2-3'])('refuses %j', (text) => {
    expect(parseRange(text)).toBeUndefined();
  });
});
