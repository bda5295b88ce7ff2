import { expect, it } from 'vitest';
import { ALL_PENALTIES, isFitted, LINEAR_PENALTIES } from './linear-penalties.js';

it('isFitted goes on to weaker penalties only while one of the last two was the best', () => {
  const first = LINEAR_PENALTIES.length;
  expect(LINEAR_PENALTIES.every((_, i) => isFitted(i, 0))).toBe(true);
  expect(isFitted(first, first - 3)).toBe(false);
  expect(isFitted(first, first - 2)).toBe(true);
  expect(isFitted(first + 2, first)).toBe(true);
  expect(isFitted(ALL_PENALTIES.length, ALL_PENALTIES.length - 1)).toBe(false);
  expect(ALL_PENALTIES).toEqual([...ALL_PENALTIES].sort((a, b) => b - a));
});
