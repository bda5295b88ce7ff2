import { expect, it } from 'vitest';
import { newRow } from '../manifest/manifest-row.js';
import { toDataFrame, type DataFrameLike } from './to-data-frame.js';

/** What danfojs itself has; the tests ask it, not us. */
interface Frame extends DataFrameLike {
  readonly dtypes: readonly string[];
  readonly values: readonly (readonly unknown[])[];
  isNa(): { readonly values: readonly (readonly boolean[])[] };
  dropNa(options: { axis: number }): { readonly values: readonly unknown[] };
  column(name: string): {
    mean(): number;
    count(): number;
    describe(): { readonly values: readonly number[] };
    valueCounts(): { readonly values: readonly number[]; readonly index: readonly string[] };
  };
}

const rows = [
  { sex: 'f', age: 1, rate: null },
  { sex: null, age: null, rate: 0.5 },
  { sex: 'm', age: 3, rate: 1 },
  { sex: 'm', age: 8, rate: 2 },
];

it('toDataFrame keeps missing values missing, as danfojs counts them', () => {
  const frame = toDataFrame(rows) as Frame;
  expect(frame.shape).toEqual([4, 3]);
  expect(frame.columns).toEqual(['sex', 'age', 'rate']);
  expect(frame.dtypes).toEqual(['string', 'float32', 'float32']);
  expect(frame.isNa().values).toEqual([
    [false, false, true],
    [true, true, false],
    [false, false, false],
    [false, false, false],
  ]);
  expect(frame.dropNa({ axis: 1 }).values).toEqual([
    ['m', 3, 1],
    ['m', 8, 2],
  ]);
  expect(frame.column('age').mean()).toBe(4);
  expect(frame.column('age').count()).toBe(3);
  // count, mean, standard deviation, least, median, greatest, variance
  expect(frame.column('age').describe().values.slice(0, 2)).toEqual([3, 4]);
  expect(() => frame.describe()).not.toThrow();
  const counts = frame.column('sex').valueCounts();
  expect(counts.values[counts.index.indexOf('m')]).toBe(2);
});

it('toDataFrame has every column that any row has', () => {
  const frame = toDataFrame([{ a: 1 }, { a: 2, b: 'x' }, { b: 'y' }]) as Frame;
  expect(frame.columns).toEqual(['a', 'b']);
  expect(frame.isNa().values).toEqual([
    [false, true],
    [false, false],
    [true, false],
  ]);
});

it('toDataFrame takes an opened data set, fixed columns first', () => {
  const dataset = {
    rows: [
      newRow({ id: 'a', path: 'a.jpg', labels: { sex: 'f' } }),
      newRow({ id: 'b', path: 'b.jpg', labels: { sex: null }, width: 8 }),
    ],
  };
  const frame = toDataFrame(dataset) as Frame;
  expect(frame.columns.slice(0, 3)).toEqual(['id', 'path', 'url']);
  expect(frame.columns.at(-1)).toBe('sex');
  expect(frame.column('width').count()).toBe(1);
});

it('toDataFrame refuses no rows', () => {
  expect(() => toDataFrame([])).toThrow(/needs at least one row, but got none/);
});
