import { streamOf } from '@janus/core';
import { useEngine } from '@janus/engine';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildBackbone, cutAfter } from '../backbones/backbones.js';
import { arraysOf, variablesOf } from '../model-variables.js';
import { buildHead, joinModels } from './classifier-head.js';
import { checkGradCam, gradCam, rankCorrelation } from './grad-cam.js';
import type { Pooling } from './pooling.js';

beforeAll(async () => {
  await useEngine({ engine: 'js' });
});

const SIZE = 4;

/** Float32 sums of 16 numbers. */
const ROUNDING = 1e-5;

/** Two images whose channels are known: red rises to the right, green downwards, blue is 0. */
const IMAGES = {
  pixels: Uint8Array.from({ length: 2 * SIZE * SIZE * 3 }, (_, at) => {
    const [place, c] = [Math.floor(at / 3) % (SIZE * SIZE), at % 3];
    return [10 * (place % SIZE), 20 * Math.floor(place / SIZE), 0][c]!;
  }),
  ...{ count: 2, size: SIZE },
};

/**
 * A classifier whose maps are the image's channels in the signed range, plus 1 so that they are at least 0: a 1 x 1
 * convolution. Its head has the mean of each channel; logit 0 is 3 red - 1 green, logit 1 is -2 red - 2 green.
 */
function knownModel(): tf.LayersModel {
  const input = tf.input({ shape: [SIZE, SIZE, 3] });
  const maps = tf.layers.conv2d({ name: 'block1_conv1', filters: 3, kernelSize: 1 }).apply(input);
  const mean = tf.layers.globalAveragePooling2d({ name: 'average' }).apply(maps);
  const logits = tf.layers.dense({ name: 'logits', units: 2 }).apply(mean) as tf.SymbolicTensor;
  const model = tf.model({ inputs: input, outputs: logits });
  const eye = tf.reshape(tf.eye(3), [1, 1, 3, 3]);
  model.getLayer('block1_conv1').setWeights([eye, tf.ones([3])]);
  model.getLayer('logits').setWeights([tf.tensor2d([3, -2, -1, -2, 0, 0], [3, 2]), tf.zeros([2])]);
  return model;
}

describe('gradCam', () => {
  it('is the weighted sum of the maps without what speaks against the class, over its largest', async () => {
    const model = knownModel();
    const { data, height, width } = await gradCam(
      model,
      { images: IMAGES, classes: [0, 1] },
      { preprocessing: 'signed' },
    );
    expect([height, width]).toEqual([SIZE, SIZE]);
    const raw = Array.from({ length: SIZE * SIZE }, (_, place) => {
      const [red, green] = [10 * (place % SIZE), 20 * Math.floor(place / SIZE)];
      return Math.max(0, (3 * red) / 127.5 - green / 127.5);
    });
    const most = Math.max(...raw);
    raw.forEach((value, place) => {
      expect(Math.abs(data[place]! - value / most)).toBeLessThan(ROUNDING);
    });
    // Everything speaks against class 1: no map, and no division by 0.
    expect([...data.subarray(SIZE * SIZE)].every((value) => value === 0)).toBe(true);
    model.dispose();
  });

  it.each<Pooling>(['average+max+grid', 'flatten'])(
    'looks at the last block of a network with a head of %s, with dropout off, and leaves no tensor behind',
    async (pooling) => {
      const stream = streamOf(1, 'images');
      const pixels = Uint8Array.from({ length: 3 * 32 * 32 * 3 }, () => stream.integer(256));
      const explained = { images: { pixels, count: 3, size: 32 }, classes: [0, 1, 2] };
      const whole = buildBackbone('small-vgg', { imageSize: 32, seed: 1 });
      const backbone = cutAfter(whole, 'block2');
      const inputShape = backbone.outputs[0]!.shape.slice(1).map(Number);
      const head = buildHead({
        ...{ inputShape, classes: 3, units: [8], dropout: 0.5, pooling, seed: 1 },
        normalisation: pooling === 'flatten' ? 'none' : 'sqrt-l2',
      });
      const model = joinModels(backbone, head, 'classifier');
      const options = { preprocessing: 'signed' } as const;
      const first = await gradCam(model, explained, options);
      expect([first.height, first.width]).toEqual(inputShape.slice(0, 2));
      expect([...first.data].every((value) => value >= 0 && value <= 1)).toBe(true);
      const before = tf.memory().numTensors;
      expect((await gradCam(model, explained, options)).data).toEqual(first.data);
      expect(tf.memory().numTensors).toBe(before);
      await expect(gradCam(model, explained, { ...options, layer: 'logits' })).rejects.toThrow(
        'gradCam: layer must have maps [H, W, C], but logits has [3]',
      );
      await expect(gradCam(model, explained, { ...options, layer: 'x' })).rejects.toThrow(
        /layer must be one of the network .*got x/,
      );
    },
  );
});

it('checkGradCam compares with shuffled weights, and puts the weights back', async () => {
  const model = knownModel();
  const weights = async () => await arraysOf(variablesOf(model));
  const before = await weights();
  const check = await checkGradCam(
    model,
    { images: IMAGES, classes: [0, 0] },
    { preprocessing: 'signed', seed: 3 },
  );
  expect(check.n).toBeLessThanOrEqual(2);
  for (const value of [check.head, check.all]) {
    expect(value).toBeGreaterThanOrEqual(-1);
    expect(value).toBeLessThan(0.999);
  }
  expect(await weights()).toEqual(before);
  model.dispose();
});

// scipy.stats.spearmanr([1, 2, 2, 4, 5], [3, 1, 4, 4, 9]) of SciPy 1.17: 0.7631578947368421
it('rankCorrelation shares the ranks of equal values, and is not a number where one never varies', () => {
  expect(rankCorrelation([1, 2, 2, 4, 5], [3, 1, 4, 4, 9])).toBeCloseTo(0.7631578947368421, 12);
  expect(rankCorrelation([1, 2, 3], [9, 4, 1])).toBeCloseTo(-1, 12);
  expect(rankCorrelation([1, 1, 1], [1, 2, 3])).toBeNaN();
});
