/** The fits that translate a whole photo. */
import { sidesText } from '@janus/core';
import {
  addChange,
  changeOfTiles,
  cutTiles,
  decodeImage,
  decodeUpright,
  pieceSize,
  sidesFrom,
  tileGrid,
  wholePieces,
  type ImageSize,
  type Pieces,
  type TileOptions,
} from '@janus/images';
import type { CutPhoto, Fit } from './fit.js';

/** Translates the middle square at the run's size; of a size that is none, the middle part of its aspect. */
export function squareFit(size: ImageSize): Fit {
  const { width, height } = size;
  const part = width === height ? 'square' : 'part';
  return {
    text: `the middle ${part} at ${sidesText(width, height)} px`,
    cut: async (file) => {
      const image = { pixels: await decodeImage(file, sidesFrom(size)), ...size };
      return { image, pieces: wholePieces(image, size) };
    },
  };
}

/**
 * Translates the photo at the run's size: its shorter side has it; of a size that is not square, it covers that size.
 *
 * @param multiple what the sides of a generator's images must be multiples of
 */
export function resizeFit(size: ImageSize, multiple = 4): Fit {
  return {
    text: `the change at ${sidesText(size.width, size.height)} px, enlarged and added to the photo`,
    cut: async (file) => {
      const image = await decodeUpright(file);
      return { image, pieces: wholePieces(image, pieceSize(image, size, multiple)) };
    },
  };
}

/** Translates tiles of the photo at its own size. */
export function tileFit(options: TileOptions): Fit {
  const { tile, overlap } = options;
  return {
    text: `tiles of ${tile} px at the photo's own size, neighbours blended over ${overlap} px or more`,
    cut: async (file): Promise<CutPhoto> => {
      const image = await decodeUpright(file);
      const grid = tileGrid(image, options);
      const before = cutTiles(image, grid);
      const join: Pieces['join'] = (after, strength) =>
        addChange(image, changeOfTiles({ before, after: after.images }, grid, image), { strength });
      return { image, pieces: { images: before, width: tile, height: tile, join } };
    },
  };
}
