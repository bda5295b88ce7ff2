import { streamOf } from '@janus/core';
import { expect, test } from 'vitest';
import { learningCurves } from './learning-curves.js';
import { smooth } from './series.js';
import { thinned } from './thin-series.js';

const random = streamOf(1, 'curve');
const x = Array.from({ length: 5000 }, (_, i) => i);
const y = x.map((i) => Math.sin(i / 300) + 0.1 * random.next());

test('thinned keeps the ends and the extremes of each interval, in the order of x', () => {
  const spiked = y.map((value, i) => (i === 1234 ? 90 : i === 3456 ? -90 : value));
  const thin = thinned({ x, y: spiked }, { buckets: 50 });
  expect(thin.x.length).toBeLessThanOrEqual(102);
  expect([thin.x[0], thin.x.at(-1)]).toEqual([0, 4999]);
  expect(thin.x).toEqual([...thin.x].sort((a, b) => a - b));
  for (let bucket = 0; bucket < 50; bucket++) {
    const inside = (_: number, i: number, all: readonly number[]): boolean =>
      Math.min(49, Math.floor((all === thin.y ? thin.x[i]! : i) / (4999 / 50))) === bucket;
    const [all, kept] = [spiked.filter(inside), thin.y.filter(inside)];
    expect(Math.max(...kept)).toBeCloseTo(Math.max(...all), 4);
    expect(Math.min(...kept)).toBeCloseTo(Math.min(...all), 4);
  }
});

test('thinned returns a curve that fits as it is, and survives one x for all', () => {
  const short = { x: [1, 2, 3], y: [1 / 3, 2, 3] };
  expect(thinned(short)).toBe(short);
  const same = thinned({ x: [4, 4, 4, 4, 4], y: [3, 1, 9, 2, 5] }, { buckets: 1 });
  expect(same.y).toEqual([3, 1, 9, 5]);
});

test('a long training has the average of all its points, at the points that are drawn', () => {
  const records = y.map((loss, i) => ({
    ...({ kind: 'step', step: i + 1, epoch: 0, learningRate: 1, seconds: i } as const),
    losses: { loss },
  }));
  const { data } = learningCurves(records, { smoothing: 0.9 });
  const curve = data.find(({ name }) => name === 'train');
  const average = smooth(y, 0.9);
  expect(curve?.x?.length).toBeLessThanOrEqual(1002);
  curve?.x?.forEach((at, i) => {
    expect(curve.y?.[i]).toBeCloseTo(average[Number(at) - 1]!, 4);
  });
});
