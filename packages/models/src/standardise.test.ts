import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { useEngine } from '@janus/engine';
import { beforeAll, expect, it } from 'vitest';
import { registerLayers } from './layers.js';
import { loadModel, saveModel } from './model-files.js';
import { variablesOf } from './model-variables.js';
import { buildDense } from './classifier/classifier-head.js';
import { columnScales, setColumnScales, standardised } from './standardise.js';

beforeAll(async () => {
  await useEngine({ engine: 'js' });
});

/** Means 2 and 5, deviations 1 and 2, and a column that never changes. */
const FEATURES = {
  data: Float32Array.of(1, 3, 7, 3, 7, 7),
  count: 2,
  shape: [3],
};

it('features are brought to mean 0 and deviation 1; a column that never changes becomes 0', () => {
  const scales = columnScales(FEATURES);
  expect([...scales.means]).toEqual([2, 5, 7]);
  expect([...scales.scales]).toEqual([1, 0.5, 0]);
  expect([...standardised(FEATURES, scales).data]).toEqual([-1, -1, 0, 1, 1, 0]);
});

it('a head that begins with the statistics does the same, trains none of them and keeps them in its file', async () => {
  const options = { inputShape: [3], classes: 2, units: [], dropout: 0, seed: 1 };
  const dense = buildDense({ ...options, normalisation: 'standard' });
  const plain = buildDense(options);
  const scales = columnScales(FEATURES);
  setColumnScales(dense, scales);
  expect(Object.keys(variablesOf(dense))).toEqual(['logits/kernel', 'logits/bias']);
  expect(Object.keys(variablesOf(dense, { trainableOnly: false }))).toContain('standardise/mean');
  const rows = tf.tensor2d(FEATURES.data, [2, 3]);
  const scaledRows = tf.tensor2d(standardised(FEATURES, scales).data, [2, 3]);
  const logitsOf = (model: tf.LayersModel, of: tf.Tensor): readonly number[] =>
    tf.tidy(() => [...(model.apply(of) as tf.Tensor).dataSync()]);
  const logits = logitsOf(dense, rows);
  expect(logits).toEqual(logitsOf(plain, scaledRows));
  const folder = await mkdtemp(join(tmpdir(), 'janus-standardise-'));
  await saveModel(folder, dense);
  registerLayers();
  const loaded = await loadModel(folder);
  expect(logitsOf(loaded, rows)).toEqual(logits);
  await rm(folder, { recursive: true });
  for (const model of [dense, plain, loaded]) model.dispose();
  tf.dispose([rows, scaledRows]);
});
