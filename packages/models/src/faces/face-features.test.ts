import * as tf from '@tensorflow/tfjs';
import { installedAddon, useEngine } from '@janus/engine';
import { expect, it } from 'vitest';
import { openFaceFeatures } from './face-features.js';

// wasm has no gradient of depthwise convolutions towards their input.
it.skipIf(installedAddon() === undefined)(
  'on the native engine, the face network can be derived towards the pixels of an image',
  async () => {
    await useEngine({ engine: 'tensorflow' });
    const { features, dispose } = await openFaceFeatures();
    const image = tf.randomUniform<tf.Rank.R4>([1, 64, 64, 3], -1, 1, 'float32', 1);
    const sum = (x: tf.Tensor): tf.Tensor => tf.sum(tf.square(features(x as tf.Tensor4D)));
    const slope = tf.grad(sum)(image);
    const length = tf.norm(slope);
    const along = tf.div<tf.Tensor4D>(slope, length);
    const step = 0.05;
    const at = (by: number): tf.Tensor => sum(tf.add(image, tf.mul(along, by)));
    const [rise = NaN] = tf.sub(at(step), at(-step)).dataSync();
    const [steepness = NaN] = length.dataSync();
    expect(rise / (2 * step) / steepness).toBeCloseTo(1, 1);
    tf.dispose([image, slope, length, along]);
    dispose();
  },
);
