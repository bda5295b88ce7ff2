import * as tf from '@tensorflow/tfjs';
import { NumericalError, type ProgressListener } from '@janus/core';
import { preprocess, type Preprocessing } from './preprocessing.js';

/** Decoded pictures of one size. */
export interface SquarePictures {
  /** uint8 [N, size, size, 3], RGB. */
  readonly pixels: Uint8Array;
  readonly count: number;
  /** Side in pixels. */
  readonly size: number;
}

/** What a network makes of pictures, or pictures' features: float32 [N, ...shape]. */
export interface Features {
  readonly data: Float32Array;
  readonly count: number;
  /** Of one picture. */
  readonly shape: readonly number[];
}

/** Options of {@link computeFeatures} and {@link computeLogits}. */
export interface ComputeOptions {
  /** SquarePictures at once; default 16: larger ones gain nothing on a processor. */
  readonly batchSize?: number;
  readonly report?: ProgressListener;
  /** What the progress line calls it; default `features`. */
  readonly label?: string;
}

/** Returns some pictures as a tensor, preprocessed; the caller disposes it. */
export function pictureBatch(
  pictures: SquarePictures,
  range: { readonly from: number; readonly count: number },
  preprocessing: Preprocessing,
): tf.Tensor4D {
  const { pixels, size } = pictures;
  const bytes = size * size * 3;
  return tf.tidy(() =>
    preprocess(
      tf.tensor4d(
        Float32Array.from(pixels.subarray(range.from * bytes, (range.from + range.count) * bytes)),
        [range.count, size, size, 3],
      ),
      preprocessing,
    ),
  );
}

async function computeInBatches(
  count: number,
  options: ComputeOptions,
  work: (range: { readonly from: number; readonly count: number }) => tf.Tensor,
): Promise<Features> {
  const { batchSize = 16, report, label = 'features' } = options;
  let data: Float32Array | undefined;
  let shape: readonly number[] = [];
  for (let from = 0; from < count; from += batchSize) {
    const range = { from, count: Math.min(batchSize, count - from) };
    const result = work(range);
    const values = (await result.data()) as Float32Array;
    shape = result.shape.slice(1);
    result.dispose();
    const each = values.length / range.count;
    data ??= new Float32Array(count * each);
    data.set(values, from * each);
    report?.({ done: from + range.count, total: count, unit: 'images', label });
  }
  const features = { data: data ?? new Float32Array(0), count, shape };
  if (!features.data.every(Number.isFinite)) {
    throw new NumericalError(
      `${label}: values must be finite, but some are not. Check the weights file.`,
      { step: 0, losses: {} },
    );
  }
  return features;
}

/** Returns what a network makes of pictures, each passed through once. */
export async function computeFeatures(
  network: tf.LayersModel,
  pictures: SquarePictures,
  options: ComputeOptions & { readonly preprocessing: Preprocessing },
): Promise<Features> {
  return await computeInBatches(pictures.count, options, (range) =>
    tf.tidy(() => network.apply(pictureBatch(pictures, range, options.preprocessing)) as tf.Tensor),
  );
}

/** Returns what a network makes of features: a tail's features, a head's logits. */
export async function computeLogits(
  network: tf.LayersModel,
  features: Features,
  options: ComputeOptions = {},
): Promise<Features> {
  const each = features.shape.reduce((a, b) => a * b, 1);
  return await computeInBatches(features.count, { batchSize: 64, ...options }, ({ from, count }) =>
    tf.tidy(
      () =>
        network.apply(
          tf.tensor(features.data.subarray(from * each, (from + count) * each), [
            count,
            ...features.shape,
          ]),
        ) as tf.Tensor,
    ),
  );
}
