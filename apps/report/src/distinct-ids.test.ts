import { expect, it } from 'vitest';
import { distinctIds } from './distinct-ids.js';

const idsOf = (items: readonly (readonly string[])[]): readonly string[] => [
  ...distinctIds(
    items.map((parts) => ({ parts })),
    ({ parts }) => parts.map((_, i) => parts.slice(0, i + 1).join(' ')),
  ).values(),
];

it('an item has the shortest name that no other has, and equal items are numbered', () => {
  expect(idsOf([['Table 1', 'congress', 'party']])).toEqual(['table-1']);
  expect(
    idsOf([
      ['table1', 'congress', 'party'],
      ['table1', 'congress', 'gender'],
      ['table1', 'fairface', 'gender'],
      ['table2', 'congress', 'gender'],
    ]),
  ).toEqual(['table1-congress-party', 'table1-congress-gender', 'table1-fairface', 'table2']);
  expect(
    idsOf([
      ['table3', 'a'],
      ['table3', 'a'],
      ['table3', 'a'],
    ]),
  ).toEqual(['table3-a', 'table3-a-2', 'table3-a-3']);
});
