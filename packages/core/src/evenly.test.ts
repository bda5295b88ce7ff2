import { expect, it } from 'vitest';
import { evenly } from './evenly.js';

it('evenly keeps the first and the last', () => {
  expect(evenly([1, 2, 3, 4, 5, 6, 7], 3)).toEqual([1, 4, 7]);
  expect(evenly([1, 2], 3)).toEqual([1, 2]);
});
