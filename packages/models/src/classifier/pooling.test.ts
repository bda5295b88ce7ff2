import * as tf from '@tensorflow/tfjs';
import { useEngine } from '@janus/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { blocksOf, buildBackbone, outputOfBlock } from '../backbones/backbones.js';
import { buildProbeNetwork } from './probe-network.js';
import { buildPooling, type BuildPoolingOptions } from './pooling.js';

beforeAll(async () => {
  await useEngine({ engine: 'js' });
});

/** Pools one image's maps, given as [H, W, C] numbers in order. */
function pooled(
  values: readonly number[],
  options: BuildPoolingOptions,
): readonly (number | undefined)[] {
  const model = buildPooling(options);
  return tf.tidy(() => {
    const maps = tf.tensor(values, [1, ...options.inputShape]);
    return Array.from((model.predict(maps) as tf.Tensor).dataSync());
  });
}

describe('buildPooling', () => {
  const inputShape = [2, 3, 1];
  const values = [1, 2, 3, 4, 5, 9];

  it('average+max+grid appends the means of the quarters, which overlap where a side is odd', () => {
    // Columns 0 to 1 and 1 to 2 of each row, as AdaptiveAvgPool2d rounds them.
    expect(pooled(values, { inputShape, pooling: 'average+max+grid' })).toEqual([
      4, 9, 1.5, 2.5, 4.5, 7,
    ]);
    expect(pooled(values, { inputShape, pooling: 'average+max' })).toEqual([4, 9]);
    expect(pooled(values, { inputShape, pooling: 'flatten' })).toEqual(values);
  });

  it('average+max+grid3 begins with the means of nine cells', () => {
    const nine = [1, 2, 3, 4, 5, 6, 7, 8, 9];
    const options = { inputShape: [3, 3, 1], pooling: 'average+max+grid3' } as const;
    expect(pooled(nine, options)).toEqual([...nine, 5, 9]);
    // Four places a side: cells of two that overlap, rows and columns 0 to 1, 1 to 2 and 2 to 3.
    const sixteen = Array.from({ length: 16 }, (_, i) => i);
    expect(pooled(sixteen, { ...options, inputShape: [4, 4, 1] })).toEqual([
      ...[2.5, 3.5, 4.5, 6.5, 7.5, 8.5, 10.5, 11.5, 12.5, 7.5, 15],
    ]);
  });

  it('sqrt-l2 is the signed root, scaled to a mean square of 1', () => {
    const flat = pooled([4, -16, 0, 4, 0, 0], {
      ...{ inputShape, pooling: 'flatten', normalisation: 'sqrt-l2' },
    });
    expect(flat.map((each) => Math.round((each ?? NaN) * 1e4) / 1e4)).toEqual([1, -2, 0, 1, 0, 0]);
    const zeros = { inputShape, pooling: 'flatten', normalisation: 'sqrt-l2' } as const;
    expect(pooled([0, 0, 0, 0, 0, 0], zeros)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('takes a single place for each cell of the grid', () => {
    const options = { inputShape: [1, 1, 2], pooling: 'average+max+grid' } as const;
    expect(pooled([3, 7], options)).toEqual([3, 7, 3, 7, 3, 7, 3, 7, 3, 7, 3, 7]);
  });
});

describe('buildProbeNetwork', () => {
  it.each([false, true])('hands out what each block sees, fine grid %s', (fineGrid) => {
    const backbone = buildBackbone('small-vgg', { imageSize: 32, seed: 3 });
    const { network, parts, columns } = buildProbeNetwork(backbone, { fineGrid });
    expect(parts.some(({ pooling }) => pooling === 'average+max+grid3')).toBe(fineGrid);
    const images = tf.randomNormal([2, 32, 32, 3], 0, 1, 'float32', 5);
    const rows = network.predict(images) as tf.Tensor2D;
    expect(rows.shape).toEqual([2, columns]);
    expect([...new Set(parts.map(({ cut }) => cut))]).toEqual(blocksOf(backbone));
    for (const { cut, pooling, from, length } of parts) {
      const output = outputOfBlock(backbone, cut);
      const maps = tf
        .model({ inputs: backbone.inputs, outputs: output })
        .predict(images) as tf.Tensor;
      const alone = buildPooling({ inputShape: maps.shape.slice(1), pooling }).predict(maps);
      const part = tf.slice(rows, [0, from], [2, length]);
      expect(Array.from(part.dataSync())).toEqual(Array.from((alone as tf.Tensor).dataSync()));
    }
  });
});
