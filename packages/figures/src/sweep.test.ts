import { expect, it } from 'vitest';
import { axisOf } from './figure.js';
import { sweepFigure, type SweepBar } from './sweep.js';

const bar = (row: number, paper: number | null, value: number): SweepBar => ({
  ...{ row, name: `head ${row}`, paper },
  ours: { value, low: value - 0.05, high: value + 0.03, n: 290 },
});
const ROWS = [bar(1, 0.568, 0.6), bar(4, null, 0.55)];

it('sweepFigure draws a bar with its interval for each row, the first on top', () => {
  const figure = sweepFigure(ROWS, { majority: 0.545 });
  const [ours] = figure.data;
  expect(ours).toMatchObject({ type: 'bar', x: [0.6, 0.55], y: [1, 0] });
  expect(ours?.error_x?.arrayminus[0]).toBeCloseTo(0.05, 12);
  expect(ours?.error_x?.array[1]).toBeCloseTo(0.03, 12);
  expect(axisOf(figure, 'yaxis')['ticktext']).toEqual(['1: head 1', '4: head 4']);
  expect(figure.layout.shapes).toMatchObject([{ x0: 0.545, x1: 0.545 }]);
});

it('sweepFigure puts the paper beside the rows that it has', () => {
  expect(sweepFigure(ROWS).data[1]).toMatchObject({ type: 'scatter', x: [0.568], y: [1] });
  expect(sweepFigure([bar(1, null, 0.5)]).data).toHaveLength(1);
  expect(() => sweepFigure([])).toThrow(/needs a row/);
});
