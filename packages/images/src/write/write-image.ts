import { extname } from 'node:path';
import { OptionsError, writeFileAtomic } from '@janus/core';
import sharp from 'sharp';
import type { RgbImage } from '../decode/resample.js';
import { exifOf, withPngText, xmpOf, type Provenance } from './provenance.js';

/** Formats that {@link writeImage} writes. */
export const IMAGE_FORMATS = ['png', 'jpg', 'webp'] as const;

/** Ending of an image file, without the dot: `png` is lossless, the others have quality 95. */
export type ImageFormat = (typeof IMAGE_FORMATS)[number];

const QUALITY = 95;

const ENCODERS: Readonly<Record<ImageFormat, (image: sharp.Sharp) => sharp.Sharp>> = {
  png: (image) => image.png(),
  jpg: (image) => image.jpeg({ quality: QUALITY, chromaSubsampling: '4:4:4' }),
  webp: (image) => image.webp({ quality: QUALITY }),
};

/**
 * Writes pixels as an image file, atomically.
 *
 * @param path ends in `.png`, `.jpg` or `.webp`, which says the format
 * @param provenance written as XMP and EXIF, and as text into a PNG file; default nothing
 * @throws OptionsError when the path has another ending
 */
export async function writeImage(
  path: string,
  { pixels, width, height }: RgbImage,
  provenance?: Provenance,
): Promise<void> {
  const format = formatOf(path);
  const image = sharp(pixels, { raw: { width, height, channels: 3 } });
  const encoded = await described(ENCODERS[format](image), provenance).toBuffer();
  const isText = provenance !== undefined && format === 'png';
  await writeFileAtomic(path, isText ? withPngText(encoded, provenance) : encoded);
}

/** Writes an encoded PNG image, such as a sheet, with its provenance, atomically. */
export async function writeDescribedPng(
  path: string,
  png: Uint8Array,
  provenance: Provenance,
): Promise<void> {
  const encoded = await described(sharp(png).png({ compressionLevel: 9 }), provenance).toBuffer();
  await writeFileAtomic(path, withPngText(encoded, provenance));
}

function described(image: sharp.Sharp, provenance: Provenance | undefined): sharp.Sharp {
  if (provenance === undefined) return image;
  return image.withExif(exifOf(provenance)).withXmp(xmpOf(provenance));
}

function formatOf(path: string): ImageFormat {
  const ending = extname(path).slice(1);
  const format = IMAGE_FORMATS.find((each) => each === ending);
  if (format !== undefined) return format;
  throw new OptionsError(
    `writeImage: a file must end in .${IMAGE_FORMATS.join(', .')}, but got ${path}. Use .png.`,
  );
}
