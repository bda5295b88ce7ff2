/** Runs that are resumed with another schedule, through the functions that scripts call. */
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readRun } from '@janus/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunContext } from './context.js';
import { trainClassifier, trainCycleGan, type ClassifierRunOptions } from './index.js';
import {
  abortingAt,
  listeningContext,
  makeSmallRuns,
  modelBytes,
  timeless,
  type SmallRuns,
} from './small-runs.fixture.js';

let small: SmallRuns;
beforeAll(async () => {
  small = await makeSmallRuns();
});
afterAll(async () => {
  await rm(small.root, { recursive: true });
});

const contextOf = (name: string, more: RunContext = {}) => listeningContext(small.root, name, more);

const resumed = (name: string, more: RunContext = {}) =>
  contextOf(name, { existing: 'resume', ...more });

describe('a classifier run', () => {
  it('that is finished, then extended, equals one begun with more epochs, and so does one interrupted in between', async () => {
    const longer = { ...small.classifier, epochs: 4 };
    const whole = contextOf('whole');
    await trainClassifier(longer, whole);
    const { folder } = contextOf('extended');
    await trainClassifier(small.classifier, contextOf('extended'));
    await writeFile(join(folder, 'evaluation.json'), 'of the weights before');
    const extending = resumed('extended', abortingAt(11));
    const stopped = await trainClassifier(longer, extending);
    expect(stopped).toMatchObject({ finished: false, steps: 11 });
    expect(extending.lines).toContain(
      'Changing the schedule after step 8: 4 epochs of from-scratch instead of 2, at the same rate; the result equals that of a run begun with 4.',
    );
    expect(existsSync(join(folder, 'evaluation.json'))).toBe(false);
    await trainClassifier(longer, resumed('extended'));
    expect(await modelBytes(folder, 'classifier')).toEqual(
      await modelBytes(whole.folder, 'classifier'),
    );
    expect(await timeless(folder)).toEqual(await timeless(whole.folder));
    const record = await readRun(folder);
    expect(record).toMatchObject({ status: 'finished', options: { epochs: 4 } });
    expect(record.extensions).toMatchObject([{ step: 8, from: { epochs: 2 }, to: { epochs: 4 } }]);
  });

  it('gets a phase of fine-tuning, then more of it, and equals one begun so', async () => {
    const { fineTuned } = small;
    const longer = { ...fineTuned, fineTuneEpochs: 2 };
    const whole = contextOf('whole-fine');
    await trainClassifier(longer, whole);
    const { folder } = contextOf('fine');
    await trainClassifier({ ...fineTuned, fineTuneEpochs: 0 }, contextOf('fine'));
    await trainClassifier(fineTuned, resumed('fine'));
    const other = { ...longer, epochs: 2 };
    await expect(trainClassifier(other, resumed('fine'))).rejects.toThrow(
      /only the epochs of the last phase, fine-tune, can be changed \(--fine-tune-epochs\), but --epochs was 1 and got 2/,
    );
    await trainClassifier(longer, resumed('fine'));
    expect(await modelBytes(folder, 'classifier')).toEqual(
      await modelBytes(whole.folder, 'classifier'),
    );
    expect(await timeless(folder)).toEqual(await timeless(whole.folder));
  });

  it('is not shortened below what was begun, nor changed by an option that was not meant', async () => {
    await trainClassifier(small.classifier, contextOf('short', abortingAt(6)));
    const asked = (epochs: number): ClassifierRunOptions => ({ ...small.classifier, epochs });
    await expect(trainClassifier(asked(1), resumed('short'))).rejects.toThrow(
      /--epochs must be at least 2, the epochs begun so far, but got 1/,
    );
    const unmeant = resumed('short', { extend: ['fineTuneEpochs'] });
    await expect(trainClassifier(asked(3), unmeant)).rejects.toThrow(
      /epochs must be what the run began with \(2\), but got 3/,
    );
    const { options, extensions } = await readRun(join(small.root, 'short'));
    expect([options['epochs'], extensions]).toEqual([2, undefined]);
  });
});

