/** Images of a trained IcGAN: of real images and labels, and of latent numbers. */
import * as tf from '@tensorflow/tfjs';
import { streamOf } from '@janus/core';
import { uint8Pixels } from '../cyclegan/signed-pixels.js';
import { latentOf } from './icgan-batch.js';

/**
 * Returns a generator of images and labels, [image float32 [B, S, S, 3], signed, labels float32 [B, L], -1 or 1] ->
 * float32 [B, S, S, 3], signed: the image's latent numbers, with these labels. It has the weights of both networks, which
 * remain the caller's, and is not disposed itself.
 *
 * @param Ez the encoder of the latent numbers
 */
export function invertingGenerator(G: tf.LayersModel, Ez: tf.LayersModel): tf.LayersModel {
  const [, ofLabels] = G.inputs;
  const [ofImage] = Ez.inputs;
  const image = tf.input({ shape: ofImage?.shape.slice(1) ?? [], name: 'image' });
  const labels = tf.input({ shape: ofLabels?.shape.slice(1) ?? [], name: 'labels' });
  const made = G.apply([Ez.apply(image) as tf.SymbolicTensor, labels]) as tf.SymbolicTensor;
  return tf.model({ inputs: [image, labels], outputs: made, name: 'inverting' });
}

/**
 * Returns what a generator makes of labels, with latent numbers that are drawn and the same for a seed.
 *
 * @param labels float32 [N, L], -1 or 1, row-major
 * @returns uint8 [N, S, S, 3]
 */
export async function drawnImages(
  G: tf.LayersModel,
  {
    labels,
    count,
    seed,
  }: { readonly labels: Float32Array; readonly count: number; readonly seed: number },
): Promise<Uint8Array> {
  const [ofLatent] = G.inputs;
  const images = tf.tidy(() => {
    const z = latentOf(count, ofLatent?.shape[1] ?? 0, streamOf(seed, 'sample'));
    return G.predict([z, tf.tensor2d(labels, [count, labels.length / count])]) as tf.Tensor4D;
  });
  const pixels = uint8Pixels((await images.data()) as Float32Array);
  images.dispose();
  return pixels;
}
