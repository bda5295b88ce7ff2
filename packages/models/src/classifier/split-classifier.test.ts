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
