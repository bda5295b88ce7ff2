import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeSafetensors, SILENT, writeFileAtomic, writeJson } from '@janus/core';
import { useEngine } from '@janus/engine';
import { arraysOf, buildBackbone, variablesOf } from '@janus/models';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildNetwork, earlierPreprocessing } from './network.js';
import { CLASSIFIER_SMALL, type ResolvedClassifierOptions } from './options.js';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-network-'));
  await useEngine({ engine: 'js' });
});
afterAll(async () => {
  await rm(root, { recursive: true });
});

it('a run to resume keeps the preprocessing of its record, or what earlier versions took', async () => {
  const of = async (recorded: object, weights: string | null): Promise<unknown> => {
    const options = { data: 'none', target: 'none', ...recorded };
    const made = { name: 'x', started: '2026-01-02T03:04:05.000Z', versions: {}, engine: 'js' };
    const state = { updates: 1, dataHash: 'h', status: 'stopped' };
    await writeJson(join(root, 'run.json'), {
      ...{ format: 2, kind: 'classifier', options, seed: 1, ...made, ...state },
    });
    return await earlierPreprocessing(root, { backbone: 'vgg16', weights });
  };
  expect(await of({ preprocessing: 'torchvision' }, 'a.h5')).toEqual({ recorded: 'torchvision' });
  expect(await of({}, 'a.h5')).toEqual({ taken: 'caffe' });
  expect(await of({}, null)).toEqual({});
  await rm(join(root, 'run.json'));
  expect(await earlierPreprocessing(root, { backbone: 'vgg16', weights: 'a.h5' })).toEqual({});
});

it('small-vgg begins with the weights of a file, where one is named, else with random values', async () => {
  const made = buildBackbone('small-vgg', { imageSize: 32, seed: 7 });
  const arrays = await arraysOf(variablesOf(made, { trainableOnly: false }));
  const weights = join(root, 'small.safetensors');
  await writeFileAtomic(weights, encodeSafetensors(arrays));
  const options: ResolvedClassifierOptions = {
    ...{ ...CLASSIFIER_SMALL, data: 'none', target: 'none', size: 32, precision: 'float32' },
    ...{ cut: 'last', normalisation: 'none' },
  };
  const lines: string[] = [];
  const reporter = { ...SILENT, log: (line: string) => void lines.push(line) };
  const begun = await buildNetwork({ ...options, weights }, { reporter });
  const random = await buildNetwork(options, { reporter });
  expect(await arraysOf(variablesOf(begun.backbone, { trainableOnly: false }))).toEqual(arrays);
  expect(await arraysOf(variablesOf(random.backbone, { trainableOnly: false }))).not.toEqual(
    arrays,
  );
  expect(begun.preprocessing).toBe('signed');
  expect(lines).toEqual([
    `Backbone: small-vgg, all layers train on from the weights in ${weights}`,
  ]);
  await expect(
    buildNetwork({ ...options, weights: join(root, 'none.h5') }, { reporter }),
  ).rejects.toThrow(/none\.h5: does not exist\. Check --weights\./);
});
