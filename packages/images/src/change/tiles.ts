/** Tiles that overlap and cover an image, and the change that they amount to together. */
import { OptionsError } from '@janus/core';
import type { ImageSize, RgbImage } from '../decode/resample.js';
import { cosineRise, type Change } from './change.js';

/** Where the tiles of an image lie. */
export interface TileGrid {
  /** Side of a tile in pixels; it may reach beyond an image that is smaller. */
  readonly tile: number;
  readonly across: TileAxis;
  readonly down: TileAxis;
}

/** The tiles along one axis. */
interface TileAxis {
  /** First pixel of each tile. */
  readonly starts: readonly number[];
  /** Of each tile, the weight of each of its pixels within the image; at each pixel they add up to 1. */
  readonly weights: readonly Float64Array[];
}

/** Options of {@link tileGrid}. */
export interface TileOptions {
  /** Side in pixels. */
  readonly tile: number;
  /** Pixels that neighbours share at least, 0 to half a tile. */
  readonly overlap: number;
}

/**
 * Spreads tiles evenly over an image. Where they overlap, their weights rise and fall as half a cosine wave and are
 * divided by their sum.
 *
 * @throws OptionsError when the overlap is not a whole number from 0 to half a tile
 */
export function tileGrid({ width, height }: ImageSize, options: TileOptions): TileGrid {
  const { tile, overlap } = options;
  if (!Number.isInteger(overlap) || overlap < 0 || overlap > tile / 2) {
    throw new OptionsError(
      `tileGrid: overlap must be whole pixels from 0 to half a tile (${Math.floor(tile / 2)}), but got ${overlap}. Half a tile hides the seams best.`,
    );
  }
  return { tile, across: tileAxis(width, options), down: tileAxis(height, options) };
}

function tileAxis(length: number, { tile, overlap }: TileOptions): TileAxis {
  const count = length <= tile ? 1 : Math.ceil((length - overlap) / (tile - overlap));
  const starts = Array.from({ length: count }, (_, i) =>
    count === 1 ? 0 : Math.round((i * (length - tile)) / (count - 1)),
  );
  const raw = starts.map((start, i) =>
    Float64Array.from({ length: Math.min(tile, length - start) }, (_, p) => {
      const before = i === 0 ? overlap : p + 0.5;
      const after = i === count - 1 ? overlap : tile - p - 0.5;
      return cosineRise(before, overlap) * cosineRise(after, overlap);
    }),
  );
  const sums = new Float64Array(length);
  starts.forEach((start, i) => {
    raw[i]?.forEach((weight, p) => (sums[start + p] = (sums[start + p] ?? 0) + weight));
  });
  const weights = starts.map(
    (start, i) => raw[i]?.map((weight, p) => weight / (sums[start + p] ?? 1)) ?? new Float64Array(),
  );
  return { starts, weights };
}

/**
 * Cuts an image into tiles, row by row; beyond the edge of an image that is smaller than a tile, it is mirrored.
 *
 * @returns uint8 [tiles, tile, tile, 3]
 */
export function cutTiles({ pixels, width, height }: RgbImage, grid: TileGrid): Uint8Array {
  const { tile, across, down } = grid;
  const tiles = new Uint8Array(across.starts.length * down.starts.length * tile * tile * 3);
  let at = 0;
  for (const top of down.starts) {
    for (const left of across.starts) {
      for (let y = 0; y < tile; y++) {
        const row = mirrored(top + y, height) * width;
        for (let x = 0; x < tile; x++) {
          const from = (row + mirrored(left + x, width)) * 3;
          tiles[at++] = pixels[from] ?? 0;
          tiles[at++] = pixels[from + 1] ?? 0;
          tiles[at++] = pixels[from + 2] ?? 0;
        }
      }
    }
  }
  return tiles;
}

/** Returns the pixel that stands at a place which may lie beyond the last: the edge is a mirror, not repeated. */
function mirrored(place: number, length: number): number {
  if (length === 1) return 0;
  const within = place % (2 * length - 2);
  return within < length ? within : 2 * length - 2 - within;
}

/**
 * Returns the change that tiles amount to, each weighted by its place.
 *
 * @param before uint8 [tiles, tile, tile, 3], as {@link cutTiles} returns them; `after` the same, changed
 */
export function changeOfTiles(
  { before, after }: { readonly before: Uint8Array; readonly after: Uint8Array },
  grid: TileGrid,
  { width, height }: ImageSize,
): Change {
  const { tile, across, down } = grid;
  const values = new Float32Array(width * height * 3);
  down.starts.forEach((top, r) => {
    across.starts.forEach((left, c) => {
      const start = (r * across.starts.length + c) * tile * tile * 3;
      down.weights[r]?.forEach((weightY, y) => {
        across.weights[c]?.forEach((weightX, x) => {
          const weight = weightY * weightX;
          const from = start + (y * tile + x) * 3;
          const to = ((top + y) * width + left + x) * 3;
          for (let channel = 0; channel < 3; channel++) {
            const change = (after[from + channel] ?? 0) - (before[from + channel] ?? 0);
            values[to + channel] = (values[to + channel] ?? 0) + weight * change;
          }
        });
      });
    });
  });
  return { values, width, height };
}
