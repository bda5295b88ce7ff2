import * as tf from '@tensorflow/tfjs';
import { NumericalError, type ProgressListener } from '@janus/core';
import { compile, type Precision } from '@janus/engine';
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
  /** What the network computes in; default float32. */
  readonly precision?: Precision;
  readonly report?: ProgressListener;
  /** What the progress line calls it; default `features`. */
  readonly label?: string;
}

/** Returns some pictures as a tensor, values 0 to 255; the caller disposes it. */
function pictureBatch(
  { pixels, size }: SquarePictures,
  range: { readonly from: number; readonly count: number },
): tf.Tensor4D {
  const bytes = size * size * 3;
  return tf.tensor4d(
    new Float32Array(pixels.subarray(range.from * bytes, (range.from + range.count) * bytes)),
    [range.count, size, size, 3],
  );
}

async function computeInBatches(
  count: number,
  options: ComputeOptions,
  work: {
    readonly inputs: (range: { readonly from: number; readonly count: number }) => tf.Tensor;
    readonly apply: (inputs: tf.Tensor) => tf.Tensor;
  },
): Promise<Features> {
  const { batchSize = 16, report, label = 'features' } = options;
  let data: Float32Array | undefined;
  let shape: readonly number[] = [];
  const { precision = 'float32' } = options;
  const step = compile(({ inputs }: { inputs: tf.Tensor }) => ({ result: work.apply(inputs) }), {
    precision,
    alone: true,
  });
  try {
    for (let from = 0; from < count; from += batchSize) {
      const range = { from, count: Math.min(batchSize, count - from) };
      const inputs = work.inputs(range);
      const { result } = await step.run({ inputs });
      const values = (await result.data()) as Float32Array;
      shape = result.shape.slice(1);
      tf.dispose([inputs, result]);
      const each = values.length / range.count;
      data ??= new Float32Array(count * each);
      data.set(values, from * each);
      report?.({ done: from + range.count, total: count, unit: 'images', label });
    }
  } finally {
    step.dispose();
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
  return await computeInBatches(pictures.count, options, {
    inputs: (range) => pictureBatch(pictures, range),
    apply: (images) =>
      network.apply(preprocess(images as tf.Tensor4D, options.preprocessing)) as tf.Tensor,
  });
}

/** Returns what a network makes of features: a tail's features, a head's logits. */
export async function computeLogits(
  network: tf.LayersModel,
  features: Features,
  options: ComputeOptions = {},
): Promise<Features> {
  const each = features.shape.reduce((a, b) => a * b, 1);
  return await computeInBatches(
    features.count,
    { batchSize: 64, ...options },
    {
      inputs: ({ from, count }) =>
        tf.tensor(features.data.subarray(from * each, (from + count) * each), [
          count,
          ...features.shape,
        ]),
      apply: (inputs) => network.apply(inputs) as tf.Tensor,
    },
  );
}
