import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FIRST_BATCH } from '@janus/core';
import sharp from 'sharp';
import { labelledBatches } from '../batches.js';
import { decodeImages } from './decode-images.js';
import { openLoader } from './in-process-loader.js';
import { MIN_IMAGES_FOR_THREADS } from './loader.js';
import { imageSetOfFiles, pixelsOf, type ImageSet } from './image-set.js';
import type { CachedSource } from './image-source.js';

const SIZE = 8;
const BATCH = 16;
/** More than a loader decodes without threads. */
const COUNT = MIN_IMAGES_FOR_THREADS + 10;
let root = '';
let paths: readonly string[] = [];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-kept-'));
  const files = await Promise.all(
    ['#400', '#040', '#004'].map(async (background, i) => {
      const path = join(root, `${i}.jpg`);
      await sharp({ create: { width: 20, height: 20, channels: 3, background } }).toFile(path);
      return path;
    }),
  );
  paths = Array.from({ length: COUNT }, (_, i) => files[i % 3] ?? '');
});

afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

const open = (some: readonly string[]): ImageSet =>
  imageSetOfFiles(
    some.map((path, i) => ({ id: String(i), path })),
    // Not the machine's free memory: these few images are always cached.
    { size: SIZE, memoryBytes: Infinity },
  );

const undecoded = ({ source }: ImageSet): number =>
  (source as CachedSource).decoded.filter((each) => each === 0).length;

/** Pixels of `epochs` epochs of batches, one after the other. */
async function epochs(images: ImageSet, count: number): Promise<Uint8Array> {
  const labels = images.ids.map(() => 0);
  const source = labelledBatches({ images, labels, batchSize: BATCH, seed: 1, flip: true });
  const made: Uint8Array[] = [];
  for await (const batch of source.batches(FIRST_BATCH)) {
    made.push(batch.images);
    if (made.length === count * source.stepsPerEpoch) break;
  }
  return Buffer.concat(made);
}

describe('images that are cached once they are decoded', () => {
  it('give what images in memory give, in the first epoch and in later ones', async () => {
    for (const some of [paths, paths.slice(0, 20)]) {
      const cached = open(some);
      const pixels = await decodeImages(some, SIZE);
      const memory: ImageSet = { ...cached, source: { kind: 'memory', pixels } };
      expect(undecoded(cached)).toBe(some.length);
      expect(await epochs(cached, 2)).toEqual(await epochs(memory, 2));
      expect(undecoded(cached)).toBe(0);
      expect(await pixelsOf(cached)).toEqual(Uint8Array.from(pixels));
    }
  });

  it('are not read a second time', async () => {
    const path = join(root, 'once.jpg');
    await sharp({ create: { width: 9, height: 9, channels: 3, background: '#777' } }).toFile(path);
    const cached = open([...paths, path]);
    const first = await epochs(cached, 1);
    await rm(path);
    expect(await epochs(cached, 1)).toEqual(first);
    const other = open([path]);
    await expect(epochs(other, 1)).rejects.toThrow(path);
  });

  it('are read through threads until all are there, and end them then', async () => {
    const { source } = open(paths);
    const loader = openLoader({
      ...{ sources: [source], size: SIZE, batchSize: COUNT },
      ...{ changed: false, workers: 2 },
    });
    const all = paths.map((_, index) => ({ index }));
    loader.request(all);
    loader.request(all);
    expect(loader.pending()).toBe(2);
    const [first, second] = [await loader.take(), await loader.take()];
    expect(second).toEqual(first);
    // What was taken is the taker's: nothing writes to it any more.
    const copy = first.slice();
    loader.request([{ index: 1 }]);
    expect(await loader.take()).toEqual(copy.subarray(SIZE * SIZE * 3, 2 * SIZE * SIZE * 3));
    expect(first).toEqual(copy);
    await expect(loader.take()).rejects.toThrow('no batch was requested');
    await loader.close();
  });

  it('name the file that is not an image', async () => {
    const path = join(root, 'bad.jpg');
    await writeFile(path, 'no image');
    for (const before of [paths, paths.slice(0, 3)]) {
      const cached = open([...before, path]);
      await expect(epochs(cached, 1)).rejects.toThrow(`${path}: must be a complete image, but `);
      await expect(pixelsOf(cached)).rejects.toThrow(`${path}: must be a complete image, but `);
    }
  });
});

describe('images that exceed the largest array', () => {
  it('are decoded on every use whatever memory there is, and refuse to become one array', async () => {
    const lines: string[] = [];
    const many = imageSetOfFiles(
      Array.from({ length: 30_000 }, (_, i) => ({ id: String(i), path: 'a.jpg' })),
      { size: 224, memoryBytes: Infinity, line: (text) => lines.push(text) },
    );
    expect(many.source.kind).toBe('files');
    expect(lines).toEqual([
      'Images: 30000 of 224 px take 4516 MB, more than the memory available (4295 MB); decoding in every epoch.',
    ]);
    await expect(pixelsOf(many)).rejects.toThrow(
      'images: must take at most 4295 MB together, but 30000 of 224 px take 4516 MB. Use fewer or smaller images.',
    );
  });
});
