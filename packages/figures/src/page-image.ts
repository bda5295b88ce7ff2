/** Images as a page holds them: no larger than they are shown, and compressed. */
import sharp from 'sharp';

/** Options of {@link pagePicture}. */
export interface PagePictureOptions {
  /** Pixels; a wider image is reduced to it. Default `PAGE_PICTURE_PX`. */
  readonly maxWidth?: number;
}

/** One and a half times the width of the report's column. */
export const PAGE_PICTURE_PX = 1488;

/** From WebP's 0 to 100: captions stay sharp, and what a network leaves in a face stays visible. */
const QUALITY = 82;

/** A compressed image. */
export interface PagePicture {
  /** Bytes of a WebP file. */
  readonly bytes: Buffer;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
}

/**
 * Returns an image as WebP, reduced where it is wider than it will be shown.
 *
 * @param encoded bytes of a PNG, JPEG or WebP file
 * @throws Error when the bytes are not such an image
 */
export async function pagePicture(
  encoded: Uint8Array,
  options: PagePictureOptions = {},
): Promise<PagePicture> {
  const { maxWidth = PAGE_PICTURE_PX } = options;
  const { data, info } = await sharp(encoded)
    .resize({ width: maxWidth, withoutEnlargement: true })
    .webp({ quality: QUALITY, smartSubsample: true, effort: 4 })
    .toBuffer({ resolveWithObject: true });
  return { bytes: data, width: info.width, height: info.height };
}
