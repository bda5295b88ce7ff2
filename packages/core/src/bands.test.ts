import { describe, expect, test } from 'vitest';
import { ageColumnKind, areBands, bandsInOrder } from './bands.js';

describe('bandsInOrder', () => {
  test('orders by the first number in a band, with what is under it before', () => {
    expect(bandsInOrder(['more than 70', '10-19', 'under 3', '3-9', '60-69'])).toEqual([
      'under 3',
      '3-9',
      '10-19',
      '60-69',
      'more than 70',
    ]);
  });

  test('orders words for ages from young to old, and others by the alphabet behind them', () => {
    expect(bandsInOrder(['senior', 'zebra', 'adult', 'apple', 'child'])).toEqual([
      'child',
      'adult',
      'senior',
      'apple',
      'zebra',
    ]);
  });
});

test('ageColumnKind knows columns of ages and of years of birth by their names', () => {
  expect(['age', 'Age_Group', 'perceived_age', 'age band'].map(ageColumnKind)).toEqual(
    Array(4).fill('age'),
  );
  expect(['born', 'birth_year', 'year of birth'].map(ageColumnKind)).toEqual(
    Array(3).fill('birth'),
  );
  expect(['image', 'agenda', 'stage', 'unborn'].map(ageColumnKind)).toEqual(
    Array(4).fill(undefined),
  );
});

test('areBands tells bands from names', () => {
  expect(areBands(['0-2', 'more than 70'])).toBe(true);
  expect(areBands(['young', 'middle-aged', 'old'])).toBe(true);
  expect(areBands(['female', 'male'])).toBe(false);
  expect(areBands(['1', 'other'])).toBe(false);
  expect(areBands([])).toBe(false);
});
