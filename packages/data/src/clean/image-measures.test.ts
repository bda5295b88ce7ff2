import { expect, test } from 'vitest';
import { measureImage } from './image-measures.js';

const grey = (width: number, height: number, at: (x: number, y: number) => number) =>
  measureImage({
    pixels: Uint8Array.from({ length: width * height }, (_, i) =>
      at(i % width, Math.floor(i / width)),
    ),
    width,
    height,
    channels: 1,
  });

test('an image of one value has no contrast, entropy or edges', () => {
  for (const [width, height] of [
    [5, 7],
    [128, 128],
    [301, 517],
  ] as const) {
    const found = grey(width, height, () => 77);
    expect(found.deviation).toBeCloseTo(0, 6);
    expect(found.sharpness).toBeCloseTo(0, 6);
    expect(found.entropy).toBe(0);
    expect([found.percentile5, found.percentile99]).toEqual([77, 77]);
  }
});

test('a chessboard of small size: deviation, entropy and sharpness as by hand', () => {
  const found = grey(64, 64, (x, y) => ((x + y) % 2) * 200);
  expect(found.deviation).toBeCloseTo(100, 9);
  expect(found.entropy).toBeCloseTo(1, 9);
  // Each Laplacian is plus or minus 800, as often the one as the other.
  expect(found.sharpness).toBeCloseTo(640000, 3);
});

test('a ramp is reduced by means of areas: its deviation is that of the means', () => {
  // 256 columns of 0 to 255 become 128 of 0.5, 2.5, ...: variance (128^2 - 1) / 12 * 4.
  const found = grey(256, 130, (x) => x);
  expect(found.deviation).toBeCloseTo(Math.sqrt(((128 ** 2 - 1) / 12) * 4), 6);
  expect(found.sharpness).toBeCloseTo(0, 9);
  expect(found.entropy).toBeCloseTo(8, 9);
  expect([found.percentile5, found.percentile99]).toEqual([12, 253]);
});

test('a size that does not divide keeps the mean of every area', () => {
  // Left half 0, right half 240 at 200 columns: cells of 1.5625, the edge lies between two cells.
  const found = grey(200, 200, (x) => (x < 100 ? 0 : 240));
  expect(found.deviation).toBeCloseTo(120, 6);
});

test('what is transparent lies on white', () => {
  const pixels = new Uint8Array(40 * 40 * 4);
  const found = measureImage({ pixels, width: 40, height: 40, channels: 4 });
  expect([found.percentile5, found.percentile99]).toEqual([255, 255]);
});
