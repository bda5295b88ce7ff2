import { expect, it } from 'vitest';
import { mostConfused, topLosses } from './interpretation.js';

it('the largest losses come first, and a probability of 0 has a finite one', () => {
  const images = {
    labels: [0, 1, 0, 1],
    probabilities: [
      [0.5, 0.5],
      [0.75, 0.25],
      [0, 1],
      [0.1, 0.9],
    ],
  };
  expect(topLosses(images).map(({ image }) => image)).toEqual([2, 1, 0, 3]);
  const [first, second] = topLosses(images, 2);
  expect(first?.loss).toBeCloseTo(15 * Math.LN10, 9);
  expect(second?.loss).toBeCloseTo(Math.log(4), 12);
  expect(topLosses(images, 2)).toHaveLength(2);
});

it('the commonest mistakes come first, and right answers are none', () => {
  const confusion = [
    [9, 1, 0],
    [4, 7, 2],
    [0, 2, 5],
  ];
  expect(mostConfused(confusion)).toEqual([
    { label: 1, predicted: 0, count: 4 },
    { label: 1, predicted: 2, count: 2 },
    { label: 2, predicted: 1, count: 2 },
    { label: 0, predicted: 1, count: 1 },
  ]);
  expect(mostConfused(confusion, 3)).toHaveLength(1);
});
