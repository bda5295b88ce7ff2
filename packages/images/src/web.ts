/** What a browser can load of `@janus/images`: pixels that are decoded already. Nothing here reaches `node:*`. */
export { middleSquare, resample, type ImageSize, type RgbImage } from './decode/resample.js';
export type { Part } from './change/change.js';
export {
  pieceSize,
  squarePieces,
  wholePieces,
  type ChangedPieces,
  type Pieces,
} from './change/pieces.js';
export { regionOf, type PixelBox } from './crop-geometry.js';
