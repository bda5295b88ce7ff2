import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeSafetensors, SILENT, writeFileAtomic } from '@janus/core';
import { useEngine } from '@janus/engine';
import { arraysOf, buildBackbone, variablesOf } from '@janus/models';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildNetwork } from './network.js';
import { CLASSIFIER_SMALL, type ResolvedClassifierOptions } from './options.js';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-network-'));
  await useEngine({ engine: 'js' });
});
afterAll(async () => {
  await rm(root, { recursive: true });
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
