import * as tf from '@tensorflow/tfjs';
import { streamOf } from '@janus/core';
import { compile, installedAddon, useEngine } from '@janus/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bend, bendImages } from './bend.js';

const noise = (shape: [number, number, number, number], name: string): tf.Tensor4D => {
  const stream = streamOf(1, name);
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor4d(
    Float32Array.from({ length: size }, () => 2 * stream.next() - 1),
    shape,
  );
};

/** A field that is the same everywhere. */
const field = (right: number, down: number, batch = 1): tf.Tensor4D =>
  tf.tile(tf.tensor4d([right, down], [1, 1, 1, 2]), [batch, 2, 2, 1]);

describe('bending', () => {
  beforeAll(async () => {
    await useEngine({ engine: 'js' });
  });

  it('without displacement returns the image, bit for bit', () => {
    const image = noise([2, 8, 12, 3], 'image');
    const bent = bendImages(image, field(0, 0, 2), 0.5);
    expect(Array.from(bent.dataSync())).toEqual(Array.from(image.dataSync()));
  });

  it('fetches pixels from the right and from below, and repeats the border', () => {
    // 4 px in all of 8: a reach of 0.5 is 2 px, half of it 1 px.
    const image = tf.tensor4d([0, 1, 2, 3, 4, 5, 6, 7], [1, 1, 8, 1]);
    const right = (share: number): number[] =>
      Array.from(bendImages(image, field(share, 0), 0.5).dataSync());
    expect(right(1)).toEqual([2, 3, 4, 5, 6, 7, 7, 7]);
    expect(right(-0.5)).toEqual([0, 0, 1, 2, 3, 4, 5, 6]);
    expect(right(0.25)).toEqual([0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7]);
    const column = tf.reshape<tf.Rank.R4>(image, [1, 8, 1, 1]);
    const below = bendImages(column, field(0, 1), 0.5);
    expect(Array.from(below.dataSync())).toEqual([2, 3, 4, 5, 6, 7, 7, 7]);
  });

  it('enlarges the field by cubic convolution', () => {
    // Keys' kernel at a quarter of the way between points: -0.0703, 0.8672, 0.2266 and -0.0234 of the four around.
    const image = tf.tensor4d(
      Float32Array.from({ length: 8 }, (_, i) => i),
      [1, 1, 8, 1],
    );
    const rights = tf.tensor4d([0, 0, 0, 0, 0.4, 0, 0.4, 0], [1, 1, 4, 2]);
    const moved = bendImages(image, rights, 0.25).dataSync();
    const fields = Array.from(moved, (value, i) => value - i);
    const cubic = [0, -0.00938, -0.02813, 0.08125, 0.31875, 0.42813, 0.40938];
    cubic.forEach((value, i) => {
      expect(fields[i]).toBeCloseTo(value, 4);
    });
  });

  it('has the gradients of finite differences, towards the field and towards the image', async () => {
    const image = noise([2, 8, 8, 2], 'image');
    const displacement = tf.mul<tf.Tensor4D>(noise([2, 2, 2, 2], 'field'), 0.7);
    const weights = noise([2, 8, 8, 2], 'weights');
    const loss = (a: tf.Tensor4D, b: tf.Tensor4D): tf.Scalar =>
      tf.sum(tf.mul(bendImages(a, b, 0.4), weights));
    const [ofImage, ofField] = tf.grads((a, b) => loss(a as tf.Tensor4D, b as tf.Tensor4D))([
      image,
      displacement,
    ]);
    for (const [which, gradient] of [ofImage, ofField].entries()) {
      const values = await [image, displacement][which]?.data();
      for (const at of [0, 3, 7]) {
        const step = 1e-3; // small: the slope changes where a place crosses a pixel
        const lossAt = (delta: number): number => {
          const changed = Float32Array.from(values ?? []);
          changed[at] = (changed[at] ?? 0) + delta;
          const tensor = tf.tensor4d(changed, (which === 0 ? image : displacement).shape);
          return (
            loss(which === 0 ? tensor : image, which === 0 ? displacement : tensor).dataSync()[0] ??
            NaN
          );
        };
        const slope = (lossAt(step) - lossAt(-step)) / (2 * step);
        expect(gradient?.dataSync()[at]).toBeCloseTo(slope, 1);
      }
    }
  });

  it('keeps its reach in a saved model', () => {
    const layer = new Bend({ name: 'bend', reach: 0.15 });
    expect(layer.getConfig()).toMatchObject({ name: 'bend', reach: 0.15 });
    expect(
      layer.computeOutputShape([
        [null, 8, 8, 3],
        [null, 2, 2, 2],
      ]),
    ).toEqual([null, 8, 8, 3]);
  });
});

describe.skipIf(installedAddon() === undefined)('bending on the native engine', () => {
  beforeAll(async () => {
    await useEngine({ engine: 'tensorflow' });
  });
  afterAll(async () => {
    await useEngine({ engine: 'js' });
  });

  it('compiles to what it computes step by step', async () => {
    const image = noise([2, 8, 8, 3], 'image');
    const displacement = noise([2, 2, 2, 2], 'field');
    const eager = Array.from(bendImages(image, displacement, 0.4).dataSync());
    const step = compile(
      ({ a, b }: { a: tf.Tensor; b: tf.Tensor }) => ({
        bent: bendImages(a as tf.Tensor4D, b as tf.Tensor4D, 0.4),
      }),
      { ownSession: true },
    );
    const { bent } = await step.run({ a: image, b: displacement });
    Array.from(bent.dataSync()).forEach((value, i) => {
      expect(value).toBeCloseTo(eager[i] ?? NaN, 5);
    });
    step.dispose();
  });
});
