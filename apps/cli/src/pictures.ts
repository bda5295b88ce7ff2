import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import {
  decodeSafetensors,
  encodeSafetensors,
  streamOf,
  writeFileAtomic,
  type ProgressListener,
} from '@janus/core';
import { decodeImages, type LabelledItem } from '@janus/data';
import {
  preprocess,
  type Features,
  type LabelledInputs,
  type Preprocessing,
  type SquarePictures,
} from '@janus/models';
import * as tf from '@tensorflow/tfjs';

/** Returns the pictures of items, decoded to squares. */
export async function decodeItems(
  items: readonly { readonly path: string }[],
  size: number,
  report: ProgressListener,
): Promise<SquarePictures> {
  const paths = items.map((item) => item.path);
  return { pixels: await decodeImages(paths, size, { report }), count: items.length, size };
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

/** What {@link pictureInputs} does to pictures. */
export interface PictureInputsOptions {
  readonly preprocessing: Preprocessing;
  readonly seed: number;
}

/** Pictures as training inputs, half of them mirrored while training. */
export function pictureInputs(
  pictures: SquarePictures,
  items: readonly LabelledItem[],
  { preprocessing, seed }: PictureInputsOptions,
): LabelledInputs {
  const { pixels, size } = pictures;
  const bytes = size * size * 3;
  return {
    count: pictures.count,
    labels: items.map((item) => item.label),
    batch: (chosen, epoch) => {
      const data = new Float32Array(chosen.length * bytes);
      for (let i = 0; i < chosen.length; i++) {
        const at = chosen[i] ?? 0;
        const picture = pixels.subarray(at * bytes, (at + 1) * bytes);
        const mirrored = epoch >= 0 && streamOf(seed, 'flip', epoch, at).next() < 0.5;
        if (!mirrored) {
          data.set(picture, i * bytes);
          continue;
        }
        for (let y = 0; y < size; y++) {
          for (let x = 0; x < size; x++) {
            const from = (y * size + size - 1 - x) * 3;
            data.set(picture.subarray(from, from + 3), i * bytes + (y * size + x) * 3);
          }
        }
      }
      return tf.tidy(() =>
        preprocess(tf.tensor4d(data, [chosen.length, size, size, 3]), preprocessing),
      );
    },
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
