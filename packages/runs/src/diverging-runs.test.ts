/** Trainings at rates that are far too high, through the functions that scripts call. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { NumericalError, readMetrics, readRun, SILENT } from '@janus/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunContext } from './context.js';
import { trainClassifier, trainCycleGan } from './index.js';
import { makeSmallRuns, type SmallRuns } from './small-runs.fixture.js';

let small: SmallRuns;
const lines: string[] = [];
beforeAll(async () => {
  small = await makeSmallRuns();
});
afterAll(async () => {
  await rm(small.root, { recursive: true });
});

const folderOf = (name: string): string => join(small.root, name);
const contextOf = (name: string, more: RunContext = {}): RunContext => ({
  ...{ folder: folderOf(name), engine: 'wasm', ...more },
  reporter: { ...SILENT, log: (line) => void lines.push(line) },
});

it('a classifier that diverges says so while it runs and at its end, after a resume too, and records it', async () => {
  const options = { ...small.classifier, learningRate: 1, epochs: 3 };
  await trainClassifier(options, contextOf('high'));
  const told = (): readonly string[] => lines.filter((line) => line.includes('diverged'));
  expect(told()).toHaveLength(2);
  expect(told()[0]).toMatch(
    /crossEntropy went above .* Lower --learning-rate \(1\) and start over/,
  );
  const steps = (await readMetrics(folderOf('high'))).filter(({ kind }) => kind === 'step');
  expect(steps.length).toBe(12);
  const { result } = await readRun(folderOf('high'));
  expect(result).toMatchObject({ diverged: { step: 2, name: 'crossEntropy' } });
  const again = await trainClassifier(options, contextOf('high', { existing: 'resume' }));
  expect(again.diverged).toEqual(result?.['diverged']);
  expect(told()).toHaveLength(3);
});

it('an ordinary training says nothing of it', async () => {
  lines.length = 0;
  expect(await trainClassifier(small.classifier, contextOf('ordinary'))).not.toHaveProperty(
    'diverged',
  );
  expect(lines.filter((line) => line.includes('diverged'))).toEqual([]);
});

it('a loss that is not finite ends the run with an error, and its record tells where', async () => {
  const training = trainCycleGan(
    { ...small.translation, learningRate: 1e30 },
    contextOf('infinite'),
  );
  await expect(training).rejects.toThrow(NumericalError);
  expect(await readRun(folderOf('infinite'))).toMatchObject({
    status: 'stopped',
    result: { finished: false, steps: 3, diverged: { step: 3, loss: null } },
  });
  expect(await readMetrics(folderOf('infinite'))).toEqual([]);
});
