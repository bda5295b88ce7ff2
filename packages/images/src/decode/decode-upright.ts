/** Decodes whole images, at the size that they have. */
import { readFile } from 'node:fs/promises';
import { DataError } from '@janus/core';
import sharp from 'sharp';
import type { RgbImage } from './resample.js';

/**
 * Decodes an image at its own size: upright by its EXIF orientation, converted to 8-bit sRGB, transparency on white.
 *
 * @param source path of a file, or the file's bytes
 * @param name of the image in errors; default: its path
 * @throws DataError when the file cannot be read or decoded, or is truncated
 */
export async function decodeUpright(
  source: string | Uint8Array,
  name: string = typeof source === 'string' ? source : 'an image in memory',
): Promise<RgbImage> {
  try {
    const bytes = typeof source === 'string' ? await readFile(source) : source;
    return await pixelsOfSharp(uprightSharp(bytes));
  } catch (error) {
    throw undecodable(name, error);
  }
}

/** Returns the error of an image that cannot be decoded. */
export function undecodable(name: string | undefined, error: unknown): DataError {
  const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
  return new DataError(
    `${name ?? 'an image in memory'}: must be a complete image, but ${reason ?? 'it cannot be decoded'}. Run \`janus data clean\`, or remove it.`,
    { cause: error, ...(name === undefined ? {} : { path: name }) },
  );
}

/** Opens an image of any format that sharp reads, upright, in sRGB and without transparency. */
export function uprightSharp(bytes: Uint8Array): sharp.Sharp {
  return sharp(bytes, { failOn: 'truncated' })
    .rotate()
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb');
}

/** Decodes what was opened with {@link uprightSharp}. */
export async function pixelsOfSharp(image: sharp.Sharp): Promise<RgbImage> {
  const { data, info } = await image
    .removeAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  return { pixels: channels === 3 ? data : replicated(data, channels), width, height };
}

/** Returns the first channel as RGB. */
export function replicated(raw: Uint8Array, channels = 1): Uint8Array {
  const pixels = new Uint8Array((raw.length / channels) * 3);
  for (let i = 0, o = 0; i < raw.length; i += channels) {
    const value = raw[i] ?? 0;
    pixels[o++] = value;
    pixels[o++] = value;
    pixels[o++] = value;
  }
  return pixels;
}
