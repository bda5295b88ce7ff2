import * as tf from '@tensorflow/tfjs';
import { NumericalError, type ProgressListener } from '@janus/core';
import { compile, type Precision } from '@janus/engine';
import { preprocess, type Preprocessing } from './backbones/preprocessing.js';

/** Decoded images of one size. */
export interface SquareImages {
  /** uint8 [N, size, size, 3], RGB. */
  readonly pixels: Uint8Array;
  readonly count: number;
  /** Side in pixels. */
  readonly size: number;
}

/** Some of a number of images. */
export interface ImageRange {
  /** Counted from 0. */
  readonly from: number;
  readonly count: number;
}

/** Decoded images of one size that are made when they are wanted: their number does not matter. */
export interface ImageRanges {
  readonly count: number;
  /** Side in pixels. */
  readonly size: number;
  /** Is told which ranges will be taken, in this order, so that they can be made ahead. */
  readonly expect?: (ranges: readonly ImageRange[]) => void;
  /** Returns uint8 [count, size, size, 3], RGB; its memory may be used anew in the next call. */
  readonly take: (range: ImageRange) => Promise<Uint8Array>;
}

/** What a network makes of images, or images' features: float32 [N, ...shape]. */
export interface Features {
  readonly data: Float32Array;
  readonly count: number;
  /** Of one image. */
  readonly shape: readonly number[];
}

/** Images at once: more gain nothing on a processor. */
export const FEATURE_BATCH = 16;

/** Options of {@link computeFeatures} and {@link computeLogits}. */
export interface ComputeOptions {
  /** Images at once; default {@link FEATURE_BATCH}. */
  readonly batchSize?: number;
  /** What the network computes in; default float32. */
  readonly precision?: Precision;
  readonly report?: ProgressListener;
  /** What the progress line calls it; default `features`. */
  readonly label?: string;
}

/** Returns images in memory as ranges. */
function rangesOf({ pixels, count, size }: SquareImages): ImageRanges {
  const bytes = size * size * 3;
  return {
    ...{ count, size },
    // eslint-disable-next-line @typescript-eslint/require-await -- what threads make is waited for
    take: async (range) => pixels.subarray(range.from * bytes, (range.from + range.count) * bytes),
  };
}

async function computeInBatches(
  count: number,
  options: ComputeOptions,
  work: {
    readonly expect?: (ranges: readonly ImageRange[]) => void;
    readonly inputs: (range: ImageRange) => tf.Tensor | Promise<tf.Tensor>;
    readonly apply: (inputs: tf.Tensor) => tf.Tensor;
  },
): Promise<Features> {
  const { batchSize = FEATURE_BATCH, report, label = 'features' } = options;
  let data: Float32Array | undefined;
  let shape: readonly number[] = [];
  const { precision = 'float32' } = options;
  const step = compile(({ inputs }: { inputs: tf.Tensor }) => ({ result: work.apply(inputs) }), {
    precision,
    ownSession: true,
  });
  const ranges = Array.from({ length: Math.ceil(count / batchSize) }, (_, i): ImageRange => {
    const from = i * batchSize;
    return { from, count: Math.min(batchSize, count - from) };
  });
  try {
    work.expect?.(ranges);
    for (const range of ranges) {
      const inputs = await work.inputs(range);
      const { result } = await step.run({ inputs });
      const values = (await result.data()) as Float32Array;
      shape = result.shape.slice(1);
      tf.dispose([inputs, result]);
      const each = values.length / range.count;
      data ??= new Float32Array(count * each);
      data.set(values, range.from * each);
      report?.({ done: range.from + range.count, total: count, unit: 'images', label });
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

/** Returns what a network makes of images, each passed through once. */
export async function computeFeatures(
  network: tf.LayersModel,
  images: SquareImages | ImageRanges,
  options: ComputeOptions & { readonly preprocessing: Preprocessing },
): Promise<Features> {
  const ranges = 'pixels' in images ? rangesOf(images) : images;
  const { count, size, expect } = ranges;
  return await computeInBatches(count, options, {
    ...(expect === undefined ? {} : { expect }),
    inputs: async (range) =>
      tf.tensor4d(new Float32Array(await ranges.take(range)), [range.count, size, size, 3]),
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
