/** From JPEG files to batches of pixels: the same work as `torch_peer.py jpeg`. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DataError, FIRST_BATCH, medianOf } from '@janus/core';
import { openImages, packDataset, writeManifest, type ManifestRow } from '@janus/data';
import { decodeImages, labelledBatches, type ImageSet } from '@janus/images';
import type { Measured } from './measure.js';

/** Where the files are, and what they become. */
export interface ImagesOptions {
  readonly folder: string;
  /** Side in pixels. */
  readonly size: number;
}

/** The peer's, in `torch_peer.py`. */
const BATCH = 32;

/** Later epochs are short: as many are timed. */
const LATER_EPOCHS = 10;

const RESIZING = { kernel: 'lanczos3', fit: 'cover', batch: BATCH } as const;

/** Returns the files, by name. */
async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true });
  const ids = entries.filter((name) => name.endsWith('.jpg')).sort();
  if (ids.length === 0) {
    throw new DataError(`${folder}: must hold .jpg files, but holds none. Name another folder.`, {
      path: folder,
    });
  }
  return ids;
}

/** Opens the images as a training does. */
async function openFiles({ folder, size }: ImagesOptions): Promise<ImageSet> {
  const items = (await filesIn(folder)).map((id) => ({ id, path: join(folder, id) }));
  return await openImages(items, { size });
}

/** Goes through all images some times, in batches; returns the seconds of each time. */
async function passThrough(images: ImageSet, epochs: number): Promise<readonly number[]> {
  const labels = images.ids.map(() => 0);
  const source = labelledBatches({ images, labels, batchSize: BATCH, seed: 1 });
  const seconds: number[] = [];
  let began = performance.now();
  for await (const { next } of source.batches(FIRST_BATCH)) {
    if (next.batch > 0) continue;
    const now = performance.now();
    seconds.push((now - began) / 1000);
    began = now;
    if (seconds.length === epochs) break;
  }
  return seconds;
}

/** Returns decoding alone, images a second; not warmed up, as the peer is not. */
export async function jpeg({ folder, size }: ImagesOptions): Promise<Measured> {
  const began = performance.now();
  const ids = await filesIn(folder);
  await decodeImages(
    ids.map((id) => join(folder, id)),
    size,
  );
  const seconds = (performance.now() - began) / 1000;
  return {
    value: ids.length / seconds,
    unit: 'img/s',
    config: { images: ids.length, ...RESIZING },
  };
}

/** Returns a training's first epoch of batches, decoding and the start of threads included, images a second. */
export async function firstEpoch(options: ImagesOptions): Promise<Measured> {
  const began = performance.now();
  const images = await openFiles(options);
  await passThrough(images, 1);
  const seconds = (performance.now() - began) / 1000;
  const count = images.ids.length;
  return { value: count / seconds, unit: 'img/s', config: { images: count, ...RESIZING } };
}

/** The median of the epochs after the first. */
async function later(images: ImageSet, from: string): Promise<Measured> {
  const [, ...seconds] = await passThrough(images, 1 + LATER_EPOCHS);
  const count = images.ids.length;
  return {
    value: count / medianOf(seconds),
    unit: 'img/s',
    config: { images: count, from, ...RESIZING, epochs: LATER_EPOCHS },
  };
}

/** Returns a training's later epochs of batches, from the pixels that the first one kept, images a second. */
export async function laterEpochs(options: ImagesOptions): Promise<Measured> {
  return await later(await openFiles(options), 'memory');
}

/** What is known of a file that nobody looked at. */
const UNKNOWN: Omit<ManifestRow, 'id' | 'path'> = {
  ...{ url: null, sha256: null, phash: null, width: null, height: null, identity: null },
  ...{ x1: null, y1: null, x2: null, y2: null },
  ...{ status: 'kept', reason: null, removedBy: null, split: null, labels: {} },
};

/** Returns the same from a pack: what a training does whose images are more than its memory. */
export async function packedEpochs({ folder, size }: ImagesOptions): Promise<Measured> {
  const root = await mkdtemp(join(tmpdir(), 'janus-bench-pack-'));
  try {
    const items = (await filesIn(folder)).map((id) => ({ id, path: resolve(folder, id) }));
    await writeManifest(
      root,
      items.map((item) => ({ ...UNKNOWN, ...item })),
    );
    await packDataset(root, { size });
    return await later(await openImages(items, { size, folder: root }), 'pack');
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}
