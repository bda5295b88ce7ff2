import { expect, test } from 'vitest';
import { isDate, leastAge, leastAgeAt } from './known-age.js';

test('leastAge reads numbers, bands and words, of which the least counts', () => {
  const ages: readonly (readonly [string | number | null, number | null])[] = [
    [34, 34],
    ['34', 34],
    ['0-2', 0],
    ['3-9', 3],
    ['50 - 59', 50],
    ['(25, 32)', 25],
    ['more than 70', 70],
    ['70+', 70],
    ['18 years old', 18],
    ['18 or older', 18],
    ['under 3', 0],
    ['<= 5', 0],
    ['>=5', 5],
    ['adult', null],
    ['', null],
    [null, null],
    [-1, null],
    [Number.NaN, null],
  ];
  for (const [cell, least] of ages) expect(leastAge(cell), String(cell)).toBe(least);
});

test('leastAgeAt counts full years, and takes the least where days are unknown', () => {
  expect(leastAgeAt('2000-06-15', '2010-06-14')).toBe(9);
  expect(leastAgeAt('2000-06-15', '2010-06-15')).toBe(10);
  // Born on the last day of 2000, seen on the first of 2010.
  expect(leastAgeAt(2000, 2010)).toBe(9);
  expect(leastAgeAt('2000-06', '2010')).toBe(9);
  expect(leastAgeAt('2000-02-29', '2001-03')).toBe(1);
  expect(leastAgeAt('2010', '2010')).toBe(0);
  expect(leastAgeAt('2000-01-01T00:00:00', '2004-01-01 12:00')).toBe(4);
  expect(leastAgeAt('2011', '2010')).toBeNull();
  expect(leastAgeAt('unknown', '2010')).toBeNull();
  expect(leastAgeAt('2000', null)).toBeNull();
});

test('isDate tells dates from names of columns', () => {
  expect(['2010', '2010-02', '2010-02-03'].map(isDate)).toEqual([true, true, true]);
  expect(['photo_taken', '20100', ''].map(isDate)).toEqual([false, false, false]);
});
