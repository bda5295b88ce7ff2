import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { useEngine } from '@janus/engine';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeSmallRuns, type SmallRuns } from '../small-runs.fixture.js';
import { findLearningRate } from './find-learning-rate.js';
import { trainClassifier } from './train.js';

let small: SmallRuns;
beforeAll(async () => {
  small = await makeSmallRuns();
  await useEngine({ engine: 'js' });
});
afterAll(async () => {
  await rm(small.root, { recursive: true });
});

it('a training frees its networks, fine-tuned, cut, refused or for a sweep of rates', async () => {
  const frozen = { ...small.fineTuned, unfreeze: 'none', cut: 'fire2', maxSteps: 1 } as const;
  const context = { folder: join(small.root, 'run'), engine: 'js' } as const;
  const begun = tf.memory().numTensors;
  await trainClassifier({ ...small.fineTuned, maxSteps: 1 }, context);
  expect(tf.memory().numTensors).toBe(begun);
  await expect(trainClassifier(frozen, context)).rejects.toThrow(/holds a run already/);
  expect(tf.memory().numTensors).toBe(begun);
  const linear = { ...frozen, head: 'linear', normalisation: 'standard' } as const;
  await trainClassifier(linear, { ...context, existing: 'overwrite' });
  expect(tf.memory().numTensors).toBe(begun);
  await findLearningRate(frozen, { steps: 20 }, { engine: 'js' });
  expect(tf.memory().numTensors).toBe(begun);
});
