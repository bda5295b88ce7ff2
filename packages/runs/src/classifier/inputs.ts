import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import {
  decodeSafetensors,
  encodeSafetensors,
  streamOf,
  writeFileAtomic,
  type Reporter,
} from '@janus/core';
import { openImages, type LabelledItem } from '@janus/data';
import {
  drawAugmentation,
  MIRRORED,
  openLoader,
  prefetchQueue,
  pixelsOf,
  UNCHANGED,
  type Augmentation,
  type LoaderItem,
  type ImageSet,
} from '@janus/images';
import {
  computeFeatures,
  FEATURE_BATCH,
  preprocess,
  VALIDATION_BATCH,
  type Features,
  type LabelledInputs,
  type ImageRange,
  type ImageRanges,
  type Preprocessing,
  type SquareImages,
} from '@janus/models';
import * as tf from '@tensorflow/tfjs';

/** Where images are, and where is said what becomes of them. */
export interface ImagesContext {
  /** Side of the squares in pixels. */
  readonly size: number;
  /** The data folder that they are of, which may hold a pack. */
  readonly folder?: string;
  readonly reporter: Reporter;
}

type Item = Pick<LabelledItem, 'id' | 'path'>;

/** Returns the images of items: from the pack of their folder, in memory, or to be decoded when wanted. */
export async function openItems(
  items: readonly Item[],
  { size, folder, reporter }: ImagesContext,
): Promise<ImageSet> {
  return await openImages(items, {
    ...{ size, line: reporter.log },
    ...(folder === undefined ? {} : { folder }),
  });
}

/** Returns the images of items, decoded to squares, in memory. */
export async function decodeItems(
  items: readonly Item[],
  context: ImagesContext,
): Promise<SquareImages> {
  const set = await openItems(items, context);
  const pixels = await pixelsOf(set, context.reporter.progress);
  return { pixels, count: items.length, size: context.size };
}

/** Returns what a network makes of images, made ahead of it; their number does not matter for memory. */
export async function featuresOfSet(
  network: tf.LayersModel,
  { ids, size, source }: ImageSet,
  options: Parameters<typeof computeFeatures>[2],
): Promise<Features> {
  const { batchSize = FEATURE_BATCH } = options;
  const feed = openLoader({ sources: [source], size, batchSize, changed: false });
  const queue = prefetchQueue(feed, (index) => ({ index }));
  const numbersOf = ({ from, count }: ImageRange): Uint32Array =>
    Uint32Array.from({ length: count }, (_, i) => from + i);
  try {
    const ranges: ImageRanges = {
      ...{ count: ids.length, size },
      expect: (all) => {
        queue.expect(all.map(numbersOf), -1);
      },
      take: async (range) => await queue.take(numbersOf(range), -1),
    };
    return await computeFeatures(network, ranges, { ...options, batchSize });
  } finally {
    await queue.close();
  }
}

/** Features as training inputs. */
export function featureInputs(features: Features, items: readonly LabelledItem[]): LabelledInputs {
  const each = features.shape.reduce((a, b) => a * b, 1);
  return {
    count: features.count,
    labels: items.map((item) => item.label),
    batch: (chosen) => {
      const data = new Float32Array(chosen.length * each);
      for (let i = 0; i < chosen.length; i++) {
        const at = chosen[i] ?? 0;
        data.set(features.data.subarray(at * each, (at + 1) * each), i * each);
      }
      return tf.tensor(data, [chosen.length, ...features.shape]);
    },
  };
}

/** What {@link imageInputs} does to images. */
export interface ImageInputsOptions {
  readonly preprocessing: Preprocessing;
  readonly seed: number;
  /** Images a step. */
  readonly batchSize: number;
  /** How they are changed while training; left out: half of them are mirrored. */
  readonly augment?: readonly Augmentation[];
}

/** Training inputs that threads may make. */
export interface ImageInputs extends LabelledInputs {
  /** Ends the threads. */
  readonly close: () => Promise<void>;
}

/** Images as training inputs, changed while training, made ahead of the steps where threads make them. */
export function imageInputs(
  images: ImageSet,
  items: readonly LabelledItem[],
  options: ImageInputsOptions,
): ImageInputs {
  const { size, ids } = images;
  const { preprocessing, seed, batchSize, augment } = options;
  const itemOf = (index: number, epoch: number): LoaderItem => {
    if (epoch < 0) return { index };
    if (augment !== undefined) {
      const id = ids[index] ?? '';
      return { index, draw: drawAugmentation(augment, { seed, epoch, id, size }) };
    }
    const mirrored = streamOf(seed, 'flip', epoch, index).next() < 0.5;
    return { index, draw: mirrored ? MIRRORED : UNCHANGED };
  };
  const feed = openLoader({
    ...{ sources: [images.source], size },
    batchSize: Math.max(batchSize, VALIDATION_BATCH),
    changed: augment?.some((kind) => kind !== 'flip') === true,
  });
  const queue = prefetchQueue(feed, itemOf);
  return {
    count: ids.length,
    labels: items.map((item) => item.label),
    expect: queue.expect,
    batch: async (chosen, epoch) => {
      const pixels = await queue.take(chosen, epoch);
      return tf.tidy(() =>
        preprocess(
          tf.tensor4d(new Float32Array(pixels), [chosen.length, size, size, 3]),
          preprocessing,
        ),
      );
    },
    close: queue.close,
  };
}

/** Returns the cache file of features: its name says everything that they depend on. */
export function featureFile(
  folder: string,
  parts: Readonly<Record<string, string | number>>,
): string {
  const key = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
  return join(folder, 'features', `${key}.safetensors`);
}

/** Returns features from their cache file, or computes and keeps them. */
export async function cachedFeatures(
  file: string,
  compute: () => Promise<Features>,
): Promise<Features> {
  if (existsSync(file)) {
    const [array] = decodeSafetensors(await readFile(file), file).arrays;
    if (array?.data instanceof Float32Array) {
      return { data: array.data, count: array.shape[0] ?? 0, shape: array.shape.slice(1) };
    }
  }
  const features = await compute();
  await mkdir(dirname(file), { recursive: true });
  const { data, count, shape } = features;
  await writeFileAtomic(
    file,
    encodeSafetensors([{ name: 'features', shape: [count, ...shape], data }]),
  );
  return features;
}
