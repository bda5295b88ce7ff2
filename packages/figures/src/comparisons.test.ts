/** Figures that compare: sweeps over two options, attributes that a translation changed, stages of a training. */
import { wilsonInterval } from '@janus/core';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { driftFigure } from './drift.js';
import { axisOf } from './figure.js';
import { sweepHeatMap, type SweepCell } from './sweep-heat-map.js';
import { translationGrid } from './translation-grid.js';

const cell = (column: string, row: string, value: number): SweepCell => ({
  ...{ column, row, n: 100 },
  accuracy: { value, low: value - 0.05, high: value + 0.05 },
});

describe('sweepHeatMap', () => {
  const axes = { column: 'Rate', row: 'Dropout' };

  test('has a cell for each combination in the order of the runs, and gaps for those not run', () => {
    const cells = [cell('1e-3', '0 <', 0.6), cell('1e-4', '0 <', 0.8), cell('1e-3', '0.5', 0.7)];
    const figure = sweepHeatMap(cells, { axes });
    expect(figure.data[0]).toMatchObject({
      x: ['1e-3', '1e-4'],
      y: ['0 &lt;', '0.5'],
      z: [
        [0.6, 0.8],
        [0.7, null],
      ],
      ...{ zmin: 0.6, zmax: 0.8 },
    });
    expect(figure.data[0]?.text?.[0]?.[0]).toBe('60.0 %<br>55.0–65.0');
    expect(axisOf(figure, 'yaxis')).toMatchObject({
      ...{ autorange: 'reversed', title: { text: 'Dropout' } },
    });
  });

  test('refuses nothing, and two runs of the same options', () => {
    expect(() => sweepHeatMap([], { axes })).toThrow('at least one, but got 0');
    const same = [cell('a', 'b', 0.5), cell('a', 'b', 0.6)];
    expect(() => sweepHeatMap(same, { axes })).toThrow('got 2 of 1 combinations');
  });
});

describe('driftFigure', () => {
  const directions = [
    {
      ...{ name: 'a to b', n: 50, drift: { hair: 0.1, 'age <': 0.4 } },
      twins: { n: 40, drift: { hair: 0.05, 'age <': 0.2 } },
    },
    { name: 'b to a', n: 60, drift: { hair: 0.3 }, driftRanges: { hair: { low: 0.2, high: 0.5 } } },
  ];

  test('draws the most changed attribute first, the twins beside, and Wilson intervals where a file has none', () => {
    const figure = driftFigure(directions);
    expect(axisOf(figure, 'yaxis')['ticktext']).toEqual(['age &lt;', 'hair']);
    const [fakes, twins, back] = figure.data;
    expect(fakes).toMatchObject({ name: 'fakes', x: [0.4, 0.1], xaxis: 'x' });
    const { low, high } = wilsonInterval(20, 50);
    expect(fakes?.error_x?.arrayminus[0]).toBeCloseTo(0.4 - low, 12);
    expect(fakes?.error_x?.array[0]).toBeCloseTo(high - 0.4, 12);
    expect(twins).toMatchObject({ x: [0.2, 0.05], xaxis: 'x' });
    // The twins lie below the fakes of the same attribute.
    expect(Number(twins?.y?.[0])).toBeLessThan(Number(fakes?.y?.[0]));
    expect(back).toMatchObject({ x: [0.3], xaxis: 'x2', showlegend: false });
    expect(back?.error_x?.array[0]).toBeCloseTo(0.2, 12);
  });

  test('refuses directions without attributes', () => {
    expect(() => driftFigure([{ name: 'a', n: 3, drift: {} }])).toThrow('must hold an attribute');
  });
});

test('translationGrid has the originals and at most so many stages below, the last among them', async () => {
  const image = (value: number) => new Uint8Array(16 * 16 * 3).fill(value);
  const stages = [10, 60, 110, 160, 210].map((value) => ({
    label: String(value),
    fakes: [image(value)],
  }));
  const options = { originals: [image(255)], stages, cellSize: 16 };
  const heightOf = async (most: number) =>
    (await sharp(await translationGrid({ ...options, most })).metadata()).height;
  expect(await heightOf(4)).toBeGreaterThan(await heightOf(3));
  expect(await heightOf(9)).toBe(await heightOf(5));
  const pixels = await sharp(await translationGrid({ ...options, most: 2 }))
    .greyscale()
    .raw()
    .toBuffer();
  // Edges of letters have all greys, but only an image has this many pixels of one.
  const isShown = (value: number): boolean =>
    pixels.filter((pixel) => pixel === value).length >= 16 * 16;
  expect([10, 210, 60].map(isShown)).toEqual([true, true, false]);
});
