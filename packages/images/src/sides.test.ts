/** Images that are not square, from file to batch. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { streamOf, type BatchSource, type UnpairedBatch } from '@janus/core';
import sharp from 'sharp';
import {
  augment,
  AUGMENTATIONS,
  drawAugmentation,
  MIRRORED,
  UNCHANGED,
  type AugmentDraw,
} from './augment/augment.js';
import { pieceSize } from './change/pieces.js';
import { decodeImage } from './decode/decode.js';
import { resizeImages } from './decode/resize-images.js';
import { middlePart, middleSquare, resample, type ImageSize } from './decode/resample.js';
import { unpairedBatches } from './domain-batches.js';
import { imageSetOfFiles, pixelsOf } from './loader/image-set.js';

/** Mean distance of two decoders' pixels, out of 255: they round, and widen chroma, differently. */
const DECODERS = 1;
const SIZES: readonly ImageSize[] = [
  { width: 24, height: 40 },
  { width: 40, height: 24 },
];

function drawn(width: number, height: number): Uint8Array {
  return Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y, c] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3];
    return 128 + 60 * Math.sin(x / 9 + c) + 60 * Math.sin(y / 13 + (x * c) / 40);
  });
}

const encoded = (width: number, height: number): sharp.Sharp =>
  sharp(drawn(width, height), { raw: { width, height, channels: 3 } });

