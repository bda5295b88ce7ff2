import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contactSheet, figureSix } from './sheets.js';
import { PALETTE } from './theme.js';

const SIZE = 32;

const plain = (r: number, g: number, b: number): Uint8Array => {
  const pixels = new Uint8Array(SIZE * SIZE * 3);
  for (let i = 0; i < pixels.length; i += 3) pixels.set([r, g, b], i);
  return pixels;
};

const RED = plain(255, 0, 0);
const BLUE = plain(0, 0, 255);

/** The colour of the pixel at a place of a PNG. */
async function colourAt(png: Buffer, x: number, y: number): Promise<readonly number[]> {
  const { data } = await sharp(png)
    .extract({ left: x, top: y, width: 1, height: 1 })
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return [...data];
}

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-sheets-'));
  await writeFile(join(folder, 'broken.jpg'), 'not an image');
  await sharp(BLUE, { raw: { width: SIZE, height: SIZE, channels: 3 } }).toFile(
    join(folder, 'blue.png'),
  );
});

afterAll(() => rm(folder, { recursive: true }));

describe('contactSheet', () => {
  // 32 px cells: gap 6; no frames, no captions.
  test('lays images out row by row', async () => {
    const png = await contactSheet({
      images: [RED, join(folder, 'blue.png'), { data: BLUE, width: SIZE, height: SIZE }],
      columns: 2,
      cellSize: SIZE,
    });
    expect(await sharp(png).metadata()).toMatchObject({
      width: 2 * 32 + 3 * 6,
      height: 2 * 32 + 3 * 6,
    });
    expect(await colourAt(png, 6 + 16, 6 + 16)).toEqual([255, 0, 0]);
    expect(await colourAt(png, 44 + 16, 6 + 16)).toEqual([0, 0, 255]);
    expect(await colourAt(png, 6 + 16, 44 + 16)).toEqual([0, 0, 255]);
    expect(await colourAt(png, 44 + 16, 44 + 16)).toEqual([255, 255, 255]);
  });

  test('frames right and wrong images in the palette’s green and vermilion', async () => {
    const png = await contactSheet({
      images: [RED, RED],
      frames: ['right', 'wrong'],
      cellSize: SIZE,
    });
    const hex = (colour: readonly number[]): string =>
      `#${colour.map((each) => each.toString(16).padStart(2, '0')).join('')}`;
    expect(hex(await colourAt(png, 7, 7))).toBe(PALETTE.green);
    expect(hex(await colourAt(png, 6 + 38 + 6 + 1, 7))).toBe(PALETTE.vermilion);
  });

  test('writes captions below the images', async () => {
    const bare = await sharp(await contactSheet({ images: [RED], cellSize: 64 })).metadata();
    const png = await contactSheet({ images: [RED], captions: ['face 7\n93 %'], cellSize: 64 });
    const { width, height } = await sharp(png).metadata();
    expect(height).toBeGreaterThan(bare.height + 20);
    const below = await sharp(png)
      .extract({ left: 0, top: bare.height - 4, width, height: height - bare.height })
      .greyscale()
      .raw()
      .toBuffer();
    expect(Math.min(...below)).toBeLessThan(120);
  });

  test('crosses out what cannot be decoded instead of failing', async () => {
    const png = await contactSheet({
      images: [join(folder, 'broken.jpg'), join(folder, 'absent.jpg'), RED],
      cellSize: SIZE,
    });
    expect(await colourAt(png, 6 + 16, 8)).toEqual([238, 240, 243]);
    expect(await colourAt(png, 6 + 2 * 38 + 16, 22)).toEqual([255, 0, 0]);
  });

  test('refuses no images, captions of other images, and pixels of no square', async () => {
    await expect(contactSheet({ images: [] })).rejects.toThrow('at least one image');
    await expect(contactSheet({ images: [RED], captions: [] })).rejects.toThrow(
      'captions must have one entry per image (1), but got 0',
    );
    await expect(contactSheet({ images: [new Uint8Array(5)] })).rejects.toThrow(
      'uint8 [size, size, 3], but got 5 bytes',
    );
    await expect(contactSheet({ images: [RED], cellSize: 3 })).rejects.toThrow('cellSize');
  });
});

describe('figureSix', () => {
  test('puts each fake below its original, and the cycled ones below that', async () => {
    const png = await figureSix({
      originals: [RED, BLUE],
      fakes: [BLUE, RED],
      cycled: [RED, BLUE],
      cellSize: SIZE,
    });
    const { width } = await sharp(png).metadata();
    const last = width - 8 - SIZE / 2;
    const first = last - SIZE - 3;
    for (const [row, [left, right]] of [
      [RED, BLUE],
      [BLUE, RED],
      [RED, BLUE],
    ].entries()) {
      const y = 8 + row * (SIZE + 3) + SIZE / 2;
      expect(await colourAt(png, first, y)).toEqual([...left!.subarray(0, 3)]);
      expect(await colourAt(png, last, y)).toEqual([...right!.subarray(0, 3)]);
    }
  });

  test('refuses rows of different length', async () => {
    await expect(figureSix({ originals: [RED], fakes: [] })).rejects.toThrow(
      'one image per original, and at least one, but got 1, 0',
    );
  });
});
