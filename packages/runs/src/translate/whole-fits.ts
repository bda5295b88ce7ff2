/** The fits that translate a whole photo. */
import {
  addChange,
  changeOfTiles,
  cutTiles,
  decodeImage,
  decodeUpright,
  pieceSize,
  tileGrid,
  wholePieces,
  type Pieces,
  type TileOptions,
} from '@janus/images';
import type { CutPhoto, Fit } from './fit.js';

/** Translates the middle square at the run's size. */
export function squareFit(size: number): Fit {
  return {
    text: `the middle square at ${size} px`,
    cut: async (file) => {
      const image = { pixels: await decodeImage(file, size), width: size, height: size };
      return { image, pieces: wholePieces(image, { width: size, height: size }) };
    },
  };
}

/**
 * Translates the photo at the run's size: its shorter side has it.
 *
 * @param multiple what the sides of a generator's images must be multiples of
 */
export function resizeFit(size: number, multiple = 4): Fit {
  return {
    text: `the change at ${size} px, enlarged and added to the photo`,
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
