import type { Dataset, ManifestRow } from '@janus/data';
import { expect, it } from 'vitest';
import { codeOfRow, codesOf, labelsOf, numbersToHave, wantedOf } from './attribute-codes.js';

const row = (glasses: string | null, hair: string | null): ManifestRow =>
  ({ status: 'kept', split: 'train', labels: { glasses, hair } }) as unknown as ManifestRow;

const DATASET = {
  folder: 'faces',
  labels: ['glasses', 'hair'],
  rows: [
    row('none', 'black'),
    row('sunglasses', 'red'),
    row('clear', 'blond'),
    row('clear', 'red'),
    row('none', null),
  ],
} as unknown as Dataset;

const CODES = codesOf(DATASET, ['glasses', 'hair']);

it('a column that knows none has two classes and one number, any other a number a class', () => {
  expect(CODES).toEqual([
    {
      column: 'glasses',
      classes: [
        { title: 'none', values: ['none'] },
        { title: 'clear or sunglasses', values: ['clear', 'sunglasses'] },
      ],
    },
    {
      column: 'hair',
      classes: ['black', 'blond', 'red'].map((title) => ({ title, values: [title] })),
    },
  ]);
  expect(labelsOf(CODES)).toBe(4);
  expect(DATASET.rows.map((each) => codeOfRow(each, CODES))).toEqual([
    [0, 1, 0, 0],
    [1, 0, 0, 1],
    [1, 0, 1, 0],
    [1, 0, 0, 1],
    undefined,
  ]);
});

it('what is set replaces what is told, and nothing else', () => {
  const told = Float32Array.of(-2, 0.1, 3, -1, 4, -1, -2, -3);
  const set = (given: Readonly<Record<string, string>>): readonly number[] =>
    Array.from(numbersToHave(CODES, told, wantedOf(CODES, given)));
  expect(set({})).toEqual([0, 0, 1, 0, 1, 1, 0, 0]);
  expect(set({ glasses: '1' })).toEqual([1, 0, 1, 0, 1, 1, 0, 0]);
  expect(set({ glasses: 'none', hair: 'red' })).toEqual([0, 0, 0, 1, 0, 0, 0, 1]);
  expect(set({ glasses: 'sunglasses' })).toEqual(set({ glasses: '1' }));
});

it('what a run does not know is refused with what it knows', () => {
  expect(() => wantedOf(CODES, { beard: '1' })).toThrow(
    '--set: must name attributes of the run (glasses, hair), but got beard.',
  );
  expect(() => wantedOf(CODES, { hair: '1' })).toThrow(
    '--set: hair must be black, blond, red, but got 1.',
  );
  expect(() => codesOf(DATASET, ['glasses', 'glasses'])).toThrow(/different label columns/);
});
