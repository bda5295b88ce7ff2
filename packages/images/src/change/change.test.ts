import { streamOf } from '@janus/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RgbImage } from '../decode/resample.js';
import { addChange, changeOf } from './change.js';
import { changeOfTiles, cutTiles, tileGrid } from './tiles.js';

/** Largest rounding error of a sum of weights in float32, times 255. */
const FLOAT32_SUM = 1e-3;

function noise(width: number, height: number, seed = 1): RgbImage {
  const stream = streamOf(seed, 'noise');
  const pixels = Uint8Array.from({ length: width * height * 3 }, () => stream.integer(256));
  return { pixels, width, height };
}

const flat = (width: number, height: number, value: number): Float32Array =>
  new Float32Array(width * height * 3).fill(value);

describe('addChange', () => {
  it('turns the image before into the one after, at their own size and strength 1', () => {
    const [before, after] = [noise(7, 5, 1), noise(7, 5, 2)];
    const change = changeOf(before.pixels, after.pixels, before);
    expect(addChange(before, change)).toEqual(after);
    expect(addChange(before, change, { strength: 0 })).toEqual(before);
  });

  it('adds half of a change at strength 0.5, and clips what leaves 0 to 255', () => {
    const image = { pixels: Uint8Array.of(100, 250, 5), width: 1, height: 1 };
    const change = { values: Float32Array.of(40, 40, -40), width: 1, height: 1 };
    expect([...addChange(image, change, { strength: 0.5 }).pixels]).toEqual([120, 255, 0]);
    expect([...addChange(image, change, { strength: 1.5 }).pixels]).toEqual([160, 255, 0]);
  });

  it('gives a change of one value to every pixel, whatever the sizes', () => {
    fc.assert(
      fc.property(
        fc.tuple(...[9, 9, 40, 40].map((max) => fc.integer({ min: 1, max }))),
        ([w, h, width, height]) => {
          const pixels = new Uint8Array(width! * height! * 3).fill(90);
          const change = { values: flat(w!, h!, 31), width: w!, height: h! };
          const made = addChange({ pixels, width: width!, height: height! }, change);
          return made.pixels.every((value) => value === 121);
        },
      ),
    );
  });

  // tools/oracles/enlarge_change.py: Pillow's bicubic filter of floats, 3x2 to 7x5.
  it('enlarges as Pillow does', () => {
    const change = { values: flat(3, 2, 0), width: 3, height: 2 };
    [10, -60, 80, 0, 90, -30].forEach((value, i) => change.values.fill(value, 3 * i, 3 * i + 3));
    const grey = { pixels: new Uint8Array(7 * 5 * 3).fill(128), width: 7, height: 5 };
    const made = addChange(grey, change);
    const red = Array.from({ length: 35 }, (_, i) => made.pixels[3 * i]! - 128);
    expect(red).toEqual([
      19, 2, -48, -75, -8, 75, 107, 15, 3, -32, -50, 0, 61, 85, 4, 6, 10, 15, 20, 24, 26, -7, 9, 52,
      80, 40, -12, -33, -11, 10, 68, 105, 48, -26, -55,
    ]);
  });

  it('leaves all outside its part alone, and rises within a feather but for the edges of the image', () => {
    const image = { pixels: new Uint8Array(12 * 10 * 3).fill(100), width: 12, height: 10 };
    const change = { values: flat(2, 2, 50), width: 2, height: 2 };
    const part = { left: 0, top: 2, width: 8, height: 6 };
    const { pixels } = addChange(image, change, { part, feather: 2 });
    const at = (x: number, y: number): number => pixels[(y * 12 + x) * 3]! - 100;
    expect([at(8, 4), at(3, 1), at(3, 8), at(11, 9)]).toEqual([0, 0, 0, 0]);
    // Half a cosine wave at 0.5 and 1.5 of 2 pixels: 0.146 and 0.854.
    expect([at(7, 4), at(6, 4), at(5, 4)]).toEqual([7, 43, 50]);
    expect([at(3, 2), at(3, 3), at(3, 4)]).toEqual([7, 43, 50]);
    expect(at(0, 4)).toBe(50);
  });

  it('refuses images of other sizes', () => {
    expect(() => changeOf(new Uint8Array(12), new Uint8Array(9), { width: 2, height: 2 })).toThrow(
      'changeOf: both images must be [2, 2, 3], but got 12 and 9 numbers.',
    );
  });
});

describe('tiles', () => {
  const options = fc.record({
    width: fc.integer({ min: 1, max: 60 }),
    height: fc.integer({ min: 1, max: 60 }),
    tile: fc.integer({ min: 4, max: 16 }),
    share: fc.double({ min: 0, max: 0.5, noNaN: true }),
  });

  it('cover every pixel with weights that add up to 1, neighbours sharing at least the overlap', () => {
    fc.assert(
      fc.property(options, ({ width, height, tile, share }) => {
        const overlap = Math.floor(tile * share);
        const grid = tileGrid({ width, height }, { tile, overlap });
        const sums = new Float64Array(width);
        grid.across.starts.forEach((start, i) => {
          grid.across.weights[i]!.forEach((weight, p) => (sums[start + p]! += weight));
          const next = grid.across.starts[i + 1];
          if (next !== undefined) expect(start + tile - next).toBeGreaterThanOrEqual(overlap);
        });
        return sums.every((sum) => Math.abs(sum - 1) < 1e-12);
      }),
    );
  });

  it('amount to the change of the whole image where each tile has its own part of it', () => {
    fc.assert(
      fc.property(options, ({ width, height, tile, share }) => {
        const grid = tileGrid({ width, height }, { tile, overlap: Math.floor(tile * share) });
        const [image, other] = [noise(width, height, 1), noise(width, height, 2)];
        const before = cutTiles(image, grid);
        const after = cutTiles(other, grid);
        const { values } = changeOfTiles({ before, after }, grid, image);
        return values.every(
          (value, i) => Math.abs(value - (other.pixels[i]! - image.pixels[i]!)) < FLOAT32_SUM,
        );
      }),
      { numRuns: 40 },
    );
  });

  it('mirror an image that is smaller than a tile', () => {
    const pixels = Uint8Array.from([1, 1, 1, 2, 2, 2, 3, 3, 3]);
    const image = { pixels, width: 3, height: 1 };
    const tiles = cutTiles(image, tileGrid(image, { tile: 4, overlap: 0 }));
    const row = [0, 1, 2, 3].map((x) => tiles[3 * x]);
    expect(row).toEqual([1, 2, 3, 2]);
    expect(tiles).toHaveLength(4 * 4 * 3);
  });

  it('refuse an overlap above half a tile', () => {
    expect(() => tileGrid({ width: 9, height: 9 }, { tile: 8, overlap: 5 })).toThrow(
      'overlap must be whole pixels from 0 to half a tile (4), but got 5',
    );
  });
});
