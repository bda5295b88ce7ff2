import type { RunRecord } from '@janus/core';
import { expect, it } from 'vitest';
import { optionText } from './run-text.js';

const RUN: RunRecord = {
  ...{ format: 2, kind: 'classifier', name: 'faces', started: '', options: {}, seed: 1 },
  ...{ versions: {}, dataHash: '', engine: 'js', status: 'finished' },
  result: { steps: 600, seconds: 200, imagesPerSecond: 48 },
};

it('a run is put in one line, with where its loss left its range', () => {
  const line = '600 steps, 3 min 20 s, 48 images/s, seed 1, finished';
  expect(optionText(RUN)).toBe(line);
  const of = (diverged: object): string =>
    optionText({ ...RUN, result: { ...RUN.result, diverged } });
  expect(of({ step: 30, name: 'crossEntropy', loss: 26317, start: 1, limit: 20 })).toBe(
    `${line}, diverged at step 30 (crossEntropy 26,300)`,
  );
  expect(of({ step: 7, name: 'cycleX', loss: null, start: null, limit: null })).toBe(
    `${line}, diverged at step 7 (cycleX not finite)`,
  );
});

it('a line says what a run collapsed to', () => {
  const collapsed = [
    { kind: 'unchanged', where: 'xToY', step: 300, value: 0.004, limit: 0.01 },
    { kind: 'discriminator wins', where: 'discriminatorX', step: 400, value: 0.01, limit: 0.025 },
  ];
  expect(optionText({ ...RUN, result: { collapsed } })).toBe(
    'seed 1, finished, collapsed (xToY: unchanged; discriminatorX: discriminator wins)',
  );
});
