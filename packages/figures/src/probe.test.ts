import { expect, it } from 'vitest';
import { axisOf } from './figure.js';
import { probeFigure, type ProbePoint } from './probe.js';

const point = (cut: string, normalisation: string, value: number): ProbePoint => ({
  ...{ cut, pooling: 'average+max', normalisation },
  balancedAccuracy: { value, low: value - 0.02, high: value + 0.01 },
});
const POINTS = [
  point('block2', 'standard', 0.9),
  point('block1', 'standard', 0.7),
  point('block2', 'sqrt-l2', 0.95),
];
const OPTIONS = { cuts: ['block1', 'block2'], classes: 4, n: 1643 };

it('probeFigure draws a line for each pooling and normalisation, over the blocks in their order', () => {
  const figure = probeFigure(POINTS, OPTIONS);
  expect(figure.data.map(({ name }) => name)).toEqual([
    'average+max, sqrt-l2',
    'average+max, standard',
  ]);
  expect(figure.data[1]?.y).toEqual([0.7, 0.9]);
  expect(figure.data[1]?.error_y?.arrayminus[0]).toBeCloseTo(0.02, 12);
  expect(figure.data[1]?.error_y?.array[1]).toBeCloseTo(0.01, 12);
  expect(axisOf(figure, 'xaxis')).toMatchObject({
    tickvals: [0, 1],
    ticktext: ['block1', 'block2'],
  });
});

it('probeFigure keeps intervals of one block apart', () => {
  const [first, second] = probeFigure(POINTS, OPTIONS).data.map(({ x }) => x?.at(-1));
  expect(first).toBeCloseTo(1 - 0.035, 12);
  expect(second).toBeCloseTo(1 + 0.035, 12);
});

it('probeFigure marks chance: one of the classes', () => {
  expect(probeFigure(POINTS, OPTIONS).layout.shapes).toMatchObject([{ y0: 0.25, y1: 0.25 }]);
});

it('probeFigure refuses no points, and a block that the backbone lacks', () => {
  expect(() => probeFigure([], OPTIONS)).toThrow(
    /must be of the blocks block1, block2, but got none/,
  );
  expect(() => probeFigure([point('fire2', 'standard', 0.5)], OPTIONS)).toThrow(/but got fire2/);
});
