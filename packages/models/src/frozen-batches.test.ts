import { type BatchSource, FIRST_BATCH, type LabelledBatch } from '@janus/core';
import { useEngine } from '@janus/engine';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { buildBackbone, cutAfter } from './backbones/backbones.js';
import { computeFeatures, featureBatches, stackedFeatures } from './features.js';
import { frozenBatches } from './frozen-batches.js';

beforeAll(async () => {
  await useEngine({ engine: 'js' });
});

const SIZE = 32;
const BYTES = SIZE * SIZE * 3;

it('frozenBatches has the features of each batch, with its labels, and leaks no tensor', async () => {
  const frozen = cutAfter(buildBackbone('small-vgg', { imageSize: SIZE, seed: 2 }), 'block1');
  const pixels = Uint8Array.from({ length: 3 * BYTES }, (_, i) => (i * 31) % 251);
  const images: BatchSource<LabelledBatch> = {
    stepsPerEpoch: 2,
    // eslint-disable-next-line @typescript-eslint/require-await -- batches of other sources are awaited
    batches: async function* () {
      for (const [at, size] of [
        [0, 2],
        [2, 1],
      ] as const) {
        yield {
          images: pixels.subarray(at * BYTES, (at + size) * BYTES),
          ...{ size, height: SIZE, width: SIZE, next: { epoch: 0, batch: 1 } },
          labels: Int32Array.from({ length: size }, () => at),
          ids: Array.from({ length: size }, (_, i) => `${at + i}`),
        };
      }
    },
  };
  const all = await computeFeatures(
    frozen,
    { pixels, count: 3, size: SIZE },
    { preprocessing: 'signed' },
  );
  const source = frozenBatches(images, frozen, { preprocessing: 'signed' });
  expect(source.stepsPerEpoch).toBe(2);
  const before = tf.memory().numTensors;
  const found = [];
  for await (const batch of source.batches(FIRST_BATCH)) found.push(batch);
  expect(tf.memory().numTensors).toBe(before);
  expect(found.map(({ ids, size, shape }) => [ids, size, shape])).toEqual([
    [['0', '1'], 2, all.shape],
    [['2'], 1, all.shape],
  ]);
  const joined = found.flatMap(({ features }) => [...features]);
  // Convolutions of other batch sizes may add in another order.
  joined.forEach((value, i) => {
    expect(value).toBeCloseTo(all.data[i] ?? NaN, 5);
  });
  frozen.dispose();
});

it('featureBatches takes copies in turn, an epoch each', async () => {
  const of = (value: number) => ({ data: Float32Array.of(value, value), count: 2, shape: [1] });
  const source = featureBatches({
    ...{ features: of(0), copies: [of(1), of(2)], labels: [0, 1], ids: ['a', 'b'] },
    ...{ batchSize: 2, seed: 1 },
  });
  const seen: number[] = [];
  for await (const { features } of source.batches(FIRST_BATCH)) {
    seen.push(features[0] ?? NaN);
    if (seen.length === 4) break;
  }
  expect(seen).toEqual([0, 1, 2, 0]);
  for await (const { features } of source.batches({ epoch: 2, batch: 0 })) {
    expect([...features]).toEqual([2, 2]);
    break;
  }
  expect(stackedFeatures([of(3), of(4)])).toEqual({
    ...{ data: Float32Array.of(3, 3, 4, 4), count: 4, shape: [1] },
  });
});
