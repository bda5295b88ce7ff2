import { describe, expect, it } from 'vitest';
import { bandedColumn } from './banded-column.js';
import { madeGroups, madeLabels, madeLogits } from './made-predictions.fixture.js';
import { sliceFrame, type SlicedPredictions } from './slices.js';
import { wilsonInterval } from './statistics.js';

const own = (i: number): string => `person ${i}`;

function made(): SlicedPredictions {
  const labels = madeLabels(2);
  return {
    classes: ['f', 'm'],
    labels,
    predicted: madeLogits(2).map((row) => row.indexOf(Math.max(...row))),
    clusters: labels.map((_, i) => own(i)),
  };
}

const groups = { name: 'group', groups: ['a', 'b', 'c'], of: madeGroups() };

describe('bandedColumn', () => {
  it('puts ages into decades and keeps texts and few numbers as they are', () => {
    const ages = bandedColumn([3, 25, null, 29, 30, 71, 44, 50, 62]);
    expect(ages.groups).toEqual([
      ...['0-9', '10-19', '20-29', '30-39', '40-49', '50-59', '60-69', '70-79'],
    ]);
    expect(ages.of).toEqual([0, 2, -1, 2, 3, 7, 4, 5, 6]);
    expect(bandedColumn([2, 1, 10, null])).toEqual({
      groups: ['1', '2', '10'],
      of: [1, 0, 2, -1],
    });
    expect(bandedColumn(['20-29', 'more than 70', '3-9']).groups).toEqual([
      ...['3-9', '20-29', 'more than 70'],
    ]);
    expect(bandedColumn(['b', 'a', 'b']).of).toEqual([1, 0, 1]);
  });

  it('names bands of fractions by their edges', () => {
    const values = Array.from({ length: 10 }, (_, i) => i / 10 + 0.01);
    expect(bandedColumn(values).groups.slice(0, 2)).toEqual(['0 to 0.1', '0.1 to 0.2']);
  });
});

describe('sliceFrame', () => {
  it("equals fairlearn's MetricFrame and its fairness differences", () => {
    // tools/oracles/classifier_measures.py
    const frame = sliceFrame(made(), [groups]);
    expect(frame.cells.map(({ values, n }) => [values[0], n])).toEqual([
      ['a', 79],
      ['b', 43],
      ['c', 78],
    ]);
    const rates = [0.7974683544303798, 0.813953488372093, 0.7948717948717948];
    frame.cells.forEach(({ accuracy, n }, i) => {
      expect(accuracy?.value).toBeCloseTo(rates[i] ?? NaN, 12);
      expect(accuracy).toEqual(wilsonInterval(Math.round((rates[i] ?? 0) * n), n));
    });
    expect(frame.difference?.value).toBeCloseTo(0.019081693500298202, 12);
    expect(frame.ratio).toBeCloseTo(0.9765567765567765, 12);
    expect(frame.demographicParity).toBeCloseTo(0.0538710627023844, 12);
    expect(frame.equalizedOdds).toBeCloseTo(0.03255813953488371, 12);
    expect(frame.p).toBeGreaterThan(0.5);
  });

  it('measures no group below the smallest size, and compares only those that it measures', () => {
    const frame = sliceFrame(made(), [groups], 50);
    expect(frame.cells[1]).toEqual({ values: ['b'], n: 43 });
    expect(frame.difference?.value).toBeCloseTo(0.7974683544303798 - 0.7948717948717948, 12);
    expect(sliceFrame(made(), [groups], 79)).not.toHaveProperty('difference');
  });

  it('tells a difference that is there from chance', () => {
    const n = 80;
    const half = {
      name: 'half',
      groups: ['x', 'y'],
      of: Array.from({ length: n }, (_, i) => i % 2),
    };
    const labels = Array.from({ length: n }, () => 0);
    // All of x are right, and half of y.
    const predicted = labels.map((_, i) => (i % 4 === 1 ? 1 : 0));
    const clusters = labels.map((_, i) => own(i));
    const frame = sliceFrame({ classes: ['f', 'm'], labels, predicted, clusters }, [half]);
    expect(frame.difference?.value).toBe(0.5);
    expect(frame.p).toBe(0.001);
    const pairs = {
      classes: ['f', 'm'],
      labels,
      predicted,
      clusters: labels.map((_, i) => own(i >> 1)),
    };
    expect(sliceFrame(pairs, [half])).not.toHaveProperty('p');
  });

  it('crosses columns, leaves out images without a value, and keeps the order', () => {
    const halves = {
      name: 'half',
      groups: ['x', 'y'],
      of: madeGroups().map((_, i) => (i === 0 ? -1 : i % 2)),
    };
    const frame = sliceFrame(made(), [groups, halves], 1);
    expect(frame.n).toBe(199);
    expect(frame.cells.map(({ values }) => values.join())).toEqual([
      ...['a,x', 'a,y', 'b,x', 'b,y', 'c,x', 'c,y'],
    ]);
    const [first] = frame.cells;
    expect(Object.keys(first?.recalls ?? {})).toEqual(['f', 'm']);
    expect((first?.selected?.['f'] ?? 0) + (first?.selected?.['m'] ?? 0)).toBeCloseTo(1, 12);
  });
});
