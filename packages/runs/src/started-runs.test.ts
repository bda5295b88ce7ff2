/** Runs that start from another run's weights, through the functions that scripts call. */
import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeSafetensors, readRun } from '@janus/core';
import { latestCheckpoint } from '@janus/models';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunContext } from './context.js';
import { trainClassifier, trainCycleGan } from './index.js';
import {
  abortingAt,
  makeSmallRuns,
  modelBytes,
  timeless,
  type SmallRuns,
} from './small-runs.fixture.js';
import { TEST_ENGINE } from './test-engine.fixture.js';

let small: SmallRuns;
beforeAll(async () => {
  small = await makeSmallRuns();
});
afterAll(async () => {
  await rm(small.root, { recursive: true });
});

const folderOf = (name: string): string => join(small.root, name);
const contextOf = (name: string, more: RunContext = {}): RunContext => ({
  ...{ folder: folderOf(name), engine: TEST_ENGINE, ...more },
});

describe('a classifier run', () => {
  it('begins with the weights of another, repeats bit for bit, and is resumed without that other', async () => {
    await trainClassifier(small.fineTuned, contextOf('first'));
    const options = {
      ...{ ...small.fineTuned, weights: null, from: folderOf('first') },
      ...{ unfreeze: 'none', epochs: 2, seed: 2 },
    };
    await trainClassifier(options, contextOf('second'));
    const { startedFrom } = await readRun(folderOf('second'));
    expect(startedFrom).toMatchObject({ run: folderOf('first'), step: 8 });
    expect(startedFrom?.sha256).toMatch(/^[0-9a-f]{64}$/);
    const stopped = await trainClassifier(options, contextOf('third', abortingAt(2)));
    expect(stopped).toMatchObject({ finished: false, steps: 2 });
    await rename(folderOf('first'), folderOf('moved'));
    await trainClassifier(options, contextOf('third', { existing: 'resume' }));
    await rename(folderOf('moved'), folderOf('first'));
    expect(await modelBytes(folderOf('third'), 'classifier')).toEqual(
      await modelBytes(folderOf('second'), 'classifier'),
    );
    expect(await timeless(folderOf('third'))).toEqual(await timeless(folderOf('second')));
    const other = { ...options, from: folderOf('second') };
    await expect(
      trainClassifier(other, contextOf('third', { existing: 'resume' })),
    ).rejects.toThrow(/from must be what the run began with \(".*first"\), but got ".*second"/);
  });

  it('that is given no better epoch keeps all weights of the other', async () => {
    await trainClassifier(small.classifier, contextOf('taught'));
    const options = {
      ...{ ...small.classifier, from: folderOf('taught'), epochs: 1 },
      ...{ learningRate: 1, batchSize: 40 },
    };
    await trainClassifier(options, contextOf('untaught'));
    expect(await modelBytes(folderOf('untaught'), 'classifier')).toEqual(
      await modelBytes(folderOf('taught'), 'classifier'),
    );
  });

  it('is refused where the networks differ, the classes do, or weights are named twice', async () => {
    const options = { ...small.fineTuned, weights: null, from: folderOf('first') };
    const refused = async (change: Partial<typeof small.fineTuned>, folder = 'never') =>
      await trainClassifier({ ...options, ...change }, contextOf(folder)).then(
        () => 'was trained',
        (error: unknown) => (error instanceof Error ? error.message : ''),
      );
    expect(await refused({ head: '1x16' })).toMatch(
      /--from: head must be that of .*first \("1x8"\), but got "1x16"\. Give --head as/,
    );
    expect(await refused({ backbone: 'small-vgg' })).toMatch(/--from: backbone must be that of/);
    expect(await refused({ target: 'smile' })).toMatch(
      /--from: the classes must be those of .*first \(feminine, masculine\), but are/,
    );
    expect(await refused({ weights: 'file.h5' })).toMatch(/--from: gives all weights, but/);
    expect(await refused({}, 'first')).toMatch(/--from: must be another run than the one/);
    expect(await refused({ from: folderOf('none') })).toMatch(/a run is a folder with run\.json/);
    await expect(readRun(folderOf('never'))).rejects.toThrow(/there is none/);
  });
});

describe('a CycleGAN run', () => {
  it('begins with all networks of another, repeats bit for bit, and is resumed without that other', async () => {
    const { translation } = small;
    await trainCycleGan({ ...translation, maxSteps: 4 }, contextOf('gan'));
    const options = { ...translation, from: folderOf('gan'), seed: 2 };
    await trainCycleGan(options, contextOf('gan-second'));
    const { startedFrom } = await readRun(folderOf('gan-second'));
    expect(startedFrom).toMatchObject({ run: folderOf('gan'), step: 4 });

    const before = new AbortController();
    before.abort();
    await trainCycleGan(options, contextOf('gan-third', { signal: before.signal }));
    const arrays = await networksIn('gan-third');
    expect(arrays.size).toBeGreaterThan(40);
    expect(arrays).toEqual(await networksIn('gan'));
    await rename(folderOf('gan'), folderOf('gan-moved'));
    await trainCycleGan(options, contextOf('gan-third', { existing: 'resume' }));
    await rename(folderOf('gan-moved'), folderOf('gan'));
    expect(await modelBytes(folderOf('gan-third'), 'cyclegan')).toEqual(
      await modelBytes(folderOf('gan-second'), 'cyclegan'),
    );
    expect(await timeless(folderOf('gan-third'))).toEqual(await timeless(folderOf('gan-second')));
  });

  it('may have larger images than the other, and averages that the other had not, but no other networks', async () => {
    const { translation } = small;
    await trainCycleGan({ ...translation, averageDecay: 0, maxSteps: 1 }, contextOf('plain'));
    const options = { ...translation, from: folderOf('plain'), imageSize: 24, maxSteps: 1 };
    expect(await trainCycleGan(options, contextOf('larger'))).toMatchObject({ steps: 1 });
    const blocks = { ...options, generatorBlocks: 2 };
    await expect(trainCycleGan(blocks, contextOf('never'))).rejects.toThrow(
      /--from: generatorBlocks must be that of .*plain \(1\), but got 2\. Give --blocks/,
    );
  });
});

/** The weights of all networks in a run's last checkpoint, without optimizers and pools. */
async function networksIn(name: string): Promise<ReadonlyMap<string, unknown>> {
  const path = (await latestCheckpoint(join(folderOf(name), 'checkpoints'))) ?? '';
  const file = join(path, 'tensors.safetensors');
  const { arrays } = decodeSafetensors(await readFile(file), file);
  const networks = arrays.filter((array) => !/^(adam|pool)/.test(array.name));
  return new Map(networks.map((array) => [array.name, array.data]));
}
