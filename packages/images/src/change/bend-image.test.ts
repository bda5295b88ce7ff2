import { expect, it } from 'vitest';
import { bendImage } from './bend-image.js';

/** A ramp to the right: the red of a pixel is twice its column, the green twice its row. */
function ramp(
  width: number,
  height: number,
): {
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
} {
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) pixels.set([2 * x, 2 * y, 7], (y * width + x) * 3);
  }
  return { pixels, width, height };
}

const fieldOf = (right: number, down: number): Parameters<typeof bendImage>[1] => ({
  ...{ width: 3, height: 2 },
  values: Float32Array.from({ length: 12 }, (_, i) => (i % 2 === 0 ? right : down)),
});

it('bendImage fetches every pixel from where the field says, and repeats the border', () => {
  const image = ramp(40, 30);
  expect(bendImage(image, fieldOf(0, 0))).toEqual(image);
  const { pixels } = bendImage(image, fieldOf(0.1, -0.05));
  const at = (x: number, y: number): readonly number[] => [
    ...pixels.subarray((y * 40 + x) * 3, (y * 40 + x) * 3 + 3),
  ];
  // A tenth of 40 to the right, a twentieth of 30 up: 4 and 1.5 pixels.
  expect(at(10, 10)).toEqual([28, 17, 7]);
  expect(at(38, 10)).toEqual([78, 17, 7]);
  expect(at(10, 0)).toEqual([28, 0, 7]);
  const half = bendImage(image, fieldOf(0.1, 0), { strength: 0.5 });
  expect(half.pixels[(10 * 40 + 10) * 3]).toBe(24);
});

it('bendImage leaves all outside its part alone, and takes from outside', () => {
  const image = ramp(40, 30);
  const part = { left: 10, top: 5, width: 20, height: 10 };
  const { pixels } = bendImage(image, fieldOf(0.2, 0), { part });
  const red = (x: number, y: number): number => pixels[(y * 40 + x) * 3]!;
  expect([red(9, 8), red(30, 8), red(15, 4), red(15, 15)]).toEqual([18, 60, 30, 30]);
  // A fifth of the part's 20.
  expect([red(10, 5), red(29, 14)]).toEqual([28, 66]);
});
