import { SILENT, type Progress, type StepRecord } from '@janus/core';
import { expect, it } from 'vitest';
import { reportRecord } from './watch.js';

it('an epoch of a phase is counted from its own first step', () => {
  const seen: Progress[] = [];
  const reporter = { ...SILENT, progress: (each: Progress) => void seen.push(each) };
  const record: StepRecord = {
    ...{ kind: 'step', split: 'train', step: 0, epoch: 11, learningRate: 1, seconds: 0 },
    losses: {},
  };
  // Eleven fits of a linear head came before.
  for (const step of [12, 61, 62]) {
    reportRecord(reporter, { ...record, step }, { stepsPerEpoch: 50, stepsBefore: 11 });
  }
  expect(seen.map(({ done }) => done)).toEqual([1, 50, 1]);
});
