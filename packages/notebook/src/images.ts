/** Image files as what a cell shows. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { DataError } from '@janus/core';
import type { Bundle } from './screen.js';

/** A file of an image by its path, or its bytes: PNG, JPEG, WebP or GIF. */
export type ImageFile = string | Uint8Array;

/** The first bytes of the formats that every browser shows. */
const FORMATS = [
  { mime: 'image/png', at: 0, signature: [0x89, 0x50, 0x4e, 0x47] },
  { mime: 'image/jpeg', at: 0, signature: [0xff, 0xd8, 0xff] },
  { mime: 'image/gif', at: 0, signature: [0x47, 0x49, 0x46, 0x38] },
  // RIFF, a length, WEBP
  { mime: 'image/webp', at: 8, signature: [0x57, 0x45, 0x42, 0x50] },
] as const;

/** Returns whether a text names an image file. */
export const isImagePath = (text: string): boolean => /\.(png|jpe?g|webp|gif)$/i.test(text);

/**
 * Returns an image as a cell shows it.
 *
 * @throws DataError when the file cannot be read, or is none of PNG, JPEG, WebP and GIF
 */
export async function imageBundle(image: ImageFile): Promise<Bundle> {
  const name = typeof image === 'string' ? basename(image) : 'image';
  const bytes = typeof image === 'string' ? await bytesOf(image) : Buffer.from(image);
  const format = FORMATS.find(({ at, signature }) =>
    signature.every((byte, i) => bytes[at + i] === byte),
  );
  if (format === undefined) {
    throw new DataError(
      `show: an image must be a PNG, JPEG, WebP or GIF file, but ${name} is not. Convert it, or draw it with contactSheet.`,
      typeof image === 'string' ? { path: image } : {},
    );
  }
  const { mime } = format;
  const text = `${name}: ${mime.slice('image/'.length)}, ${Math.ceil(bytes.length / 1000)} kB`;
  return { 'text/plain': text, [mime]: bytes.toString('base64') };
}

async function bytesOf(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new DataError(`show: ${path} cannot be read. Check the path.`, { path, cause: error });
  }
}
