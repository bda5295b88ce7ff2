import { expect, test } from 'vitest';
import { dataSetFigures, type DataSetCounts } from './index.js';

const COUNTS: DataSetCounts = {
  steps: [
    { step: 'import', rows: 90, rejected: 10, reasons: { 'missing file': 10 } },
    { step: 'clean', rows: 60, rejected: 30, reasons: { blank: 30 } },
  ],
  kept: 60,
  distributions: {
    planted: { blank: 1 },
    sex: { f: 20, m: 40 },
    glasses: { 0: 30, 1: 30 },
    age_group: { '3-9': 10, '10-19': 50 },
    empty: {},
    year: Object.fromEntries(Array.from({ length: 13 }, (_, i) => [String(1990 + i), 4])),
  },
  splitBalances: {
    sex: { train: { f: 10, m: 20 }, test: { f: 10, m: 20 } },
    glasses: { train: { 0: 20 }, test: { 0: 20, 1: 20 } },
    constant: { train: { only: 4 } },
  },
  missing: { sex: 0, age_group: 6 },
  numbers: {
    born: { first: 190, width: 10, counts: [30, 30] },
    year: { first: 199, width: 10, counts: [40, 20] },
    glasses: { first: 0, width: 1, counts: [30, 30] },
  },
  sizes: {
    grid: { x: { first: 1, width: 50 }, y: { first: 1, width: 50 }, counts: [[30, 30]] },
    median: { width: 80, height: 60 },
  },
  boxes: {
    grid: { x: { first: 1, width: 1 }, y: { first: 1, width: 1 }, counts: [[60]] },
    median: { width: 1, height: 1 },
  },
};

test('dataSetFigures draws steps, columns with ages first, splits, missing values and sizes', () => {
  expect(dataSetFigures(COUNTS).map(({ name }) => name)).toEqual([
    'steps',
    'column-age-group',
    'column-born',
    'column-sex',
    'column-glasses',
    'column-year',
    'column-planted',
    'split-sex',
    'split-glasses',
    'missing',
    'sizes',
  ]);
});

test('dataSetFigures puts targets first and compares the splits of these alone', () => {
  const names = dataSetFigures(COUNTS, { targets: ['glasses'], maxColumns: 2 }).map(
    ({ name }) => name,
  );
  expect(names).toEqual([
    'steps',
    'column-glasses',
    'column-age-group',
    'split-glasses',
    'missing',
    'sizes',
  ]);
});

test('dataSetFigures draws bands and codes in order, measures in bins, names by their counts', () => {
  const figures = new Map(dataSetFigures(COUNTS).map(({ name, figure }) => [name, figure.data[0]]));
  expect(figures.get('column-age-group')?.x).toEqual(['3-9', '10-19']);
  expect(figures.get('column-glasses')?.x).toEqual(['0', '1']);
  expect(figures.get('column-year')).toMatchObject({ x: [1995, 2005], y: [40, 20] });
  expect(figures.get('column-sex')?.y).toEqual(['m', 'f']);
});

test('dataSetFigures gives columns of like names files of their own, and draws nothing of nothing', () => {
  const twins = { steps: [], distributions: { 'a b': { x: 1 }, 'a-b': { x: 1 }, '?': { x: 1 } } };
  expect(dataSetFigures(twins).map(({ name }) => name)).toEqual([
    'column-a-b',
    'column-a-b-2',
    'column-column',
  ]);
  expect(dataSetFigures({ steps: [] })).toEqual([]);
});
