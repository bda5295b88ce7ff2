/** How a photo of any size reaches a generator, and how what comes back reaches the photo. */
import type { RgbImage } from '@janus/images';
import type { TranslatedImages } from '@janus/models';

/** The ways of `Fit`. */
export const FITS = ['resize', 'tile', 'square'] as const;

/**
 * `resize`: the photo is scaled to the run's size, and the change enlarged and added to the photo. `tile`: overlapping
 * tiles of the photo as it is, blended. `square`: the middle square, scaled to the run's size; what comes out is that small.
 */
export type FitName = (typeof FITS)[number];

/** Parts of a photo, all of one size, as a generator takes them. */
export interface Pieces {
  /** uint8 [N, height, width, 3]. */
  readonly images: Uint8Array;
  /** Pixels, a multiple of 4. */
  readonly height: number;
  /** Pixels, a multiple of 4. */
  readonly width: number;
  /**
   * Brings pieces back into the photo.
   *
   * @param after `images`, changed
   * @param strength what the change is multiplied by
   */
  readonly join: (after: TranslatedImages, strength: number) => RgbImage;
}

/** A photo that was read, and its pieces. */
export interface CutPhoto {
  /** As it goes in, upright; what comes out has its size. */
  readonly image: RgbImage;
  readonly pieces: Pieces;
  /** Faces found; absent where none were looked for. */
  readonly faces?: number;
}

/** A way to translate photos. */
export interface Fit {
  /**
   * Reads a photo and cuts it.
   *
   * @throws DataError when it cannot be read, or has nothing to translate
   */
  readonly cut: (file: string) => Promise<CutPhoto>;
  /** Says what happens to a photo, for people: part of a sentence. */
  readonly text: string;
  /** Disposes what the fit opened. */
  readonly dispose?: () => Promise<void>;
}
