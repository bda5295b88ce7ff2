/** How a photo of any size reaches a generator, and how what comes back reaches the photo. */
import type { Pieces, RgbImage } from '@janus/images';

/** The ways of `Fit`. */
export const FITS = ['resize', 'tile', 'square'] as const;

/**
 * `resize`: the photo is scaled to the run's size, and the change enlarged and added to the photo. `tile`: overlapping
 * tiles of the photo as it is, blended. `square`: the middle square, scaled to the run's size; what comes out is that small. Of a run whose
 * images are not square: the smallest size that covers its own, tiles of its shorter side, the middle part of its aspect.
 */
export type FitName = (typeof FITS)[number];

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
