import { useEngine } from '@janus/engine';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { buildBackbone } from '../backbones/backbones.js';
import { buildHead, joinModels } from './classifier-head.js';
import { splitClassifier } from './split-classifier.js';

beforeAll(async () => {
  await useEngine({ engine: 'js' });
});

it('splitClassifier gives pooled features, and the logits of the whole from them', () => {
  const backbone = buildBackbone('small-vgg', { imageSize: 32, seed: 1 });
  const inputShape = (backbone.outputs[0]?.shape ?? []).slice(1).map(Number);
  const head = buildHead({
    ...{ inputShape, classes: 3, units: [8], dropout: 0.5, seed: 2 },
    ...{ pooling: 'average+max', normalisation: 'sqrt-l2' },
  });
  const whole = joinModels(backbone, head, 'classifier');
  const { features, dense } = splitClassifier(whole);
  const images = tf.randomUniform([2, 32, 32, 3], -1, 1, 'float32', 5);
  const pooled = features.apply(images) as tf.Tensor;
  const channels = Number(inputShape.at(-1));
  expect(pooled.shape).toEqual([2, 2 * channels]);
  const logits = (dense.apply(pooled) as tf.Tensor).arraySync();
  expect(logits).toEqual((whole.apply(images) as tf.Tensor).arraySync());
});

it('splitClassifier gives the logits of several targets side by side, on the layers that they share', () => {
  const input = tf.input({ shape: [4, 4, 2] });
  const pooled = tf.layers.globalAveragePooling2d({}).apply(input);
  const shared = tf.layers.dense({ units: 3, activation: 'relu' }).apply(pooled);
  const outputs = [2, 3].map(
    (units) => tf.layers.dense({ units }).apply(shared) as tf.SymbolicTensor,
  );
  const whole = tf.model({ inputs: input, outputs });
  const { features, dense, dispose } = splitClassifier(whole);
  const images = tf.randomUniform([2, 4, 4, 2], -1, 1, 'float32', 5);
  const [first, second] = whole.apply(images) as tf.Tensor[];
  const logits = dense.apply(features.apply(images)) as tf.Tensor;
  expect(logits.arraySync()).toEqual(tf.concat([first ?? images, second ?? images], 1).arraySync());
  // Both free all six weights.
  const { numTensors } = tf.memory();
  dispose();
  whole.dispose();
  expect(tf.memory().numTensors).toBe(numTensors - 6);
});
