import * as tf from '@tensorflow/tfjs';
import {
  batchOrder,
  NumericalError,
  stepsPerEpochOf,
  type BatchOrderOptions,
  type BatchSource,
  type FeatureBatch,
  type ImageBatch,
  type ProgressListener,
} from '@janus/core';
import { byteTensor, compile, type Precision } from '@janus/engine';
import { preprocess, type Preprocessing } from './backbones/preprocessing.js';
import { passSignal } from './pass-signal.js';

/** Decoded images of one size, in memory. */
export interface SquareImages {
  /** uint8 [N, size, size, 3], RGB. */
  readonly pixels: Uint8Array;
  /** N. */
  readonly count: number;
  /** Side in pixels. */
  readonly size: number;
}

/** Decoded images of one size, in memory; squares where there is no width. */
export interface SizedImages extends SquareImages {
  /** uint8 [N, size, width, 3], RGB. */
  readonly pixels: Uint8Array;
  /** Height in pixels, and width where that is not given. */
  readonly size: number;
  /** Width in pixels, if it is another; default `size`. */
  readonly width?: number | undefined;
}

/** Decoded images that are made as they are taken: their number does not matter for memory. */
export interface ImageStream {
  readonly count: number;
  /** One pass over all images, in order. */
  readonly batches: AsyncIterable<ImageBatch>;
}

/** What a network makes of images, or of their features: float32 [N, ...shape]. */
export interface Features {
  readonly data: Float32Array;
  /** N. */
  readonly count: number;
  /** Shape of one image's features. */
  readonly shape: readonly number[];
}

/** Images per batch where nothing is trained: more gain nothing on a processor. */
export const FEATURE_BATCH = 16;

/** Options of {@link computeFeatures} and {@link computeLogits}. */
export interface ComputeOptions {
  /** Images per batch; default {@link FEATURE_BATCH}. Images that come as a stream have their own. */
  readonly batchSize?: number;
  /** What the network computes in; default float32. */
  readonly precision?: Precision;
  readonly report?: ProgressListener;
  /** Label of the progress line; default `features`. */
  readonly label?: string;
  /** Ends the computation before the next batch: its reason is thrown, and nothing is returned. Default never. */
  readonly signal?: AbortSignal | undefined;
}

/** Inputs of one call of the network, and how many images they are of. */
interface InputBatch {
  readonly inputs: tf.Tensor;
  readonly count: number;
}