let folder = '';
let paths: readonly string[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-sides-'));
  paths = await Promise.all(
    Array.from({ length: 5 }, async (_, i) => {
      const path = join(folder, `${i}.png`);
      await writeFile(
        path,
        await encoded(50 + 7 * i, 60 - 5 * i)
          .png()
          .toBuffer(),
      );
      return path;
    }),
  );
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

it('the middle part has the aspect that is wanted, touches two edges, and of a square is the middle square', () => {
  expect(middlePart({ width: 100, height: 50 }, { width: 20, height: 40 })).toEqual({
    ...{ left: 37.5, top: 0, width: 25, height: 50 },
  });
  expect(middlePart({ width: 50, height: 100 }, { width: 40, height: 20 })).toEqual({
    ...{ left: 0, top: 37.5, width: 50, height: 25 },
  });
  for (const [width, height] of [
    [101, 67],
    [67, 101],
    [64, 64],
  ] as const) {
    const part = middlePart({ width, height }, { width: 48, height: 48 });
    expect(part).toEqual(middleSquare({ width, height }));
  }
});

describe('decodeImage of both sides', () => {
  it.each(SIZES)('gives what sharp gives at %o, for every EXIF orientation', async (size) => {
    for (const [width, height] of [
      [70, 61],
      [150, 130],
    ] as const) {
      for (let orientation = 1; orientation <= 8; orientation++) {
        const bytes = await encoded(width, height)
          .withMetadata({ orientation })
          .jpeg({ quality: 95 })
          .toBuffer();
        const plain = await sharp(bytes).keepExif().jpeg({ quality: 95 }).toBuffer();
        for (const each of [bytes, plain]) {
          const found = await decodeImage(each, { size: size.height, width: size.width });
          const expected = await sharp(each)
            .rotate()
            .resize({ ...size, fit: 'cover', kernel: 'lanczos3' })
            .raw()
            .toBuffer();
          expect(found).toHaveLength(expected.length);
          const sum = found.reduce((total, value, i) => total + Math.abs(value - expected[i]!), 0);
          // sharp crops to whole pixels, we between them.
          expect(sum / found.length, String(orientation)).toBeLessThan(3 * DECODERS);
        }
      }
    }
  });

  it('gives the same square with a width as without', async () => {
    const bytes = await encoded(90, 70).jpeg().toBuffer();
    expect(await decodeImage(bytes, { size: 32, width: 32 })).toEqual(await decodeImage(bytes, 32));
  });
});

describe('an augmentation', () => {
  const mirror = ({ width }: ImageSize, pixels: Uint8Array): Uint8Array =>
    pixels.map((_, i) => {
      const [x, c] = [Math.floor(i / 3) % width, i % 3];
      return pixels[i - 3 * x - c + 3 * (width - 1 - x) + c]!;
    });

  it.each(SIZES)('mirrors, turns, cuts and crops %o', (size) => {
    const { width, height } = size;
    const pixels = drawn(width, height);
    const image = { pixels, size: height, width };
    const changed = (draw: Partial<AugmentDraw>): Uint8Array =>
      augment(image, { ...UNCHANGED, ...draw });
    expect(augment(image, MIRRORED)).toEqual(mirror(size, pixels));
    const turned = changed({ turn: { angleDegrees: 180, zoom: 1 } });
    const upsideDown = pixels.map((_, i) => pixels[pixels.length - 3 - (i - (i % 3)) + (i % 3)]!);
    expect(turned).toEqual(upsideDown);
    const hole = changed({ cutout: { left: width - 2, top: height - 3, side: 8 } });
    const grey = Array.from({ length: width * height }, (_, i) => hole[3 * i]).filter(
      (value, i) => value === 128 && pixels[3 * i] !== 128,
    );
    expect(grey.length).toBeLessThanOrEqual(6);
    expect(hole.slice(-6)).toEqual(Uint8Array.from({ length: 6 }, () => 128));
    const crop = { left: 2, top: 3, width: width / 2, height: height / 2 };
    expect(changed({ crop })).toEqual(resample({ pixels, ...size }, crop, size));
  });

  it('draws crops and cuts within both sides, and of a square what it draws without a width', () => {
    for (let i = 0; i < 50; i++) {
      for (const kinds of [['crop'], ['jitter'], ['cutout'], AUGMENTATIONS] as const) {
        const at = { seed: 1, epoch: i, id: 'a' };
        const { crop, cutout } = drawAugmentation(kinds, { ...at, size: 40, width: 24 });
        expect(crop.left + crop.width).toBeLessThanOrEqual(24);
        expect(crop.top + crop.height).toBeLessThanOrEqual(40);
        expect(cutout.left).toBeLessThan(24);
        expect(drawAugmentation(kinds, { ...at, size: 40, width: 40 })).toEqual(
          drawAugmentation(kinds, { ...at, size: 40 }),
        );
      }
    }
  });
});

it.each(SIZES)('a set of files of %o is decoded, kept and augmented in its shape', async (size) => {
  const sides = { size: size.height, width: size.width };
  const set = imageSetOfFiles(
    paths.map((path, i) => ({ id: String(i), path })),
    sides,
  );
  const each = await Promise.all(paths.map((path) => decodeImage(path, sides)));
  expect(Uint8Array.from(await pixelsOf(set))).toEqual(new Uint8Array(Buffer.concat(each)));
  const first = async (source: BatchSource<UnpairedBatch>): Promise<UnpairedBatch> => {
    for await (const batch of source.batches({ epoch: 0, batch: 0 })) return batch;
    throw new Error('there was no batch');
  };
  // With threads, since jitter takes longer than copying.
  const options = { imagesX: set, imagesY: set, batchSize: 2, seed: 3 };
  const batch = await first(unpairedBatches({ ...options, augment: ['jitter', 'flip'] }));
  expect(batch).toMatchObject({ size: 2, ...size });
  const context = { seed: 3, epoch: 0, ...sides };
  const expected = batch.idsX.map((id) =>
    augment(
      { pixels: each[Number(id)]!, ...sides },
      drawAugmentation(['jitter', 'flip'], { ...context, id }),
    ),
  );
  expect(Uint8Array.from(batch.imagesX)).toEqual(new Uint8Array(Buffer.concat(expected)));
});

it('resizeImages scales the middle square of images that are none, and keeps an aspect where both sides are given', async () => {
  const stream = streamOf(1, 'columns');
  const column = Array.from({ length: 32 }, () => stream.integer(256));
  const pixels = Uint8Array.from({ length: 8 * 32 * 3 }, (_, i) => column[Math.floor(i / 3) % 32]!);
  const image = { pixels, count: 1, size: 8, width: 32 };
  const square = await resizeImages(image, 8);
  expect([...square.subarray(0, 24)].filter((_, i) => i % 3 === 0)).toEqual(column.slice(12, 20));
  expect(await resizeImages(image, { width: 32, height: 8 })).toBe(pixels);
  expect(await resizeImages(image, { width: 64, height: 16 })).toHaveLength(64 * 16 * 3);
});

it('pieceSize covers both sides of a size in the aspect of the photo', () => {
  const portrait = { width: 64, height: 96 };
  expect(pieceSize({ width: 640, height: 960 }, portrait, 4)).toEqual(portrait);
  expect(pieceSize({ width: 300, height: 200 }, portrait, 4)).toEqual({ width: 144, height: 96 });
  expect(pieceSize({ width: 100, height: 400 }, portrait, 4)).toEqual({ width: 64, height: 256 });
  for (const photo of [
    { width: 111, height: 70 },
    { width: 70, height: 111 },
  ]) {
    expect(pieceSize(photo, { width: 64, height: 64 }, 4)).toEqual(pieceSize(photo, 64, 4));
  }
});
