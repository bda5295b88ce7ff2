import { streamOf, type StepRecord } from '@janus/core';
import { expect, it } from 'vitest';
import { createDivergenceWatch, divergenceText, type Divergence } from './divergence.js';

const recordOf = (step: number, losses: Readonly<Record<string, number>>): StepRecord => ({
  ...{ kind: 'step', step, epoch: 0, losses, learningRate: 1, seconds: 0 },
});

/** What a watch reports over the losses of updates 1, 2, 3, ..., with the update at which it does. */
function reported(
  losses: readonly number[],
  given: { readonly start?: number; readonly fromFirstUpdate?: boolean } = {},
): readonly (Divergence & { readonly at: number })[] {
  const { start = 0.5, fromFirstUpdate = false } = given;
  const watch = createDivergenceWatch({ starts: { loss: start }, fromFirstUpdate, inARow: 5 });
  return losses.flatMap((loss, i) => {
    const found = watch.see(recordOf(i + 1, { loss }));
    return found === undefined ? [] : [{ ...found, at: i + 1 }];
  });
}

it('a loss that stays above 20 times its start is reported once, from where it began', () => {
  const losses = [0.5, 0.6, 11, 40, 90, 200, 300, 500, 800, 0.5, 1e6, 1e6, 1e6];
  expect(reported(losses)).toEqual([
    { step: 3, name: 'loss', loss: 300, start: 0.5, limit: 10, at: 7 },
  ]);
});

it('a loss that is not finite is reported at once, and kept as null', () => {
  const found = { step: 2, name: 'loss', loss: null, start: 0.5, limit: 10, at: 2 };
  expect(reported([0.5, NaN, 0.5])).toEqual([found]);
  expect(reported([0.5, Infinity, 0.5])).toEqual([found]);
});

it('a single loss above 10,000 times its start is reported at once', () => {
  expect(reported([0.5, 5000, 0.5, 5001, 0.5])).toEqual([
    { step: 4, name: 'loss', loss: 5001, start: 0.5, limit: 10, at: 4 },
  ]);
});

it('one value at the limit or below ends the row', () => {
  expect(reported([11, 11, 11, 11, 10, 11, 11, 11, 11, 0.5])).toEqual([]);
});

it('peaks in a noisy loss, even of a hundred times its start, are no divergence', () => {
  const random = streamOf(1, 'noise');
  const losses = Array.from({ length: 5000 }, () => 0.5 * Math.exp(3 * (random.next() - 0.5)));
  const spiked = losses.map((loss, i) => (i % 7 < 3 ? 100 * loss : loss));
  expect(reported(losses)).toEqual([]);
  expect(reported(spiked)).toEqual([]);
});

it('a high loss of the first update is the start where that is recorded, and only of the first', () => {
  const falling = [20, 19, 18, 17, 16, 15, 14, 13, 12];
  expect(reported(falling, { fromFirstUpdate: true })).toEqual([]);
  expect(reported(falling)).toHaveLength(1);
  const rising = [0.4, 20, 30, 40, 50, 60];
  expect(reported(rising, { fromFirstUpdate: true })).toMatchObject([{ step: 2, start: 0.5 }]);
});

it('records of epochs, and losses that are not watched, are passed over', () => {
  const watch = createDivergenceWatch({ starts: { loss: 1 }, inARow: 1 });
  expect(watch.see({ ...recordOf(1, { loss: 1e9 }), kind: 'epoch' })).toBeUndefined();
  expect(watch.see(recordOf(1, { other: 1e9 }))).toBeUndefined();
  expect(watch.found()).toBeUndefined();
});

it('the line names the loss, its limit, its start, the step and the way out', () => {
  const found = { step: 30, name: 'crossEntropy', loss: 123456, start: 0.693147, limit: 13.8629 };
  expect(divergenceText(found, 'Lower it.')).toBe(
    'The training diverged: crossEntropy went above 13.9, 20 times its start of 0.693, at step 30, and was 123000 when this was noticed. Lower it.',
  );
  const watch = createDivergenceWatch({ starts: { loss: 1 }, inARow: 5 });
  const ended = watch.fail({ step: 7, losses: { other: 1, cycleX: NaN } });
  expect(ended).toEqual({ step: 7, name: 'cycleX', loss: null, start: null, limit: null });
  expect(divergenceText(ended, 'Lower it.')).toBe(
    'The training diverged: cycleX was not finite at step 7. Lower it.',
  );
});
