import { describe, expect, test } from 'vitest';
import {
  bandDistribution,
  histogram,
  missingValues,
  sizeMap,
  splitBalance,
  stepFunnel,
  type Figure,
} from './index.js';
import { textColourOn } from './theme.js';

const titleOf = (figure: Figure): string => (figure.layout['title'] as { text: string }).text;

describe('bandDistribution', () => {
  test('draws a column a band in the order of the quantity, with count and share', () => {
    const figure = bandDistribution(
      { '10-19': 6, '3-9': 2 },
      { quantity: 'Age (years)', title: 'age' },
    );
    expect(figure.data[0]).toMatchObject({
      x: ['3-9', '10-19'],
      y: [2, 6],
      text: ['2<br>25.0 %', '6<br>75.0 %'],
    });
    expect(titleOf(figure)).toContain('n = 8 images');
  });

  test('refuses counts of nothing', () => {
    expect(() => bandDistribution({ a: 0 }, { quantity: 'q' })).toThrow('must hold something');
  });
});

test('histogram draws counts in bins as it draws the values themselves', () => {
  const values = histogram([0, 9.99, 10, 10, 25], { quantity: 'Age (years)', bins: 3 });
  const bins = histogram({ first: 0, width: 10, counts: [2, 2, 1] }, { quantity: 'Age (years)' });
  expect(bins).toEqual(values);
  expect(() => histogram({ first: 0, width: 1, counts: [] }, { quantity: 'q' })).toThrow(
    'counts must hold something',
  );
});

describe('missingValues', () => {
  test('orders columns by their share of missing values, and counts those without missing values', () => {
    const figure = missingValues({ race: 0, age: 5, party: 16 }, { rows: 20 });
    expect(figure.data[0]).toMatchObject({
      y: ['party', 'age'],
      x: [0.8, 0.25],
      text: ['16 (80.0 %)', '5 (25.0 %)'],
      textposition: ['inside', 'outside'],
    });
    expect(titleOf(figure)).toContain('n = 20 images; 1 column without missing values');
  });

  test('shows all columns where none lacks anything', () => {
    const figure = missingValues({ race: 0, age: 0 }, { rows: 20 });
    expect(figure.data[0]).toMatchObject({ y: ['race', 'age'], text: ['0 (0.0 %)', '0 (0.0 %)'] });
    expect(titleOf(figure)).not.toContain('without');
  });

  test('says how many columns it leaves out, and refuses counts of other rows', () => {
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`c${i}`, i]));
    const figure = missingValues(many, { rows: 30 });
    expect(figure.data[0]?.x).toHaveLength(24);
    expect(titleOf(figure)).toContain(
      '; 5 columns with fewer missing; 1 column without missing values',
    );
    expect(() => missingValues({ a: 7 }, { rows: 6 })).toThrow('but got 7 of 6');
  });
});

describe('sizeMap', () => {
  const grid = {
    x: { first: 2, width: 50 },
    y: { first: 0, width: 100 },
    counts: [
      [1, 0],
      [100, 10],
    ],
  };

  test('places counts at the middles of their bins, as logarithms, and leaves empty ones out', () => {
    const figure = sizeMap(grid, { median: { width: 120, height: 150 } });
    expect(figure.data[0]).toMatchObject({
      x: [125, 175],
      y: [50, 150],
      z: [
        [0, null],
        [2, 1],
      ],
      colorbar: { tickvals: [0, 1, 2], ticktext: ['1', '10', '100'] },
    });
    expect(figure.data[0]?.text?.[1]?.[1]).toBe('150 to below 200 px by 100 to below 200 px: 10');
    expect(titleOf(figure)).toContain('n = 111 images, median 120 x 150 px');
  });

  test('refuses a grid without counts', () => {
    expect(() => sizeMap({ ...grid, counts: [[0]] }, { median: { width: 1, height: 1 } })).toThrow(
      'must hold counts',
    );
  });
});

describe('stepFunnel', () => {
  const steps = [
    { name: 'Imported', rows: 90, rejected: 10, reasons: { 'missing file': 10 } },
    { name: 'Cleaned', rows: 60, rejected: 30, reasons: { a: 1, b: 20, c: 5, d: 2, e: 2 } },
    { name: 'Split', rows: 60, rejected: 0, reasons: {} },
  ];

  test('stacks rows in use on rows removed by a step, with shares of the source', () => {
    const [inUse, out] = stepFunnel(steps).data;
    expect(inUse).toMatchObject({
      x: [90, 60, 60],
      text: ['90 (90.0 %)', '60 (60.0 %)', '60 (60.0 %)'],
    });
    expect(out).toMatchObject({ x: [10, 30, 0], text: ['10', '30', ''] });
  });

  test('breaks long reasons into lines, and makes room for them under the bars', () => {
    const long = {
      'cannot be decoded': 11,
      'conflicting labels': 9,
      'near duplicate': 8,
      blank: 1,
    };
    const figure = stepFunnel([
      { name: 'Cleaned', rows: 71, rejected: 29, reasons: long },
      { name: 'Split', rows: 71, rejected: 0, reasons: {} },
    ]);
    expect(figure.layout.annotations?.map((each) => each['text'])).toEqual([
      'removed: 11 cannot be decoded,<br>9 conflicting labels, 8 near duplicate,<br>1 other',
    ]);
    const short = stepFunnel(steps.slice(1));
    expect(Number(figure.layout.height)).toBe(Number(short.layout.height) + 2 * 16);
  });

  test('names the three commonest reasons under a bar and sums up the rest', () => {
    expect(stepFunnel(steps).layout.annotations?.map((each) => each['text'])).toEqual([
      'removed: 10 missing file',
      'removed: 20 b, 5 c, 2 d, 3 other',
    ]);
  });

  test('refuses steps without rows', () => {
    expect(() => stepFunnel([])).toThrow('must begin with rows');
  });
});

test('text is white on dark colours and black on light ones', () => {
  expect(['#1f77b9', '#0b467d'].map(textColourOn)).toEqual(['#ffffff', '#ffffff']);
  expect(['#d97a00', '#c9ddf0'].map(textColourOn)).toEqual(['#10151c', '#10151c']);
});

describe('splitBalance', () => {
  const seven = Object.fromEntries(Array.from({ length: 7 }, (_, i) => [`${i}0-${i}9`, 10]));

  test('gives each of many values a colour of its own, in the order of the bands', () => {
    const figure = splitBalance({ train: seven, test: seven });
    const colours = figure.data.map((trace) => (trace['marker'] as { color: string }).color);
    expect(new Set(colours).size).toBe(7);
    expect(figure.data.map((trace) => trace.name)).toEqual(Object.keys(seven));
  });

  test('writes no share into a part that has no room for it', () => {
    const figure = splitBalance({ train: { common: 97, rare: 3 } });
    expect(figure.data.map((trace) => trace.text)).toEqual([['97.0 %'], ['']]);
  });
});
