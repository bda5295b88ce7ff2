import { existsSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { ProgressListener } from '@janus/core';
import { createLoader, LOAD_AHEAD, type Loader } from '../loader/loader.js';
import { PACK_FILES, PACK_START } from './pack-format.js';

/** Options of {@link writePackedPixels}. */
export interface PackedPixelsOptions {
  /** Side of the square images in pixels. */
  readonly size: number;
  /** Number of images, for the progress. */
  readonly count: number;
  /** Threads that decode; default one per core, at most 16. */
  readonly workers?: number;
  /** Called after each batch of images. */
  readonly report?: ProgressListener;
  /** Stops after the current batch; the next call resumes there. */
  readonly signal?: AbortSignal;
}

/** Images written at a time. */
const BATCH = 64;

/**
 * Decodes files and writes their pixels and checksums into the folder of an unfinished pack. Images that an
 * interrupted call finished are verified and not decoded again.
 *
 * @param partial the folder, of {@link partialPackFolder}
 * @param paths the files in the pack's order, in chunks of any length
 * @returns how many images this call decoded
 * @throws DataError when a file cannot be read or decoded
 */
export async function writePackedPixels(
  partial: string,
  paths: AsyncIterable<readonly string[]>,
  options: PackedPixelsOptions,
): Promise<number> {
  const { size, count, report, workers, signal } = options;
  const images = await openForWriting(join(partial, PACK_FILES.images));
  const checksums = await openForWriting(join(partial, PACK_FILES.checksums));
  const had = await wholeImages(images, checksums, size ** 2 * 3);
  const loader = createLoader({
    ...{ sources: [], size, batchSize: BATCH, named: true },
    ...(workers === undefined ? {} : { workers }),
  });
  let done = had;
  const takeOne = async (): Promise<void> => {
    done += await writeBatch(loader, { images, checksums, from: done, bytes: size ** 2 * 3 });
    report?.({ done, total: count, unit: 'images', label: 'packing' });
  };
  try {
    let seen = 0;
    for await (const piece of paths) {
      if (signal?.aborted === true) break;
      const missing = piece.slice(Math.max(0, had - seen));
      seen += piece.length;
      for (let i = 0; i < missing.length; i += BATCH) {
        const items = missing.slice(i, i + BATCH);
        loader.request(items.map((path) => ({ index: path })));
        if (loader.pending() >= LOAD_AHEAD) await takeOne();
      }
    }
    while (loader.pending() > 0) await takeOne();
    await images.sync();
    await checksums.sync();
  } finally {
    await loader.close();
    await images.close();
    await checksums.close();
  }
  return done - had;
}

interface Batch {
  readonly images: FileHandle;
  readonly checksums: FileHandle;
  /** Index in the pack of its first image. */
  readonly from: number;
  /** Bytes per image. */
  readonly bytes: number;
}

/** Writes the next batch of a loader; returns how many images it has. */
async function writeBatch(loader: Loader, batch: Batch): Promise<number> {
  const { images, checksums, from, bytes } = batch;
  const pixels = await loader.take();
  const count = pixels.length / bytes;
  const sums = Buffer.alloc(4 * count);
  for (let i = 0; i < count; i++) {
    sums.writeUInt32LE(crc32(pixels.subarray(i * bytes, (i + 1) * bytes)), 4 * i);
  }
  // Checksums last, so that an image that has one is complete.
  await images.write(pixels, 0, pixels.length, PACK_START + from * bytes);
  await checksums.write(sums, 0, sums.length, 4 * from);
  return count;
}

async function openForWriting(path: string): Promise<FileHandle> {
  return await open(path, existsSync(path) ? 'r+' : 'w+');
}

/** Returns how many complete images an interrupted call left, and truncates the files after them. */
async function wholeImages(
  images: FileHandle,
  checksums: FileHandle,
  bytes: number,
): Promise<number> {
  const { size } = await checksums.stat();
  const sums = Buffer.alloc(size - (size % 4));
  await checksums.read(sums, 0, sums.length, 0);
  const image = Buffer.alloc(bytes);
  let whole = 0;
  for (; whole < sums.length / 4; whole++) {
    const { bytesRead } = await images.read(image, 0, bytes, PACK_START + whole * bytes);
    if (bytesRead !== bytes || crc32(image) !== sums.readUInt32LE(4 * whole)) break;
  }
  await images.truncate(PACK_START + whole * bytes);
  await checksums.truncate(4 * whole);
  return whole;
}
