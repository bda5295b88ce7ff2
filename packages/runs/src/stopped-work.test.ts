/** What is left of work that a signal stops. */
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SILENT, type Progress, type Reporter } from '@janus/core';
import { openDataset } from '@janus/data';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { chooseCut } from './classifier/auto-cut.js';
import { findLearningRate } from './classifier/find-learning-rate.js';
import { trainClassifier } from './classifier/train.js';
import { isStopped } from './context.js';
import { trainCycleGan } from './cyclegan/train.js';
import { evaluateRun } from './evaluate/evaluate-run.js';
import { predictImages } from './predict.js';
import { reviewLabels } from './labels/review-labels.js';
import { makeSmallRuns, type SmallRuns } from './small-runs.fixture.js';

let small: SmallRuns;
let classifier = '';
let translation = '';
const engine = 'wasm';
beforeAll(async () => {
  small = await makeSmallRuns();
  classifier = join(small.root, 'classifier');
  translation = join(small.root, 'translation');
  await trainClassifier({ ...small.classifier, epochs: 1 }, { folder: classifier, engine });
  const options = { ...small.translation, constantEpochs: 1, decayEpochs: 0 };
  await trainCycleGan(options, { folder: translation, engine });
});
afterAll(async () => {
  await rm(small.root, { recursive: true, force: true });
});

/** A context whose work stops when it first reports progress of that label, or a line of it. */
function stoppingAt(words: string): {
  readonly engine: 'wasm';
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
} {
  const stop = new AbortController();
  const seen = (text: string): void => {
    if (text.includes(words)) stop.abort();
  };
  const progress = ({ label }: Progress): void => {
    seen(label);
  };
  return { engine, reporter: { ...SILENT, log: seen, progress }, signal: stop.signal };
}

/** Expects that work ends with the reason of its signal. */
async function expectStopped(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const error: unknown = await work.then(
    () => 'it went on to its end',
    (reason: unknown) => reason,
  );
  expect([error, isStopped(error, signal)]).toEqual([signal.reason, true]);
}

it('an evaluation that is stopped leaves its run as it was, and can be repeated', async () => {
  const before = await readdir(classifier);
  for (const at of ['predicting', 'calibrating', 'unchanged', 'blur']) {
    const context = stoppingAt(at);
    await expectStopped(
      evaluateRun(classifier, { ...context, figures: false, robustness: 4 }),
      context.signal,
    );
    expect(await readdir(classifier)).toEqual(before);
  }
  await evaluateRun(classifier, { engine, figures: false });
  expect(existsSync(join(classifier, 'evaluation.json'))).toBe(true);
});

it('an evaluation of a translation stops between batches', async () => {
  const before = await readdir(join(translation, 'samples'));
  const context = stoppingAt('Engine: ');
  await expectStopped(evaluateRun(translation, context), context.signal);
  expect(existsSync(join(translation, 'evaluation.json'))).toBe(false);
  expect(existsSync(join(translation, 'run.lock'))).toBe(false);
  expect(await readdir(join(translation, 'samples'))).toEqual(before);
});

it('predictions, a review of labels and a search for a learning rate stop between batches', async () => {
  const images = join(small.classifier.data, 'images');
  const predicting = stoppingAt('predicting');
  await expectStopped(predictImages(classifier, [images], predicting), predicting.signal);

  const { data, target } = small.classifier;
  const weights = small.fineTuned.weights ?? '';
  const options = { target, backbone: 'squeezenet', weights, size: 32, cut: 'fire3' } as const;
  const reviewing = stoppingAt('features of fire3');
  await expectStopped(reviewLabels(data, options, reviewing), reviewing.signal);
  expect(existsSync(join(data, 'features'))).toBe(false);
  expect((await reviewLabels(data, options, { engine })).n).toBe(40);

  const searching = stoppingAt('sweeping rates');
  await expectStopped(findLearningRate(small.classifier, {}, searching), searching.signal);
});

it('the probes that choose a cut stop between each other', async () => {
  const { weights, ...options } = small.fineTuned;
  const asked = { ...options, weights, cut: 'auto', normalisation: null } as const;
  const dataset = await openDataset(options.data);
  const context = stoppingAt('probing');
  const choosing = { folder: join(small.root, 'chosen'), existing: 'refuse', dataset } as const;
  await expectStopped(chooseCut(asked, { ...choosing, context }), context.signal);
});
