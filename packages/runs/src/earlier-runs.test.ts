/** What a run takes from the run that it starts from, and what it leaves when it cannot start. */
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  readParts,
  readRun,
  readSafetensorsFile,
  writeRun,
  writeSafetensorsFile,
} from '@janus/core';
import { loadHeads } from '@janus/models';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { trainClassifier } from './index.js';
import { trainedHashes } from './parts.js';
import { makeSmallRuns, type SmallRuns } from './small-runs.fixture.js';

let small: SmallRuns;
beforeAll(async () => {
  small = await makeSmallRuns();
});
afterAll(async () => {
  await rm(small.root, { recursive: true });
});

const contextOf = (name: string) => ({ folder: join(small.root, name), engine: 'wasm' as const });
const featureFiles = async (): Promise<readonly string[]> =>
  (await readdir(join(small.fineTuned.data, 'features'))).sort();

it('a run from another whose backbone is the pretrained one computes no features again', async () => {
  const options = { ...small.fineTuned, unfreeze: 'none' };
  await trainClassifier(options, contextOf('frozen'));
  const before = await featureFiles();
  expect(before.length).toBeGreaterThan(0);
  const { folder: from } = contextOf('frozen');
  await trainClassifier({ ...options, weights: null, from }, contextOf('frozen-again'));
  expect(await featureFiles()).toEqual(before);
});

it("a run has the preprocessing of its weights' file, and an older one keeps what it took", async () => {
  const weights = join(small.root, 'signed.safetensors');
  const { arrays } = await readSafetensorsFile(small.fineTuned.weights ?? '');
  await writeSafetensorsFile(weights, arrays, { metadata: { preprocessing: 'signed' } });
  const options = { ...small.fineTuned, weights, unfreeze: 'none', maxSteps: 1 };
  const context = contextOf('signed');
  const found = async (): Promise<unknown> => {
    const { description, dispose } = await loadHeads(join(context.folder, 'model'));
    dispose();
    return [description.preprocessing, (await readRun(context.folder)).options['preprocessing']];
  };
  await trainClassifier(options, context);
  expect(await found()).toEqual(['signed', 'signed']);
  await trainClassifier(options, { ...context, existing: 'resume' });
  expect(await found()).toEqual(['signed', 'signed']);
  const record = await readRun(context.folder);
  const { preprocessing, ...older } = record.options;
  expect(preprocessing).toBe('signed');
  await writeRun(context.folder, { ...record, options: older });
  await trainClassifier(options, { ...context, existing: 'resume' });
  expect(await found()).toEqual(['caffe', undefined]);
});

it('a run counts the images of the runs before it among those that it was trained on', async () => {
  const { folder: from } = contextOf('first');
  const options = { ...small.classifier, epochs: 1 };
  await trainClassifier(options, contextOf('first'));
  await trainClassifier({ ...options, from }, contextOf('second'));
  const second = contextOf('second').folder;
  await trainClassifier({ ...options, from: second }, contextOf('third'));
  const [first, third] = await Promise.all([readParts(from), readParts(contextOf('third').folder)]);
  expect(third?.domains['images']).toEqual(first?.domains['images']);
  const earlier = third?.domains['startedFrom'];
  expect(earlier?.title).toBe(second);
  expect(earlier?.parts.train).toEqual(first?.domains['images']?.parts.train);
  const others = { format: 1 as const, domains: { startedFrom: earlier } };
  expect(trainedHashes(others)).toEqual(first === undefined ? undefined : trainedHashes(first));
});

it('a run whose weights are not there leaves no folder', async () => {
  const weights = join(small.root, 'absent.safetensors');
  const { folder } = contextOf('never');
  await expect(
    trainClassifier({ ...small.fineTuned, weights }, contextOf('never')),
  ).rejects.toThrow(/absent\.safetensors/);
  expect(existsSync(folder)).toBe(false);
});
