import { expect, it } from 'vitest';
import { axisOf } from './figure.js';
import { speedRatios } from './speed.js';

const ROWS = [
  { work: 'a step', peer: 'default', ratio: 2, ratios: [1.5, 2, 4] },
  { work: 'a step', peer: 'best', ratio: 0.9, ratios: [0.8, 0.9, 1] },
  { work: 'a <image>, 64 px', peer: 'best', ratio: 20, ratios: [20] },
];

it('speedRatios draws a point a row with the range of its rounds, a series a peer', () => {
  const figure = speedRatios(ROWS);
  expect(figure.data.map(({ name }) => name)).toEqual(['default', 'best']);
  expect(figure.data[0]).toMatchObject({
    x: [2],
    error_x: { array: [2], arrayminus: [0.5] },
    text: ['a step: 2.00 times as fast (3 rounds)'],
  });
  expect(figure.data[1]?.x).toEqual([0.9, 20]);
  expect(figure.data[1]?.error_x?.arrayminus[0]).toBeCloseTo(0.1, 12);
});

it('speedRatios names each work once, in the middle of its peers, from the top down', () => {
  const figure = speedRatios(ROWS);
  const { tickvals, ticktext } = axisOf(figure, 'yaxis');
  expect(ticktext).toEqual(['a step', 'a &lt;image&gt;,<br>64 px']);
  expect(tickvals).toEqual([-0.5, -2.6]);
  expect([figure.data[0]?.y, figure.data[1]?.y]).toEqual([[0], [-1, -2.6]]);
});

it('speedRatios marks where both are level, within its logarithmic axis', () => {
  const figure = speedRatios(ROWS.slice(2));
  expect(figure.layout.shapes?.[0]).toMatchObject({ x0: 1, x1: 1 });
  const { type, range } = axisOf(figure, 'xaxis') as { type: string; range: [number, number] };
  expect(type).toBe('log');
  expect(range[0]).toBeLessThan(0);
  expect(range[1]).toBeGreaterThan(Math.log10(20));
});

it('speedRatios refuses no rows, and a ratio that no logarithm has', () => {
  expect(() => speedRatios([])).toThrow(/at least one ratio above 0, but got none/);
  expect(() => speedRatios([{ ...ROWS[0]!, ratio: 0 }])).toThrow(/but got 0 for a step/);
});
