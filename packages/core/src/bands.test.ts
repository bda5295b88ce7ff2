import { describe, expect, test } from 'vitest';
import { bandsInOrder } from './bands.js';

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
