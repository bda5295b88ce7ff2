import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { streamOf } from '@janus/core';
import sharp from 'sharp';
import { augment, AUGMENTATIONS, drawAugmentation } from '../augment/augment.js';
import { decodeImage } from '../decode/decode.js';
import { decodeImages } from './decode-images.js';
import { createLoader, type LoaderItem } from './loader.js';
import { fileSource, shareTexts, textAt } from './image-source.js';

const SIZE = 24;
const BYTES = SIZE * SIZE * 3;
let folder = '';
let paths: readonly string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-loader-'));
  paths = await Promise.all(
    Array.from({ length: 12 }, async (_, i) => {
      const stream = streamOf(i, 'noise');
      const pixels = Uint8Array.from({ length: 40 * 32 * 3 }, () => stream.integer(256));
      const image = sharp(pixels, { raw: { width: 40, height: 32, channels: 3 } });
      const path = join(folder, i % 3 === 0 ? `é ${i}.png` : `${i}.jpg`);
      await writeFile(path, await (i % 3 === 0 ? image.png() : image.jpeg()).toBuffer());
      return path;
    }),
  );
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const draws = (index: number, epoch: number): LoaderItem => ({
  index,
  draw: drawAugmentation(AUGMENTATIONS, { seed: 1, epoch, id: String(index), size: SIZE }),
});

describe('createLoader', () => {
  it('gives what decoding and augmenting one by one gives, with any number of threads', async () => {
    const batches = [
      [0, 1, 2, 3, 4],
      [11, 5],
      [6, 6, 7],
      [8, 9, 10, 0, 1],
      [2],
      [3, 4, 5, 6, 7],
      [1, 0],
    ].map((indices, epoch) => indices.map((index) => draws(index, epoch)));
    const expected = await Promise.all(
      batches.map(async (items) =>
        Buffer.concat(
          await Promise.all(
            items.map(async ({ index, draw }) =>
              augment(
                { pixels: await decodeImage(paths[Number(index)]!, SIZE), size: SIZE },
                draw!,
              ),
            ),
          ),
        ),
      ),
    );
    for (const [workers, ahead] of [
      [1, 1],
      [1, 3],
      [2, 2],
      [3, 4],
    ] as const) {
      const loader = createLoader({
        sources: [fileSource(paths)],
        size: SIZE,
        batchSize: 5,
        ahead,
        workers,
      });
      for (const items of batches) loader.request(items);
      expect(loader.pending()).toBe(batches.length);
      for (const pixels of expected) expect(Buffer.from(await loader.take())).toEqual(pixels);
      expect(loader.pending()).toBe(0);
      await loader.close();
    }
  });

  it('reads from several sources', async () => {
    const memory = new Uint8Array(new SharedArrayBuffer(2 * BYTES)).fill(9, BYTES);
    const sources = [{ kind: 'memory', pixels: memory } as const, fileSource(paths)];
    const loader = createLoader({ sources, size: SIZE, batchSize: 3, workers: 2 });
    loader.request([{ index: 1 }, { source: 1, index: 4 }, { index: 0 }]);
    const pixels = await loader.take();
    expect(new Set(pixels.subarray(0, BYTES))).toEqual(new Set([9]));
    expect(Uint8Array.from(pixels.subarray(BYTES, 2 * BYTES))).toEqual(
      await decodeImage(paths[4]!, SIZE),
    );
    expect(new Set(pixels.subarray(2 * BYTES))).toEqual(new Set([0]));
    await loader.close();
  });

  it('fills its ring while the main thread is blocked', async () => {
    const loader = createLoader({
      sources: [fileSource(paths)],
      size: SIZE,
      batchSize: 4,
      workers: 1,
    });
    loader.request([{ index: 0 }]);
    await loader.take();
    loader.request([{ index: 1 }, { index: 2 }, { index: 3 }, { index: 4 }]);
    const blocked = new Int32Array(new SharedArrayBuffer(4));
    // No event loop turns in here; a loader that needed it would never come to an end.
    for (let i = 0; i < 2000 && loader.progress() < 4; i++) Atomics.wait(blocked, 0, 0, 10);
    expect(loader.progress()).toBe(4);
    await loader.close();
  });

  it('names the file that is not an image, and stops', async () => {
    const bad = join(folder, 'bad.jpg');
    await writeFile(bad, 'no image');
    for (const [path, reason] of [
      [bad, 'must be a complete image'],
      [join(folder, 'absent.jpg'), 'ENOENT'],
    ] as const) {
      const loader = createLoader({
        sources: [fileSource([...paths, path])],
        size: SIZE,
        batchSize: 2,
        workers: 2,
      });
      loader.request([{ index: 0 }, { index: paths.length }]);
      await expect(loader.take()).rejects.toMatchObject({
        name: 'DataError',
        path,
        message: expect.stringContaining(reason) as string,
      });
      await loader.close();
    }
  });

  it('refuses a batch larger than its slots, and a take without a request', async () => {
    const loader = createLoader({
      sources: [fileSource(paths)],
      size: SIZE,
      batchSize: 2,
      workers: 1,
    });
    expect(() => {
      loader.request([{ index: 0 }, { index: 1 }, { index: 2 }]);
    }).toThrow('loader: a batch must have 1 to 2 images, but got 3');
    await expect(loader.take()).rejects.toThrow('loader: no batch was requested');
    await loader.close();
  });
});

it('decodeImages gives the same with and without threads, and reports its progress', async () => {
  const reported: number[] = [];
  const alone = await decodeImages(paths, SIZE, {
    workers: 0,
    report: ({ done }) => reported.push(done),
  });
  expect(reported).toEqual(paths.map((_, i) => i + 1));
  const threaded = await decodeImages(paths, SIZE, {
    workers: 2,
    report: ({ done }) => reported.push(done),
  });
  expect(Uint8Array.from(threaded)).toEqual(alone);
  expect(reported.at(-1)).toBe(paths.length);
  expect(await decodeImages([], SIZE)).toHaveLength(0);
});

it('shared texts are what they were', () => {
  const texts = ['', 'a/b.jpg', 'ünïcode 漢字', '', 'z'];
  const shared = shareTexts(texts);
  expect(texts.map((_, i) => textAt(shared, i))).toEqual(texts);
});
