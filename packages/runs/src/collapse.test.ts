import type { StepRecord } from '@janus/core';
import type { TranslationAlarms } from '@janus/models';
import { describe, expect, it } from 'vitest';
import { collapseAlarm, collapseText, createCollapseWatch, type SampleAlarms } from './collapse.js';

const HEALTHY: TranslationAlarms = {
  ...{
    change: 0.1,
    luminanceCorrelation: 0.8,
    diversity: 0.9,
    contrast: 1,
    colourCorrelation: 0.5,
  },
};
const START = 0.5;

const record = (step: number, loss: number): StepRecord => ({
  ...{ kind: 'step', step, epoch: 0, learningRate: 1e-4, seconds: 0 },
  losses: { discriminatorX: loss, discriminatorY: 0.3 },
});
const alarms = (more: Partial<TranslationAlarms>): SampleAlarms => ({
  xToY: HEALTHY,
  yToX: { ...HEALTHY, ...more },
});

describe('createCollapseWatch', () => {
  it('finds a discriminator whose loss is near 0 in 30 records one after the other, and only once', () => {
    const watch = createCollapseWatch({ start: START });
    const steps = Array.from({ length: 40 }, (_, i) => 10 * (i + 1));
    const found = steps.flatMap((step) => watch.see(record(step, 0.01)));
    expect(found).toEqual([
      { kind: 'discriminator wins', where: 'discriminatorX', step: 300, value: 0.01, limit: 0.025 },
    ]);
    expect(watch.found()).toEqual(found);
    watch.see(record(410, 0.2));
    expect(watch.found()).toEqual([]);
  });

  it('starts counting again when the loss was higher in between', () => {
    const watch = createCollapseWatch({ start: START });
    for (let i = 1; i <= 58; i++) expect(watch.see(record(i, i === 29 ? 0.03 : 0.01))).toEqual([]);
    expect(watch.see(record(59, 0.01))).toHaveLength(1);
  });

  it.each([
    ['unchanged', { change: 0.001 }, 'Lower --lambda-cycle'],
    ['same output', { diversity: 0.1 }, 'Raise --lambda-cycle'],
    ['flat output', { contrast: 0.05 }, 'Lower --learning-rate'],
    ['inverted', { luminanceCorrelation: -0.3 }, '--skip residual'],
    ['inverted colours', { colourCorrelation: -0.8 }, '--skip residual'],
  ] as const)('finds in the third samples in a row: %s', (kind, bad, wayOut) => {
    const watch = createCollapseWatch({ start: START });
    expect(watch.seeSamples(100, alarms(bad))).toEqual([]);
    expect(watch.seeSamples(200, alarms(bad))).toEqual([]);
    // The same samples again do not count.
    expect(watch.seeSamples(200, alarms(bad))).toEqual([]);
    const [found, ...others] = watch.seeSamples(300, alarms(bad));
    expect(others).toEqual([]);
    expect(found).toMatchObject({ kind, where: 'yToX', step: 300 });
    const text = collapseText(found!);
    expect(text).toMatch(/^Collapsed \(yToX, by step 300\): /);
    expect(text).toContain(wayOut);
    expect(watch.seeSamples(400, alarms({}))).toEqual([]);
    expect(watch.found()).toEqual([]);
  });

  it('begins when the generators begin', () => {
    const watch = createCollapseWatch({ start: START, warmup: 200 });
    const samples = [100, 200, 300, 400, 500].map((step) =>
      watch.seeSamples(step, alarms({ change: 0 })),
    );
    expect(samples.map(({ length }) => length)).toEqual([0, 0, 0, 0, 1]);
    for (let i = 1; i < 230; i++) expect(watch.see(record(i, 0))).toEqual([]);
    expect(watch.see(record(230, 0))).toHaveLength(1);
  });

  it('says nothing of a healthy training', () => {
    const watch = createCollapseWatch({ start: START });
    for (let i = 1; i <= 100; i++) {
      expect(watch.see(record(i, 0.2))).toEqual([]);
      expect(watch.seeSamples(i, alarms({}))).toEqual([]);
    }
  });
});

it('a resumed alarm says what one that was not interrupted says', () => {
  const bad = alarms({ change: 0 });
  const run = (interruptedAfter: number): readonly string[] => {
    const lines: string[] = [];
    const reporter = { log: (line: string) => void lines.push(line) };
    const samples = [100, 200, 300, 400].map((step) => ({ step, alarms: bad }));
    const before = samples.filter(({ step }) => step <= interruptedAfter);
    const alarm = collapseAlarm({ start: START }, { records: [], samples: before }, reporter);
    for (const { step } of samples.slice(before.length)) alarm.seeSamples(step, bad);
    expect(alarm.end().collapsed).toMatchObject([{ kind: 'unchanged', step: 300 }]);
    return lines;
  };
  expect(run(0)).toHaveLength(2);
  expect(run(200)).toEqual(run(0));
});