async function computeInBatches(
  count: number,
  options: ComputeOptions,
  work: {
    readonly batches: AsyncIterable<InputBatch> | Iterable<InputBatch>;
    readonly apply: (inputs: tf.Tensor) => tf.Tensor;
  },
): Promise<Features> {
  const { report, label = 'features', precision = 'float32' } = options;
  let data: Float32Array | undefined;
  let shape: readonly number[] = [];
  let done = 0;
  const step = compile(({ inputs }: { inputs: tf.Tensor }) => ({ result: work.apply(inputs) }), {
    precision,
    ownSession: true,
  });
  try {
    for await (const batch of work.batches) {
      try {
        await passSignal(options.signal);
      } catch (error) {
        batch.inputs.dispose();
        throw error;
      }
      const { result } = await step.run({ inputs: batch.inputs });
      const values = (await result.data()) as Float32Array;
      shape = result.shape.slice(1);
      tf.dispose([batch.inputs, result]);
      const each = values.length / batch.count;
      data ??= new Float32Array(count * each);
      data.set(values, done * each);
      done += batch.count;
      report?.({ done, total: count, unit: 'images', label });
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

/** Yields the places of consecutive batches: where each begins, and its length. */
function* ranges(count: number, batchSize: number): Generator<readonly [number, number]> {
  for (let from = 0; from < count; from += batchSize) {
    yield [from, Math.min(batchSize, count - from)];
  }
}

/** Cuts images in memory into batches; they share its memory. */
function* batchesOf(images: SizedImages, batchSize: number): Generator<ImageBatch> {
  const { pixels, count, size, width = size } = images;
  const bytes = size * width * 3;
  for (const [from, length] of ranges(count, batchSize)) {
    yield {
      images: pixels.subarray(from * bytes, (from + length) * bytes),
      ...{ size: length, height: size, width },
    };
  }
}

/**
 * Returns a batch's images: float32 [B, H, W, 3], 0 to 255, as bytes to a compiled step; the caller disposes them.
 */
export function imageTensor({ images, size, height, width }: ImageBatch): tf.Tensor4D {
  return byteTensor(images, [size, height, width, 3]) as tf.Tensor4D;
}

async function* imageInputs(
  batches: AsyncIterable<ImageBatch> | Iterable<ImageBatch>,
): AsyncGenerator<InputBatch, void, void> {
  for await (const batch of batches) yield { inputs: imageTensor(batch), count: batch.size };
}

/** How pixels are changed before a network sees them: by name, or a function of float32 [B, H, W, 3], 0 to 255. */
export type PixelPreparation = Preprocessing | ((images: tf.Tensor4D) => tf.Tensor4D);

/**
 * Returns what a network makes of images, each passed through once.
 *
 * @param options `preprocessing` is that of the network's weights
 * @throws NumericalError when a value is not finite; the reason of `signal` when that is aborted
 */
export async function computeFeatures(
  network: tf.LayersModel,
  images: SizedImages | ImageStream,
  options: ComputeOptions & { readonly preprocessing: PixelPreparation },
): Promise<Features> {
  const { batchSize = FEATURE_BATCH, preprocessing } = options;
  const prepared = (pixels: tf.Tensor4D): tf.Tensor4D =>
    typeof preprocessing === 'function' ? preprocessing(pixels) : preprocess(pixels, preprocessing);
  return await computeInBatches(images.count, options, {
    batches: imageInputs('pixels' in images ? batchesOf(images, batchSize) : images.batches),
    apply: (inputs) => network.apply(prepared(inputs as tf.Tensor4D)) as tf.Tensor,
  });
}

/** Images per batch of {@link computeLogits}: a head is small. */
const LOGITS_BATCH = 64;

/**
 * Returns what a network makes of features: a tail's features, a head's logits.
 *
 * @throws NumericalError when a value is not finite
 */
export async function computeLogits(
  network: tf.LayersModel,
  features: Features,
  options: ComputeOptions = {},
): Promise<Features> {
  const { batchSize = LOGITS_BATCH } = options;
  function* batches(): Generator<InputBatch> {
    for (const [from, count] of ranges(features.count, batchSize)) {
      yield { inputs: featureTensor(features, from, count), count };
    }
  }
  return await computeInBatches(features.count, options, {
    batches: batches(),
    apply: (inputs) => network.apply(inputs) as tf.Tensor,
  });
}

function featureTensor({ data, shape }: Features, from: number, count: number): tf.Tensor {
  const each = sizeOf(shape);
  return tf.tensor(data.subarray(from * each, (from + count) * each), [count, ...shape]);
}

/** Returns the features of several sets, one after the other; the set itself where there is one. */
export function stackedFeatures(sets: readonly Features[]): Features {
  const [first, ...others] = sets;
  if (first === undefined) return { data: new Float32Array(0), count: 0, shape: [] };
  if (others.length === 0) return first;
  const data = new Float32Array(sets.reduce((sum, each) => sum + each.data.length, 0));
  let at = 0;
  let count = 0;
  for (const each of sets) {
    data.set(each.data, at);
    at += each.data.length;
    count += each.count;
  }
  return { data, count, shape: first.shape };
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Returns features, or logits, as one list of numbers per image. */
export function featureRows({ data, count, shape }: Features): readonly (readonly number[])[] {
  const each = sizeOf(shape);
  return Array.from({ length: count }, (_, i) =>
    Array.from(data.subarray(i * each, (i + 1) * each)),
  );
}

/** Options of {@link featureBatches}. */
export interface FeatureBatchesOptions extends Omit<BatchOrderOptions, 'count'> {
  readonly features: Features;
  /** Features of changed copies of the same images, which epochs take in turn with `features`; default none. */
  readonly copies?: readonly Features[];
  /** Class numbers, one per image. */
  readonly labels: readonly number[];
  /** Manifest ids, one per image. */
  readonly ids: readonly string[];
}

/** Returns batches of labelled features, as `labelledBatches` of `images` does for images. */
export function featureBatches(options: FeatureBatchesOptions): BatchSource<FeatureBatch> {
  const { features, copies = [], labels, ids } = options;
  const { shape, count } = features;
  const all = [features, ...copies];
  const each = sizeOf(shape);
  const order = { ...options, count };
  return {
    stepsPerEpoch: stepsPerEpochOf(order),
    // eslint-disable-next-line @typescript-eslint/require-await -- batches of other sources are awaited
    batches: async function* (from) {
      for (const { epoch, items, next } of batchOrder(order, from)) {
        const { data } = all[epoch % all.length] ?? features;
        const gathered = new Float32Array(items.length * each);
        items.forEach((item, i) => {
          gathered.set(data.subarray(item * each, (item + 1) * each), i * each);
        });
        yield {
          features: gathered,
          shape,
          labels: Int32Array.from(items, (item) => labels[item] ?? 0),
          ids: items.map((item) => ids[item] ?? ''),
          size: items.length,
          next,
        };
      }
    },
  };
}
