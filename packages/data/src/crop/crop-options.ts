import { createHash } from 'node:crypto';
import { OptionsError, type DetectFaces, type ProgressListener } from '@janus/core';

/** What becomes of an image with several faces. */
type SeveralFaces = 'reject' | 'largest' | 'surest' | 'middle';

/** Options of {@link cropDataset}. */
export interface CropOptions {
  /**
   * `box`: by the boxes of the manifest; `face`: by a face that `detect` finds. Default: `box` where the
   * source has boxes, else `face`.
   */
  readonly by?: 'box' | 'face';
  /** Finds faces; needed for `face`. */
  readonly detect?: DetectFaces;
  /** What finds them, for the record. */
  readonly detector?: string;
  /** Side of the images in pixels, 16 to 2048; default 224, what VGG-16 sees. */
  readonly size?: number;
  /**
   * Added at each side of the box, as a share of its longer side, 0 to 4; default 0 by box, 0.4 by face:
   * a detected face ends at brow and chin, and a head-shot shows hair and neck.
   */
  readonly margin?: number;
  /** `square` (default) for uniform images; `box` keeps the box's shape, its longer side `size`. */
  readonly shape?: 'square' | 'box';
  /** One channel instead of three; default false. */
  readonly grey?: boolean;
  /** `jpg` (default, quality 95, colours at full resolution) or `png`, without loss and five times as large. */
  readonly format?: 'jpg' | 'png';
  /**
   * Boxes and faces whose longer side is shorter than so many pixels do not count; default 32, the side
   * below which `clean` takes images out.
   */
  readonly minSide?: number;
  /** An image without a face: `reject` (default, as the paper), or `keep` the square in its middle. */
  readonly withoutFace?: 'reject' | 'keep';
  /**
   * An image with several: `reject` (default: whose labels are they?), the `largest`, the `surest`, or the
   * one nearest to the `middle` of the image.
   */
  readonly severalFaces?: SeveralFaces;
  readonly report?: ProgressListener;
  /** Ends the work after the images in hand; another run goes on. */
  readonly signal?: AbortSignal;
}

/** Options with all that was left out. */
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

/** What `--margin` is where nothing is said. */
export const CROP_MARGIN: Readonly<Record<'box' | 'face', number>> = { box: 0, face: 0.4 };

/**
 * Returns the options with their defaults.
 *
 * @param boxed whether the data set has boxes
 * @throws OptionsError when one is out of its range, or there is nothing to crop by
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
    `whole pixels from 16 to 2048, but got ${size}`,
  );
  check(margin >= 0 && margin <= 4, 'margin', `from 0 to 4, but got ${margin}`);
  check(
    Number.isInteger(minSide) && minSide >= 1,
    'minSide',
    `whole pixels of at least 1, but got ${minSide}`,
  );
  if (by === 'box' && !boxed) {
    throw new OptionsError(
      'cropDataset: by box needs boxes, but the data set has none. Import it with its columns of boxes, or crop by face.',
    );
  }
  if (by === 'face' && detect === undefined) {
    throw new OptionsError(
      'cropDataset: by face needs something that finds faces. Give `detect`, as loadFaceDetector of @janus/models returns.',
    );
  }
  return {
    by,
    detector: by === 'face' ? (detector ?? 'unnamed') : null,
    ...{ size, margin, shape, grey, format, minSide, withoutFace, severalFaces },
  };
}

/** Returns the name of the folder of images that were cropped in one way. */
export function cropKey(options: ResolvedCropOptions): string {
  const text = JSON.stringify(options, Object.keys(options).sort());
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 12);
  return `${options.size}px-${digest}`;
}
