import * as tf from '@tensorflow/tfjs';
import { useEngine } from '@janus/engine';
import { beforeAll, expect, it } from 'vitest';
import { uint8Pixels } from '../cyclegan/signed-pixels.js';
import { registerLayers } from '../layers.js';
import { buildIcEncoder, buildIcGenerator } from './icgan-networks.js';
import { searchLatent } from './latent-search.js';
import { openSearchTranslator } from './search-translate.js';

const SIZE = 8;
const LATENT = 3;

let G: tf.LayersModel;
beforeAll(async () => {
  await useEngine({ engine: 'wasm' });
  registerLayers();
  G = buildIcGenerator({
    ...{ imageSize: SIZE, labels: 1, latent: LATENT, filters: 8, seed: 1, name: 'G' },
  });
  // As in a trained one: images differ by their latent numbers.
  for (const weight of G.weights) {
    if (!weight.originalName.endsWith('kernel')) continue;
    tf.tidy(() => {
      weight.write(tf.mul(weight.read(), 12));
    });
  }
});

const imagesOf = (latent: Float32Array, labels: Float32Array): Uint8Array =>
  tf.tidy(() => {
    const count = labels.length;
    const made = G.predict([
      tf.tensor2d(latent, [count, LATENT]),
      tf.tensor2d(labels, [count, 1]),
    ]) as tf.Tensor;
    return uint8Pixels(made.dataSync() as Float32Array);
  });

const TRUE_LATENT = Float32Array.of(1, -0.5, 0.3, -0.8, 0.2, 0.9);
const LABELS = Float32Array.of(1, -1);

it('a search finds the latent numbers that an image was made of', async () => {
  const images = imagesOf(TRUE_LATENT, LABELS);
  const begun = TRUE_LATENT.map((value, i) => value + (i % 2 === 0 ? 0.6 : -0.6));
  const tensors = tf.memory().numTensors;
  const { latent, distance } = await searchLatent(
    G,
    { images, latent: begun, labels: LABELS },
    { steps: 60, batchSize: 1 },
  );
  expect(tf.memory().numTensors).toBe(tensors);
  expect(distance.last).toBeLessThan(0.2 * distance.first);
  const error = (of: Float32Array): number =>
    Math.max(...of.map((value, i) => Math.abs(value - (TRUE_LATENT[i] ?? NaN))));
  expect(error(latent)).toBeLessThan(0.3 * error(begun));
});

it('an image is made again with the labels that are wanted, of the numbers found with its own', async () => {
  const images = imagesOf(TRUE_LATENT, LABELS);
  const Ez = buildIcEncoder({
    ...{ imageSize: SIZE, outputs: LATENT, filters: 2, units: 4, seed: 1, name: 'Ez' },
  });
  const given = (labels: Float32Array) => () => Promise.resolve(labels);
  const input = { images, height: SIZE, width: SIZE };
  const made = async (wanted: Float32Array): Promise<Uint8Array> => {
    const labels = { own: given(LABELS), wanted: given(wanted) };
    return (await openSearchTranslator({ G, Ez }, labels, { steps: 60 }).translate(input)).images;
  };
  const off = (a: Uint8Array, b: Uint8Array): number =>
    a.reduce((sum, value, i) => sum + Math.abs(value - (b[i] ?? NaN)), 0) / a.length;
  const flipped = LABELS.map((value) => -value);
  const [kept, turned] = [await made(LABELS), await made(flipped)];
  expect(off(kept, images)).toBeLessThan(off(turned, images));
  expect(off(turned, imagesOf(TRUE_LATENT, flipped))).toBeLessThan(off(turned, images));
  Ez.dispose();
});
