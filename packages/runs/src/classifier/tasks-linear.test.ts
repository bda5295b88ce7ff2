import { SILENT } from '@janus/core';
import { useEngine } from '@janus/engine';
import type { Features } from '@janus/models';
import { beforeAll, expect, it } from 'vitest';
import { CLASSIFIER_DEFAULTS, type ResolvedClassifierOptions } from './options.js';
import { severalTargets } from './tasks-objective.js';

beforeAll(async () => {
  await useEngine({ engine: 'wasm' });
});

const ITEMS = [0, 1, 0, 1].map((label, i) => {
  const id = String(i);
  return { id, path: id, cluster: id, label, labels: [label], values: [label] };
});
const FEATURES: Features = { data: Float32Array.of(0, 1, 0, 1), shape: [1], count: 4 };
const CLASSES = { target: 'side', classes: ['left', 'right'] };
const SCALE = { edges: [1], centres: [0.5, 1.5], median: 1 };

it.each([CLASSES, { ...CLASSES, target: 'age', scale: SCALE }])(
  'the fits of $target end when the signal of its features is aborted',
  async (target) => {
    const options = { ...CLASSIFIER_DEFAULTS, head: 'linear' } as ResolvedClassifierOptions;
    const objective = severalTargets({
      ...{ targets: [target], options, line: SILENT.log },
      parts: { train: ITEMS, validation: ITEMS },
    });
    const dense = objective.buildDense([1]);
    const signal = AbortSignal.abort('enough');
    const features = { train: FEATURES, copies: [], validation: FEATURES, signal };
    const fits = async (): Promise<void> => {
      for await (const record of objective.fit(dense, features)) expect(record).toBeUndefined();
    };
    await expect(fits()).rejects.toBe('enough');
    dense.dispose();
  },
);
