import { createHash } from 'node:crypto';
import { OptionsError, type DetectFaces, type ProgressListener } from '@janus/core';

/** What happens to an image with several faces. */
type SeveralFaces = 'reject' | 'largest' | 'surest' | 'middle';

/** Options of {@link cropDataset}. */
export interface CropOptions {
  /**
   * `box`: by the boxes of the manifest; `face`: by a face that `detect` finds. Default: `box` where the
   * source has boxes, else `face`.
   */
  readonly by?: 'box' | 'face';
  /** Finds faces; required for `face`. */
  readonly detect?: DetectFaces;
  /** Name of the detector, for the record; default `unnamed`. */
  readonly detector?: string;
  /** Side of the crops in pixels, 16 to 2048; default 224, the size that VGG-16 takes. */
  readonly size?: number;
  /**
   * Margin added at each side of the box, as a fraction of its longer side, 0 to 4; default 0 by box, 0.4 by face,
   * since a detected face ends at brow and chin, while a portrait shows hair and neck.
   */
  readonly margin?: number;
  /**
   * `square` (default) for crops of one size; `box` keeps the box's aspect ratio, with its longer side
   * `size`.
   */
  readonly shape?: 'square' | 'box';
  /** Whether crops have one channel instead of three; default false. */
  readonly grey?: boolean;
  /** `jpg` (default; quality 95, 4:4:4) or `png`, lossless and about five times as large. */
  readonly format?: 'jpg' | 'png';
  /**
   * Longer side in pixels below which boxes and faces do not count, at least 1; default 32, the side below which
   * `cleanDataset` removes images.
   */
  readonly minSide?: number;
  /**
   * An image without a face: `reject` it (default, as the paper does), or `keep` the square in its middle.
   */
  readonly withoutFace?: 'reject' | 'keep';
  /**
   * An image with several faces: `reject` it (default, since nothing says whose labels they are), or take the
   * `largest`, the `surest`, or the one nearest to the `middle` of the image.
   */
  readonly severalFaces?: SeveralFaces;
  readonly report?: ProgressListener;
  /** Ends the run after the images under way; the next run resumes it. */
  readonly signal?: AbortSignal;
}

/** {@link CropOptions} with their defaults, as they are recorded. */
export interface ResolvedCropOptions {
  readonly by: 'box' | 'face';
  readonly detector: string | null;
  readonly size: number;
  readonly margin: number;
  readonly shape: 'square' | 'box';
  readonly grey: boolean;
  readonly format: 'jpg' | 'png';
  readonly minSide: number;
  readonly withoutFace: 'reject' | 'keep';
  readonly severalFaces: SeveralFaces;
}

/** The default of {@link CropOptions.margin}. */
export const CROP_MARGIN: Readonly<Record<'box' | 'face', number>> = { box: 0, face: 0.4 };

/**
 * Returns the options with their defaults.
 *
 * @param boxed whether the data set has boxes
 * @throws OptionsError when one is out of range, or there are no boxes or no detector to crop by
 */
export function resolveCropOptions(options: CropOptions, boxed: boolean): ResolvedCropOptions {
  const { by = boxed ? 'box' : 'face', detect, detector = null, size = 224 } = options;
  const { margin = CROP_MARGIN[by], minSide = 32, shape = 'square', grey = false } = options;
  const { format = 'jpg', withoutFace = 'reject', severalFaces = 'reject' } = options;
  const check = (good: boolean, name: string, rule: string): void => {
    if (good) return;
    throw new OptionsError(`cropDataset: ${name} must be ${rule}. Leave it out for the default.`);
  };
  check(
    Number.isInteger(size) && size >= 16 && size <= 2048,
    'size',
    `a whole number of pixels from 16 to 2048, but got ${size}`,
  );
  check(margin >= 0 && margin <= 4, 'margin', `from 0 to 4, but got ${margin}`);
  check(
    Number.isInteger(minSide) && minSide >= 1,
    'minSide',
    `a whole number of pixels of at least 1, but got ${minSide}`,
  );
  if (by === 'box' && !boxed) {
    throw new OptionsError(
      'cropDataset: by box needs boxes, but the data set has none. Import it with its columns of boxes, or crop by face.',
    );
  }
  if (by === 'face' && detect === undefined) {
    throw new OptionsError(
      'cropDataset: by face needs a face detector, but got none. Pass `detect` from loadFaceDetector of @janus/models.',
    );
  }
  return {
    by,
    detector: by === 'face' ? (detector ?? 'unnamed') : null,
    ...{ size, margin, shape, grey, format, minSide, withoutFace, severalFaces },
  };
}

/** Returns the name of the folder of the crops that were made with these options. */
export function cropKey(options: ResolvedCropOptions): string {
  const text = JSON.stringify(options, Object.keys(options).sort());
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 12);
  return `${options.size}px-${digest}`;
}