describe('a CycleGAN run', () => {
  it('that ended at maxSteps, then goes further, equals one begun so', async () => {
    const { translation } = small;
    const whole = contextOf('gan-whole');
    await trainCycleGan(translation, whole);
    const cut = contextOf('gan-cut');
    expect(await trainCycleGan({ ...translation, maxSteps: 2 }, cut)).toMatchObject({ steps: 2 });
    await trainCycleGan({ ...translation, maxSteps: 4 }, resumed('gan-cut'));
    await trainCycleGan(translation, resumed('gan-cut'));
    expect(await modelBytes(cut.folder, 'cyclegan')).toEqual(
      await modelBytes(whole.folder, 'cyclegan'),
    );
    expect(await timeless(cut.folder)).toEqual(await timeless(whole.folder));
    expect((await readRun(cut.folder)).extensions).toMatchObject([
      { step: 2, from: { maxSteps: 2 }, to: { maxSteps: 4 } },
      { step: 4, from: { maxSteps: 4 }, to: { maxSteps: 0 } },
    ]);
  });

  it('that is extended before its rate fell, and its pull grew, equals one begun so', async () => {
    const translation = { ...small.translation, lambdaChange: 1, lambdaChangeEnd: 4 };
    const longer = { ...translation, constantEpochs: 3, decayEpochs: 2 };
    const whole = contextOf('gan-longer');
    await trainCycleGan(longer, whole);
    const half = contextOf('gan-half', abortingAt(6));
    expect(await trainCycleGan(translation, half)).toMatchObject({ finished: false });
    const extending = resumed('gan-half');
    await trainCycleGan(longer, extending);
    expect(extending.lines.find((line) => line.startsWith('Changing'))).toMatch(
      /rates of 3 epochs at the full rate and 2 falling.*the result equals that of a run begun with it/,
    );
    expect(await modelBytes(half.folder, 'cyclegan')).toEqual(
      await modelBytes(whole.folder, 'cyclegan'),
    );
    expect(await timeless(half.folder)).toEqual(await timeless(whole.folder));
  });

  it('that is extended after its rate fell takes the new rates from there on, and says so', async () => {
    const { translation } = small;
    const { folder } = contextOf('gan-fallen');
    await trainCycleGan(translation, contextOf('gan-fallen'));
    const extending = resumed('gan-fallen');
    await trainCycleGan({ ...translation, constantEpochs: 4 }, extending);
    expect(extending.lines.find((line) => line.startsWith('Changing'))).toMatch(
      /after step 9: .*; the epochs so far had other rates/,
    );
    const epochs = (await timeless(folder)).filter(({ kind }) => kind === 'epoch');
    expect(epochs.map(({ learningRate }) => learningRate / translation.learningRate)).toEqual([
      ...[1, 1, 0.5], // 2 and 1
      ...[1, 0.5], // the fourth and fifth of 4 and 1
    ]);
    // Nothing changes from 4 and 1, but those differed from the rates of the first three.
    const cut = { ...translation, constantEpochs: 4, maxSteps: 100 };
    const again = resumed('gan-fallen');
    await trainCycleGan(cut, again);
    expect(again.lines.find((line) => line.startsWith('Changing'))).toMatch(
      /after step 15: .*; the epochs so far had other rates/,
    );
    const fewer = { ...translation, constantEpochs: 1 };
    await expect(trainCycleGan(fewer, resumed('gan-fallen'))).rejects.toThrow(
      /the epochs must be at least 5, those begun so far, but got 2 \(1 at the full rate, 1 falling\)/,
    );
    const sooner = { ...translation, constantEpochs: 4, maxSteps: 3 };
    await expect(trainCycleGan(sooner, resumed('gan-fallen'))).rejects.toThrow(
      /--max-steps must be at least 15, the updates done so far, but got 3/,
    );
  });
});
