import { expect, it } from 'vitest';
import { axisOf } from './figure.js';
import { rateSweepFigure } from './rate-sweep.js';

const POINTS = [
  { learningRate: 1e-3, loss: 0.7 },
  { learningRate: 1e-2, loss: 0.5 },
  { learningRate: 1e-1, loss: 2 },
];

it('rateSweepFigure draws the losses over a logarithmic rate and marks the suggestion', () => {
  const figure = rateSweepFigure(POINTS, { suggestion: 0.01 });
  expect(figure.data[0]).toMatchObject({ x: [1e-3, 1e-2, 1e-1], y: [0.7, 0.5, 2] });
  expect(axisOf(figure, 'xaxis')).toMatchObject({ type: 'log' });
  expect(figure.layout.shapes).toMatchObject([{ x0: 0.01, x1: 0.01 }]);
  expect(rateSweepFigure(POINTS).layout.shapes).toEqual([]);
});

it('rateSweepFigure refuses a single point', () => {
  expect(() => rateSweepFigure(POINTS.slice(0, 1))).toThrow(/at least two points, but got 1/);
});
