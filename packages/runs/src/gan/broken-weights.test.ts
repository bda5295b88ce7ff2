import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NumericalError } from '@janus/core';
import { expect, it } from 'vitest';
import { checkFiniteWeights, withLastCheckpoint } from './broken-weights.js';

it('checkFiniteWeights names the first array that holds a number which is not finite', () => {
  const of = (value: number): (() => void) => {
    const data = Float32Array.of(1, value);
    const arrays = [{ name: 'G/conv1/kernel', shape: [2], data }];
    return () => {
      checkFiniteWeights({ step: 7, arrays, state: null, architecture: '' });
    };
  };
  expect(of(2)).not.toThrow();
  for (const value of [NaN, Infinity]) {
    expect(of(value)).toThrow('weights must be finite, but G/conv1/kernel is not after step 7.');
  }
});

it('withLastCheckpoint names the newest checkpoint, or says that there is none', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'janus-broken-'));
  const error = new NumericalError('Losses must be finite.', { step: 9, losses: { cycleX: NaN } });
  expect((await withLastCheckpoint(error, folder)).message).toBe(
    'Losses must be finite. There is no checkpoint before it.',
  );
  for (const name of ['step-000100', 'step-000200']) {
    await mkdir(join(folder, 'checkpoints', name), { recursive: true });
  }
  const told = await withLastCheckpoint(error, folder);
  expect(told.message).toContain(
    `The last good checkpoint is ${join(folder, 'checkpoints', 'step-000200')}: begin another run with its weights (--from ${folder}`,
  );
  expect(told).toMatchObject({ step: 9, losses: { cycleX: NaN } });
  await rm(folder, { recursive: true });
});
