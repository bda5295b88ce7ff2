/** The parts of a photo that a network takes, and the way back into the photo. */
import { resample, type ImageSize, type RgbImage } from '../decode/resample.js';
import type { Part } from './change.js';
import { changedPart, type BentPart } from './changed-part.js';

/** What a network made of the pieces of a photo. */
export interface ChangedPieces {
  /** uint8 [N, height, width, 3]. */
  readonly images: Uint8Array;
  /** How it bent them, images and fields of all pieces one after the other; absent where it does not bend. */
  readonly bend?: BentPart | undefined;
}

/** Parts of a photo, all of one size, as a network takes them. */
export interface Pieces extends ImageSize {
  /** uint8 [N, height, width, 3]. */
  readonly images: Uint8Array;
  /**
   * Brings pieces back into the photo.
   *
   * @param after `images`, changed
   * @param strength what the change is multiplied by
   */
  readonly join: (after: ChangedPieces, strength: number) => RgbImage;
}

/** Share of a part's side over which its change fades into the photo. */
const FEATHER = 0.2;

/**
 * Returns the smallest size of a photo, in its own aspect, that covers another size: of a square, its shorter side is the
 * square's. Both sides are rounded.
 *
 * @param size side of the square in pixels, or both sides
 * @param multiple what both sides are a multiple of
 */
export function pieceSize(image: ImageSize, size: number | ImageSize, multiple: number): ImageSize {
  const { width, height } = typeof size === 'number' ? { width: size, height: size } : size;
  const scale = Math.max(width / image.width, height / image.height);
  const sideOf = (pixels: number): number =>
    multiple * Math.max(1, Math.round((pixels * scale) / multiple));
  return { width: sideOf(image.width), height: sideOf(image.height) };
}

/** Scales a whole photo to one piece; its change is enlarged and added to the photo. */
export function wholePieces(image: RgbImage, size: ImageSize): Pieces {
  const whole = { left: 0, top: 0, width: image.width, height: image.height };
  const images = resample(image, whole, size);
  return {
    ...{ images, width: size.width, height: size.height },
    join: (after, strength) => {
      const piece = { image, part: whole, strength, before: images, size };
      return changedPart({ ...piece, ...after });
    },
  };
}

/** Scales square parts of a photo to pieces of a size; each change is enlarged and fades out towards its part's edges. */
export function squarePieces(image: RgbImage, parts: readonly Part[], size: number): Pieces {
  const side = { width: size, height: size };
  const pieceOf = (all: Uint8Array, i: number): Uint8Array => shareOf(all, i, parts.length);
  const images = new Uint8Array(parts.length * size * size * 3);
  parts.forEach((part, i) => resample(image, part, { ...side, target: pieceOf(images, i) }));
  return {
    ...{ images, ...side },
    join: (after, strength) =>
      parts.reduce((over, part, i) => {
        const { bend } = after;
        return changedPart({
          ...{ image, part, strength, size: side, over, feather: FEATHER * part.width },
          before: pieceOf(images, i),
          images: pieceOf(after.images, i),
          bend: bend && {
            ...bend,
            images: pieceOf(bend.images, i),
            field: shareOf(bend.field, i, parts.length),
          },
        });
      }, image),
  };
}

/** Returns one of `count` equal shares. */
function shareOf<T extends Uint8Array | Float32Array>(all: T, i: number, count: number): T {
  const length = all.length / count;
  return all.subarray(i * length, (i + 1) * length) as T;
}
