/** From JPEG files to batches of pixels: the same work as `torch_peer.py jpeg`. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError, FIRST_BATCH, medianOf } from '@janus/core';
import { decodeImages, labelledBatches, type DecodedImages } from '@janus/data';
import type { Measured } from './measure.js';

/** Where the files are, and what they become. */
export interface PicturesOptions {
  readonly folder: string;
  /** Side in pixels. */
  readonly size: number;
}

/** The peer's, in `torch_peer.py`. */
const BATCH = 32;

/** Later epochs are short: as many are timed. */
const LATER_EPOCHS = 10;

const RESIZING = { kernel: 'lanczos3', fit: 'cover', batch: BATCH } as const;

async function decode({ folder, size }: PicturesOptions): Promise<DecodedImages> {
  const entries = await readdir(folder, { recursive: true });
  const ids = entries.filter((name) => name.endsWith('.jpg')).sort();
  if (ids.length === 0) {
    throw new DataError(`${folder}: must hold .jpg files, but holds none. Name another folder.`, {
      path: folder,
    });
  }
  const pixels = await decodeImages(
    ids.map((id) => join(folder, id)),
    size,
  );
  return { ids, pixels, size };
}

/** Goes through all pictures once, in batches. */
async function passThrough(images: DecodedImages, epoch: number): Promise<void> {
  const labels = images.ids.map(() => 0);
  const source = labelledBatches({ images, labels, batchSize: BATCH, seed: 1 });
  let batches = 0;
  for await (const { next } of source.batches({ ...FIRST_BATCH, epoch })) {
    batches += 1;
    if (batches === source.stepsPerEpoch || next.epoch > epoch) break;
  }
}

/** Returns decoding alone, images a second; not warmed up, as the peer is not. */
export async function jpeg(options: PicturesOptions): Promise<Measured> {
  const began = performance.now();
  const { ids } = await decode(options);
  const seconds = (performance.now() - began) / 1000;
  return {
    value: ids.length / seconds,
    unit: 'img/s',
    config: { images: ids.length, ...RESIZING },
  };
}

/** Returns a training's first epoch of batches, decoding included, images a second. */
export async function firstEpoch(options: PicturesOptions): Promise<Measured> {
  const began = performance.now();
  const images = await decode(options);
  await passThrough(images, 0);
  const seconds = (performance.now() - began) / 1000;
  const count = images.ids.length;
  return { value: count / seconds, unit: 'img/s', config: { images: count, ...RESIZING } };
}

/** Returns a training's later epochs of batches, from the pixels in memory, images a second. */
export async function laterEpochs(options: PicturesOptions): Promise<Measured> {
  const images = await decode(options);
  const seconds: number[] = [];
  for (let epoch = 1; epoch <= LATER_EPOCHS; epoch++) {
    const began = performance.now();
    await passThrough(images, epoch);
    seconds.push((performance.now() - began) / 1000);
  }
  const count = images.ids.length;
  return {
    value: count / medianOf(seconds),
    unit: 'img/s',
    config: { images: count, ...RESIZING, epochs: LATER_EPOCHS },
  };
}
