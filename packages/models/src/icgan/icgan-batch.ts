/** The tensors of an update of IcGAN: images, labels and latent numbers. */
import * as tf from '@tensorflow/tfjs';
import { permutationOf, streamOf, type LabelledBatch, type RandomStream } from '@janus/core';
import { signedPixels } from '../cyclegan/signed-pixels.js';
import type { FakeInputs, RealInputs } from './icgan-halves.js';

/** What images have: float32 [images, L], 0 or 1, row-major. */
export interface LabelTable {
  readonly table: Float32Array;
  /** L. */
  readonly labels: number;
}

/** Numbers of what labels are drawn with. */
export interface DrawOptions extends LabelTable {
  readonly latent: number;
  readonly seed: number;
  /** Of the update. */
  readonly step: number;
}

/** Returns labels of 0 and 1 as the networks take them: -1 and 1. */
export const signedLabels = (labels: Float32Array): Float32Array =>
  labels.map((value) => 2 * value - 1);

function rowsOf({ table, labels }: LabelTable, places: readonly number[]): tf.Tensor2D {
  const rows = new Float32Array(places.length * labels);
  places.forEach((place, i) => {
    rows.set(signedLabels(table.subarray(place * labels, (place + 1) * labels)), i * labels);
  });
  return tf.tensor2d(rows, [places.length, labels]);
}

/** Draws standard normal numbers: float32 [count, latent]. */
export function latentOf(count: number, latent: number, stream: RandomStream): tf.Tensor2D {
  const numbers = Float32Array.from({ length: count * latent }, () => stream.normal());
  return tf.tensor2d(numbers, [count, latent]);
}

/** Returns what an update makes fakes of: new latent numbers, and the labels of the batch's images in another order. */
export function fakeTensors({ labels: places }: LabelledBatch, options: DrawOptions): FakeInputs {
  const { latent, seed, step } = options;
  const order = permutationOf(places.length, streamOf(seed, 'given', step));
  return {
    latent: latentOf(places.length, latent, streamOf(seed, 'latent', step)),
    given: rowsOf(
      options,
      Array.from(order, (at) => places[at] ?? 0),
    ),
  };
}

/** Returns a batch's images with their own labels. */
export function realTensors(
  { images, labels: places, size, height, width }: LabelledBatch,
  table: LabelTable,
): RealInputs {
  return {
    real: tf.tensor4d(signedPixels(images), [size, height, width, 3]),
    own: rowsOf(table, [...places]),
  };
}

/** Draws the noise on what the latent encoder tells of a batch's images: float32 [B, latent]. */
export const latentNoise = (count: number, { latent, seed, step }: DrawOptions): tf.Tensor2D =>
  latentOf(count, latent, streamOf(seed, 'reconstruction', step));

/** Returns labels of other images, for each of a batch's one that has others than its own where there is any. */
export function wrongLabels(
  { labels: places }: LabelledBatch,
  options: LabelTable & Pick<DrawOptions, 'seed' | 'step'>,
): tf.Tensor2D {
  const { table, labels, seed, step } = options;
  const count = table.length / labels;
  const stream = streamOf(seed, 'wrong', step);
  const isSame = (a: number, b: number): boolean => {
    for (let i = 0; i < labels; i++) {
      if (table[a * labels + i] !== table[b * labels + i]) return false;
    }
    return true;
  };
  const chosen = Array.from(places, (place) => {
    const first = stream.integer(count);
    for (let more = 0; more < count; more++) {
      const other = (first + more) % count;
      if (!isSame(place, other)) return other;
    }
    return place;
  });
  return rowsOf(options, chosen);
}

/** Draws what fakes are made of without a batch: labels of any images. */
export function anyFakes(count: number, options: DrawOptions): FakeInputs {
  const { table, labels, latent, seed, step } = options;
  const stream = streamOf(seed, 'refresh', step);
  const places = Array.from({ length: count }, () => stream.integer(table.length / labels));
  return { latent: latentOf(count, latent, stream), given: rowsOf(options, places) };
}
