import type { StepRecord } from '@janus/core';
import { expect, it } from 'vitest';
import { runSpeed } from './run-speed.js';

const recordOf = (step: number, parts: Partial<StepRecord> = {}): StepRecord => ({
  ...{ kind: 'step', step, epoch: 0, losses: {}, learningRate: 1e-3, seconds: step / 10 },
  ...parts,
});
const some = (from: number, to: number, parts: (step: number) => Partial<StepRecord>) =>
  Array.from({ length: to - from + 1 }, (_, i) => recordOf(from + i, parts(from + i)));

const classifier = {
  kind: 'classifier',
  options: { batchSize: 8, accumulate: 2 },
  updates: 1000,
} as const;

it('tells images per second, updates and the time that is left from the newest records', () => {
  // 10 updates a second, of 2 times 8 images each.
  const speed = runSpeed(
    classifier,
    some(1, 100, () => ({})),
  );
  expect(speed).toMatchObject({ done: 100, total: 1000 });
  expect(speed.imagesPerSecond).toBeCloseTo(160);
  expect(speed.secondsLeft).toBeCloseTo(90);
  const options = { batchSize: 1 };
  for (const [kind, perSecond] of [
    ['cyclegan', 20],
    ['cut', 20],
    ['stargan', 10],
    ['icgan', 10],
  ] as const) {
    const speed = runSpeed(
      { ...classifier, kind, options },
      some(1, 100, () => ({})),
    );
    expect(speed.imagesPerSecond).toBeCloseTo(perSecond);
  }
});

it('forgets how fast a run was long ago, before it was resumed, and in another phase', () => {
  const late = { seconds: 0 };
  const slower = some(101, 600, (step) => ({ seconds: 10 + (step - 100) / 5 }));
  const half = runSpeed(classifier, [...some(1, 100, () => ({})), ...slower]);
  expect(half.imagesPerSecond).toBeCloseTo(80);
  const resumed = some(101, 140, (step) => ({ seconds: (step - 100) / 20 }));
  expect(
    runSpeed(classifier, [...some(1, 100, () => ({})), ...resumed]).imagesPerSecond,
  ).toBeCloseTo(320);
  const phase = some(101, 140, (step) => ({ seconds: 100 + step, phase: 'fine-tune' }));
  expect(runSpeed(classifier, [...some(1, 100, () => ({})), ...phase]).imagesPerSecond).toBeCloseTo(
    16,
  );
  expect(runSpeed(classifier, [recordOf(5, late)]).imagesPerSecond).toBeUndefined();
});

it('counts the fits of a linear head beside the planned updates, and gives them no speed', () => {
  const fits = some(1, 7, () => ({ metrics: { penalty: 1 }, phase: 'head' }));
  expect(runSpeed({ ...classifier, updates: 0 }, fits)).toEqual({
    ...{ done: 7, total: undefined, imagesPerSecond: undefined, secondsLeft: undefined },
  });
  const tuned = some(8, 47, () => ({ phase: 'fine-tune' }));
  expect(runSpeed({ ...classifier, updates: 40 }, [...fits, ...tuned])).toMatchObject({
    ...{ done: 47, total: 47 },
  });
});

it('a stopped run has the updates of its result, also those after its last record', () => {
  const stopped = { ...classifier, result: { steps: 14 } };
  expect(runSpeed(stopped, [recordOf(10)]).done).toBe(14);
  expect(runSpeed({ ...classifier, updates: undefined }, []).total).toBeUndefined();
});
